// The page's login: the token is in an HttpOnly cookie, so the page asks the server what it says.
import { Router } from "express";
import type { RequestStrategy } from "express-jwt-strategy";
import type { User } from "../users/user-store.ts";

export function sessionRouter(cookie: RequestStrategy<User>, lifetimeSeconds: number): Router {
  const router = Router();

  router.post("/login", cookie.login);
  router.post("/refresh", cookie.refresh);
  router.post("/logout", cookie.logout);

  router.get("/", cookie.authenticate({ active: true }), (req, res) => {
    const { id, email, isActive, isVerified, isSuperuser } = cookie.currentUser(req);
    const claims = cookie.currentClaims(req);
    res.set("Cache-Control", "no-store").json({
      user: { id, email, isActive, isVerified, isSuperuser },
      claims,
      lifetimeSeconds,
      // Said in seconds from now: the browser's clock may be wrong.
      expiresInSeconds: Math.max(0, (claims.exp ?? 0) - Date.now() / 1000),
    });
  });

  return router;
}
