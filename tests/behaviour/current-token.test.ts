import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { inspect } from "node:util";
import { afterEach, describe, expect, jest, test } from "@jest/globals";
import { anyOf, cookieTransport, createJwtStrategy } from "express-jwt-strategy";
import express from "express";
import request from "supertest";
import { forge } from "../support/forge.ts";
import { hmacSecret, signingKey } from "../support/keys.ts";
import { createRequest } from "../support/request.ts";

const TOKEN = forge("HS256", signingKey("HS256"));
const options = { secret: hmacSecret, lifetimeSeconds: 3600 } as const;
const bearerAuth = createJwtStrategy(options);
const cookieAuth = createJwtStrategy({ ...options, transport: cookieTransport() });

afterEach(() => {
  jest.restoreAllMocks();
});

describe("currentToken", () => {
  test.each([
    ["bearerTransport", bearerAuth, { authorization: `Bearer ${TOKEN}` }],
    ["cookieTransport", cookieAuth, { cookie: `fastapiusersauth=${TOKEN}` }],
    ["anyOf", anyOf(bearerAuth, cookieAuth), { cookie: `fastapiusersauth=${TOKEN}` }],
  ])("returns the token of a request: %s", async (_name, auth, headers) => {
    const app = express().get(
      "/",
      auth.authenticate(),
      auth.authorize({ optional: false }),
      (req, res) => {
        res.end(auth.currentToken(req));
      },
    );
    await request(app).get("/").set(headers).expect(200, TOKEN);
    const req = createRequest("GET", headers);
    await auth.authenticateRequest(req);
    expect(auth.currentToken(req)).toBe(TOKEN);
  });

  test("throws a TypeError for a request without a user, or returns undefined if optional", async () => {
    const refused = createRequest("GET", { authorization: "Bearer a.b.c" });
    await expect(bearerAuth.authenticateRequest(refused)).rejects.toThrow();
    for (const req of [refused, createRequest("GET", {})]) {
      expect(() => bearerAuth.currentToken(req)).toThrow(TypeError);
      expect(bearerAuth.currentToken(req, { optional: true })).toBeUndefined();
    }
  });

  test("is not visible in inspections, JSON, events and arguments of the app's functions", async () => {
    const seen: unknown[] = [];
    const collect = (...values: unknown[]): boolean => {
      seen.push(...values);
      return true;
    };
    const channel = "express-jwt-strategy:authenticate";
    subscribe(channel, collect);
    const findUser = (id: string, claims: unknown): { id: string } => {
      collect(claims);
      return { id };
    };
    const auth = createJwtStrategy({ ...options, findUser });
    const req = createRequest("GET", { authorization: `Bearer ${TOKEN}` });
    const allow = (user: unknown, claims: unknown): boolean => collect(user, claims);
    collect(await auth.authenticateRequest(req, { allow }), auth, auth.currentUser(req));
    unsubscribe(channel, collect);

    req.headers = {}; // Node.js keeps the token in the headers.
    seen.push(req);
    expect(seen.length).toBeGreaterThan(6);
    for (const value of seen) {
      const inspected = inspect(value, { showHidden: true, depth: Infinity, getters: false });
      expect(inspected).not.toContain(TOKEN);
      expect(inspected).not.toContain(TOKEN.split(".")[2]);
    }
    expect(JSON.stringify(seen.slice(0, -1))).not.toContain(TOKEN);
  });

  test("is not visible in inspections of the arguments of guards", () => {
    const auth = createJwtStrategy(options);
    const [symbol] = Object.getOwnPropertySymbols(auth);
    const { identify } = Reflect.get(auth, symbol ?? "") as {
      identify: (req: unknown) => unknown;
    };
    const result = identify(createRequest("GET", { authorization: `Bearer ${TOKEN}` }));
    expect(result).toMatchObject({ claims: { sub: "42" } });
    expect(inspect(result, { showHidden: true, depth: Infinity })).not.toContain(TOKEN);
    expect(JSON.stringify(result)).not.toContain(TOKEN);
  });
});
