import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type * as Package from "express-jwt-strategy";
import express from "express";
import request from "supertest";
import { expectRefusal } from "../../support/expect-refusal.ts";
import { hmacSecret } from "../../support/keys.ts";

// As Node's --frozen-intrinsics option or a hardened app freezes them. Each test file in Jest has its own realm.
let lib: typeof Package;
const toFreeze = [Error, Error.prototype, TypeError, TypeError.prototype];

beforeAll(async () => {
  for (const value of toFreeze) Object.freeze(value);
  lib = await import("express-jwt-strategy");
});

afterAll(() => {
  expect(toFreeze.every((value) => Object.isFrozen(value))).toBe(true);
});

test("a refused request gets its response if Error is frozen", async () => {
  const auth = lib.createJwtStrategy({
    secret: hmacSecret,
    lifetimeSeconds: 3600,
    verifyCredentials: () => null,
  });
  const app = express().post("/login", auth.login).use(auth.authenticate());
  await expectRefusal(request(app).get("/"), 401);
  await expectRefusal(
    request(app).get("/").set("Authorization", "Bearer a.b.c"),
    401,
    "invalid_token",
  );
  const login = await request(app).post("/login").send({ username: "ada", password: "wrong" });
  expect([login.status, (login.body as { detail: string }).detail]).toEqual([
    400,
    "LOGIN_BAD_CREDENTIALS",
  ]);
});

test("errors keep their names and messages if Error is frozen", () => {
  const error = new lib.InvalidTokenError("malformed");
  expect([error.name, error.message, error.reason]).toEqual([
    "InvalidTokenError",
    "The access token is invalid",
    "malformed",
  ]);
  expect(error).toBeInstanceOf(Error);
  expect(new lib.KeysUnavailableError("timeout").name).toBe("KeysUnavailableError");
});

test("an invalid option is a TypeError if Error is frozen", () => {
  expect(() => lib.createJwtStrategy({ secret: "", lifetimeSeconds: 3600 })).toThrow(/^secret/);
});
