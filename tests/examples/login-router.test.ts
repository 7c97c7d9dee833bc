import { randomBytes } from "node:crypto";
import { expect, test } from "@jest/globals";
import express from "express";
import request from "supertest";
import { createJwtStrategy } from "express-jwt-strategy";
import { loginRouter } from "../../examples/login-router.ts";

const ADA = { username: "ada@example.com", password: "analytical-engine" };

test("examples/login-router.ts mounts login, refresh, logout and me under any path", async () => {
  const ada = { id: "1", email: "ada@example.com", isActive: true, secret: "x" };
  const auth = createJwtStrategy({
    secret: randomBytes(64),
    lifetimeSeconds: 60,
    verifyCredentials: () => ada,
    findUser: () => ada,
  });
  const app = express().use("/session", loginRouter(auth));

  const login = await request(app).post("/session/login").send(ADA).expect(200);
  const { access_token: token } = login.body as { access_token: string };
  await request(app)
    .get("/session/me")
    .auth(token, { type: "bearer" })
    .expect(200, { id: "1", email: "ada@example.com" });
  const refreshed = await request(app)
    .post("/session/refresh")
    .auth(token, { type: "bearer" })
    .expect(200);
  expect(refreshed.body).toMatchObject({ token_type: "bearer", expires_in: 60 });
  await request(app).post("/session/logout").auth(token, { type: "bearer" }).expect(204);
});
