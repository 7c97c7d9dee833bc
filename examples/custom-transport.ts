// A token in a custom header: a Transport defines how a token is sent.
import { randomBytes } from "node:crypto";
import express from "express";
import { createJwtStrategy, type Transport } from "express-jwt-strategy";
import { listen } from "./listen.ts";
import { users } from "./users.ts";

function apiTokenTransport(): Transport {
  return {
    // Returns the value as it was sent: the strategy verifies it. Node.js joins two lines to "one, two", which is not a token.
    extractToken: (req) => req.headers["x-api-token"]?.toString(),
    loginResponse: (token, lifetimeSeconds) => ({
      status: 200,
      headers: { "X-Api-Token": token },
      body: { expiresIn: lifetimeSeconds },
    }),
    logoutResponse: () => ({ status: 204 }),
  };
}

const auth = createJwtStrategy({
  secret: randomBytes(64), // in production: process.env.JWT_SECRET
  lifetimeSeconds: 3600,
  transport: apiTokenTransport(),
  verifyCredentials: ({ username, password }) => users.checkPassword(username, password),
  findUser: (id) => users.findById(id),
});

const app = express();
app.post("/login", auth.login);
app.post("/logout", auth.logout);
app.get("/me", auth.authenticate(), (req, res) => {
  res.json({ email: auth.currentUser(req).email });
});
listen(app);
