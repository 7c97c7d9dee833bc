import { randomBytes } from "node:crypto";
import { test } from "@jest/globals";
import express from "express";
import request from "supertest";
import { createJwtStrategy } from "express-jwt-strategy";

const ada = { id: "1", name: "Ada Lovelace" };
const auth = createJwtStrategy({
  secret: randomBytes(64),
  lifetimeSeconds: 3600,
  findUser: (id) => (id === ada.id ? ada : null),
});
const app = express().get("/me", auth.authenticate(), (req, res) => {
  res.json({ name: auth.currentUser(req).name });
});

test("shows the user's name", async () => {
  const token = await auth.writeToken(ada);
  await request(app).get("/me").auth(token, { type: "bearer" }).expect(200, { name: ada.name });
});

test("refuses a request without a token", async () => {
  await request(app).get("/me").expect(401);
});
