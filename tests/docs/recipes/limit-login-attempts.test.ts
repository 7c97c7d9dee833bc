import { randomBytes } from "node:crypto";
import { beforeEach, describe, expect, test } from "@jest/globals";
import express, { type Request } from "express";
import { RateLimiterMemory } from "rate-limiter-flexible";
import request from "supertest";
import { createJwtStrategy } from "express-jwt-strategy";
import { network } from "../../../examples/network.ts";

const secret = randomBytes(64);
const ada = { id: "1", email: "ada@example.com" };
const users = {
  checkPassword: (email: string, password: string) =>
    email === ada.email && password === "right" ? ada : null,
};

const fifteenMinutes = 15 * 60;
const byAccount = new RateLimiterMemory({ points: 5, duration: fifteenMinutes });
const byAddress = new RateLimiterMemory({ points: 50, duration: fifteenMinutes });

const auth = createJwtStrategy({
  secret,
  lifetimeSeconds: 3600,
  async verifyCredentials({ username, password }, req: Request) {
    try {
      await byAccount.consume(username.toLowerCase());
      await byAddress.consume(network(req.ip));
    } catch (limit) {
      if (limit instanceof Error) throw limit; // the store is down: a 500, and no free tries
      return null; // too many tries look like a wrong password
    }
    return users.checkPassword(username, password);
  },
  async onAfterLogin(user) {
    await byAccount.delete(user.email.toLowerCase());
  },
});

const app = express().post("/login", auth.login);

async function logIn(password: string, username = ada.email): Promise<number> {
  const login = await request(app).post("/login").type("form").send({ username, password });
  return login.status;
}

beforeEach(async () => {
  await byAccount.delete(ada.email);
  for (const ip of ["127.0.0.1", "0:0:0:0"]) await byAddress.delete(ip);
});

describe("a limit on login attempts", () => {
  test("refuses the right password after five wrong ones, in any spelling of the name", async () => {
    for (let wrong = 0; wrong < 5; wrong += 1)
      expect(await logIn("wrong", "ADA@example.com")).toBe(400);
    expect(await logIn("right")).toBe(400);
  });

  test("is reset by a login", async () => {
    for (let wrong = 0; wrong < 4; wrong += 1) expect(await logIn("wrong")).toBe(400);
    expect(await logIn("right")).toBe(200);
    for (let wrong = 0; wrong < 4; wrong += 1) expect(await logIn("wrong")).toBe(400);
    expect(await logIn("right")).toBe(200);
  });

  test("counts attempts of one network for all accounts", async () => {
    for (let wrong = 0; wrong < 50; wrong += 1) await logIn("wrong", `user${String(wrong)}`);
    expect(await logIn("right")).toBe(400);
  });

  test.each([
    ["192.0.2.1", "192.0.2.1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
    ["2001:db8::5:6", "2001:db8:0:0"],
    ["::1", "0:0:0:0"],
  ])("maps %s to %s", (ip, expected) => {
    expect(network(ip)).toBe(expected);
  });
});
