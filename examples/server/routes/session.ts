// The page's login: the token is in an HttpOnly cookie, so that the page requests its claims from the server.
import { Router } from "express";
import type { RequestStrategy } from "express-jwt-strategy";
import type { User } from "../users/user-store.ts";

export function sessionRouter(cookie: RequestStrategy<User>, lifetimeSeconds: number): Router {
  const router = Router();

  router.post("/login", cookie.login);
  router.post("/refresh", cookie.refresh);
  router.post("/logout", cookie.logout);

  // "lenient": without a valid token, the response is "no user" instead of an error.
  router.get("/", cookie.authenticate({ optional: "lenient" }), (req, res) => {
    res.set("Cache-Control", "no-store");
    const user = cookie.currentUser(req, { optional: true });
    if (user === undefined) {
      res.json({ user: null });
      return;
    }
    const { id, email, isActive, isVerified, isSuperuser } = user;
    const claims = cookie.currentClaims(req);
    res.json({
      user: { id, email, isActive, isVerified, isSuperuser },
      claims,
      lifetimeSeconds,
      // Relative to now, because the browser's clock may be wrong.
      expiresInSeconds: Math.max(0, (claims.exp ?? 0) - Date.now() / 1000),
    });
  });

  return router;
}
