// Each tenant has its own secret: a token of one tenant is invalid for another.
import { randomBytes } from "node:crypto";
import express, { type Request } from "express";
import { createJwtStrategy, dynamicStrategy } from "express-jwt-strategy";
import { listen } from "./listen.ts";
import { users } from "./users.ts";

function createTenant() {
  return createJwtStrategy({
    secret: randomBytes(64), // in production: the secret of the tenant, from your secret store
    lifetimeSeconds: 3600,
    verifyCredentials: ({ username, password }) => users.checkPassword(username, password),
    findUser: (id) => users.findById(id),
  });
}

// Created once for each tenant, not for each request, because a strategy caches verified tokens.
const tenants = new Map([
  ["acme", createTenant()],
  ["globex", createTenant()],
]);

// acme.localhost → "acme". An unknown tenant results in a 401.
const auth = dynamicStrategy((req: Request) => tenants.get(req.hostname.split(".", 1)[0] ?? ""));

const app = express();
app.post("/login", auth.login);
app.get("/me", auth.authenticate(), (req, res) => {
  res.json({ email: auth.currentUser(req).email, tenant: req.hostname });
});
listen(app);
