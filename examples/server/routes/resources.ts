// Routes that require a user, a superuser or a scope. Both strategies are accepted.
import { Router } from "express";
import type { RequestStrategy } from "express-jwt-strategy";
import type { User } from "../users/user-store.ts";

export function resourceRouter(auth: RequestStrategy<User>): Router {
  const router = Router();

  router.get("/me", auth.authenticate(), (req, res) => {
    const { id, email } = auth.currentUser(req);
    res.json({ id, email });
  });

  router.get("/admin", auth.authenticate({ superuser: true }), (req, res) => {
    res.json({ message: `Welcome to the engine room, ${auth.currentUser(req).email}` });
  });

  router.get("/notes", auth.authenticate({ scopes: ["notes:read"] }), (_req, res) => {
    res.json({ notes: ["Bernoulli numbers", "A moth in relay 70"] });
  });

  router.post("/notes", auth.authenticate({ scopes: ["notes:write"] }), (req, res) => {
    res.status(201).json({ writtenBy: auth.currentUser(req).email });
  });

  return router;
}
