// A router with login, refresh, logout and me, to be mounted wherever an app wants it.
import { Router } from "express";
import type { JwtStrategy } from "express-jwt-strategy";

/** What a client may know of a user. */
export interface Profile {
  readonly id: string;
  readonly email: string;
  readonly name: string;
}

/** `app.use("/auth", loginRouter(auth))` */
export function loginRouter(auth: JwtStrategy<Profile>): Router {
  const router = Router();

  router.post("/login", auth.login);
  router.post("/refresh", auth.refresh);
  router.post("/logout", auth.logout);

  router.get("/me", auth.authenticate({ active: true }), (req, res) => {
    const { id, email, name } = auth.currentUser(req);
    res.json({ id, email, name });
  });

  return router;
}
