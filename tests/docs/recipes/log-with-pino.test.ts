import { randomBytes } from "node:crypto";
import { subscribe, unsubscribe, type ChannelListener } from "node:diagnostics_channel";
import { afterAll, expect, test } from "@jest/globals";
import express from "express";
import pino from "pino";
import request from "supertest";
import { createJwtStrategy } from "express-jwt-strategy";

const lines: string[] = [];
const log = pino({ base: null, timestamp: false }, { write: (line) => lines.push(line) });

const logEvent: ChannelListener = (event, channel) => log.info(event, String(channel));
subscribe("express-jwt-strategy:authenticate", logEvent);
subscribe("express-jwt-strategy:login", logEvent);

afterAll(() => {
  unsubscribe("express-jwt-strategy:authenticate", logEvent);
  unsubscribe("express-jwt-strategy:login", logEvent);
});

const auth = createJwtStrategy({
  secret: randomBytes(64),
  lifetimeSeconds: 3600,
  verifyCredentials: ({ password }) => (password === "right" ? { id: "1" } : null),
});

test("each attempt is logged with its outcome and reason, and without its token", async () => {
  const app = express().get("/", auth.authenticate()).post("/login", auth.login);
  await request(app).get("/").auth("x", { type: "bearer" }).expect(401);
  await request(app).post("/login").send({ username: "ada", password: "right" }).expect(200);

  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    {
      level: 30,
      outcome: "refused",
      reason: "malformed",
      msg: "express-jwt-strategy:authenticate",
    },
    { level: 30, outcome: "accepted", userId: "1", msg: "express-jwt-strategy:login" },
  ]);
});
