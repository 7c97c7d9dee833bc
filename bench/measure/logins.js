// Ways to answer a login with a token. Each gets the username, and the password is always right.
import express from "express";
import { createPrivateKey, createSecretKey } from "node:crypto";
import { createClaims, createSigner } from "../fixtures/tokens.js";

/** `make(setup)` gives the handlers of the login route. */
export const logins = [
  { id: "ours", name: "express-jwt-strategy", make: withOurs },
  { id: "jsonwebtoken", name: "jsonwebtoken, KeyObject", make: withJsonwebtoken },
  { id: "jose", name: "jose, imported key", make: withJose },
  { id: "limit-pool", name: "limit: crypto.sign on the thread pool", make: withThreadPool },
];

async function withOurs({ algorithm, signingKey, audience }) {
  const { createJwtStrategy } = await import("express-jwt-strategy");
  const auth = createJwtStrategy({
    secret: signingKey,
    algorithm,
    tokenAudience: audience,
    lifetimeSeconds: 3600,
    verifyCredentials: ({ username }) => ({ id: username }),
  });
  return [auth.login];
}

async function withJsonwebtoken(setup) {
  const { default: jsonwebtoken } = await import("jsonwebtoken");
  const { algorithm } = setup;
  const key = toKeyObject(setup);
  return answerBy((claims) => jsonwebtoken.sign(claims, key, { algorithm }), setup);
}

async function withJose(setup) {
  const { SignJWT, importPKCS8 } = await import("jose");
  const { algorithm, signingKey } = setup;
  const key =
    algorithm === "HS256"
      ? new TextEncoder().encode(signingKey)
      : await importPKCS8(signingKey, algorithm);
  return answerBy(
    (claims) => new SignJWT(claims).setProtectedHeader({ alg: algorithm, typ: "JWT" }).sign(key),
    setup,
  );
}

async function withThreadPool(setup) {
  return answerBy(createSigner(setup), setup);
}

function toKeyObject({ algorithm, signingKey }) {
  return algorithm === "HS256" ? createSecretKey(signingKey, "utf8") : createPrivateKey(signingKey);
}

function answerBy(sign, setup) {
  async function login(req, res) {
    const access_token = await sign(createClaims(setup, req.body.username));
    res.json({ access_token, token_type: "bearer", expires_in: 3600 });
  }
  return [express.json(), login];
}
