// One service signs tokens with a private key; another verifies them with only the public key.
import { generateKeyPairSync } from "node:crypto";
import express from "express";
import { createJwtStrategy } from "express-jwt-strategy";
import { listen } from "./listen.ts";
import { users } from "./users.ts";

// In production each service reads its own PEM: process.env.JWT_PRIVATE_KEY, process.env.JWT_PUBLIC_KEY.
const { privateKey, publicKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});

const issuer = createJwtStrategy({
  algorithm: "RS256",
  secret: privateKey,
  lifetimeSeconds: 900,
  tokenAudience: "reports",
  verifyCredentials: ({ username, password }) => users.checkPassword(username, password),
});

const loginService = express();
loginService.post("/login", issuer.login);

// No secret: an attacker who controls this service cannot issue tokens. Without findUser, the user is
// the claims of the token.
const verifier = createJwtStrategy({
  algorithm: "RS256",
  publicKey,
  lifetimeSeconds: 900,
  tokenAudience: "reports",
});

const reportService = express();
reportService.get("/reports", verifier.authenticate(), (req, res) => {
  res.json({ reportsOf: verifier.currentUser(req).sub });
});

listen(loginService);
listen(reportService, { variable: "REPORTS_PORT", defaultPort: 3001 });
