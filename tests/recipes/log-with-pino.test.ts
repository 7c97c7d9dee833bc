import { randomBytes } from "node:crypto";
import { expect, test } from "@jest/globals";
import { subscribe } from "node:diagnostics_channel";
import express from "express";
import pino from "pino";
import request from "supertest";
import { createJwtStrategy } from "express-jwt-strategy";

const lines: string[] = [];
const log = pino({ base: null, timestamp: false }, { write: (line) => lines.push(line) });

subscribe("express-jwt-strategy:authenticate", (event) => log.info(event, "authenticate"));
subscribe("express-jwt-strategy:login", (event) => log.info(event, "login"));

const auth = createJwtStrategy({
  secret: randomBytes(64),
  lifetimeSeconds: 3600,
  verifyCredentials: ({ password }) => (password === "right" ? { id: "1" } : null),
});

test("each attempt is a line of the log, with its outcome and reason and without its token", async () => {
  const app = express().get("/", auth.authenticate()).post("/login", auth.login);
  await request(app).get("/").auth("x", { type: "bearer" }).expect(401);
  await request(app).post("/login").send({ username: "ada", password: "right" }).expect(200);

  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    { level: 30, outcome: "refused", reason: "malformed", msg: "authenticate" },
    { level: 30, outcome: "accepted", userId: "1", msg: "login" },
  ]);
});
