// scopes limit what a token may be used for; allow decides what its user may do.
import { randomBytes } from "node:crypto";
import express, { type Request } from "express";
import { createJwtStrategy } from "express-jwt-strategy";
import { listen } from "./listen.ts";
import { users } from "./users.ts";

const auth = createJwtStrategy({
  secret: randomBytes(64), // in production: process.env.JWT_SECRET
  lifetimeSeconds: 3600,
  verifyCredentials: ({ username, password }) => users.checkPassword(username, password),
  findUser: (id) => users.findById(id),
  // Written at login, and valid until the token expires. Permissions that may change earlier are a
  // task for allow.
  claims: (user) => ({ scope: user.isSuperuser ? "notes:read notes:write" : "notes:read" }),
});

const notes = new Map([
  ["1", { owner: "ada@example.com", text: "Bernoulli numbers" }],
  ["2", { owner: "grace@example.com", text: "A moth in relay 70" }],
]);

const app = express();
app.post("/login", auth.login);

// All routes below /notes require this scope.
app.use("/notes", auth.authenticate({ scopes: ["notes:read"] }));

app.get("/notes", (_req, res) => {
  res.json([...notes.values()]);
});

// An additional condition. The token is not verified again.
app.delete(
  "/notes/:id",
  auth.authorize({
    scopes: ["notes:write"],
    allow: (user, _claims, req: Request<{ id: string }>) =>
      notes.get(req.params.id)?.owner === user.email,
  }),
  (req, res) => {
    notes.delete(req.params.id);
    res.json({ deleted: req.params.id, by: auth.currentClaims(req).sub });
  },
);

listen(app);
