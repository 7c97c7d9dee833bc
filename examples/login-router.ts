// A router with login, refresh, logout and me, which an app can mount at any path.
import { Router } from "express";
import type { RequestStrategy } from "express-jwt-strategy";

/** The properties of a user that are sent to clients. */
export interface Profile {
  readonly id: string;
  readonly email: string;
}

/** `app.use("/auth", loginRouter(auth))` */
export function loginRouter(auth: RequestStrategy<Profile>): Router {
  const router = Router();

  router.post("/login", auth.login);
  router.post("/refresh", auth.refresh);
  router.post("/logout", auth.logout);

  router.get("/me", auth.authenticate({ active: true }), (req, res) => {
    const { id, email } = auth.currentUser(req);
    res.json({ id, email });
  });

  return router;
}
