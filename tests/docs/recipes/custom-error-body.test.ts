import { randomBytes } from "node:crypto";
import { test } from "@jest/globals";
import express, { type ErrorRequestHandler } from "express";
import request from "supertest";
import { AuthError, createJwtStrategy } from "express-jwt-strategy";

const secret = randomBytes(64);

const auth = createJwtStrategy({
  secret,
  lifetimeSeconds: 3600,
  onAuthError: (error, _req, _res, next) => next(error),
});

const answerErrors: ErrorRequestHandler = (error: unknown, _req, res, next) => {
  if (error instanceof AuthError) {
    res.status(error.status).json({ code: error.code, message: error.message });
  } else {
    next(error);
  }
};

test("a refusal has the app's body, and keeps its status and challenge", async () => {
  const app = express().get("/", auth.authenticate()).use(answerErrors);
  await request(app)
    .get("/")
    .auth("x", { type: "bearer" })
    .expect(401, { code: "invalid_token", message: "The access token is invalid" })
    .expect("WWW-Authenticate", /^Bearer realm="api", error="invalid_token"/)
    .expect("Cache-Control", "no-store");
});
