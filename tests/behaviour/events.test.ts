import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { afterEach, describe, expect, test } from "@jest/globals";
import {
  anyOf,
  cookieTransport,
  createJwtStrategy,
  type AuthenticateOptions,
  type LoginEvent,
} from "express-jwt-strategy";
import express, { type RequestHandler } from "express";
import request from "supertest";
import { publishAuthenticate } from "../../lib/authentication/events.ts";
import type { AuthResult } from "../../lib/authentication/identify.ts";
import { expectShowsNothingOf } from "../support/expect-construction-error.ts";
import { forge, goodClaims, nowInSeconds } from "../support/forge.ts";
import { hmacSecret, signingKey } from "../support/keys.ts";

interface User {
  readonly id: string;
  readonly isActive?: boolean;
  readonly isVerified?: boolean;
}

const PASSWORD = "correct horse battery staple";
const accounts = new Map<string, User>([
  ["ann", { id: "42", isVerified: true }],
  ["ian", { id: "43", isActive: false }],
  ["eve", { id: "44" }],
]);
const auth = createJwtStrategy<User>({
  secret: hmacSecret,
  lifetimeSeconds: 3600,
  requiresVerification: true,
  verifyCredentials: ({ username, password }) =>
    password === PASSWORD ? accounts.get(username) : null,
  findUser: (id) => (id === "unknown" ? null : { id, isVerified: true }),
});

function tokenOf(changes: Record<string, unknown> = {}): string {
  return forge("HS256", signingKey("HS256"), goodClaims(changes));
}

const subscribers: (() => void)[] = [];

afterEach(() => {
  for (const stop of subscribers.splice(0)) stop();
});

/** Records the events of a channel until the test ends. */
function eventsOn(name: "authenticate" | "login"): unknown[] {
  const events: unknown[] = [];
  const record = (event: unknown): void => void events.push(event);
  subscribe(`express-jwt-strategy:${name}`, record);
  subscribers.push(() => unsubscribe(`express-jwt-strategy:${name}`, record));
  return events;
}

async function send(handlers: readonly RequestHandler[], token?: string): Promise<number> {
  const app = express().use(...handlers);
  app.use((_req, res) => void res.send("in"));
  const sent = request(app).post("/");
  const { status } = await (token === undefined
    ? sent
    : sent.set("Authorization", `Bearer ${token}`));
  return status;
}

describe("the channel express-jwt-strategy:authenticate", () => {
  test.each<[string, string | undefined, AuthenticateOptions<User>, object]>([
    ["a valid token", tokenOf(), {}, { outcome: "accepted", userId: "42" }],
    ["no token", undefined, {}, { outcome: "refused", reason: "credentials_missing" }],
    [
      "no token if authentication is optional",
      undefined,
      { optional: true },
      { outcome: "anonymous", reason: "credentials_missing" },
    ],
    ["a malformed header", "a b", {}, { outcome: "refused", reason: "authorization_malformed" }],
    [
      "a value that is not a token",
      "garbage",
      { optional: true },
      { outcome: "refused", reason: "malformed" },
    ],
    [
      "garbage if optional is lenient",
      "garbage",
      { optional: "lenient" },
      { outcome: "anonymous", reason: "malformed" },
    ],
    [
      "an expired token",
      tokenOf({ exp: nowInSeconds() - 1 }),
      {},
      { outcome: "refused", reason: "token_expired" },
    ],
    [
      "an unknown user",
      tokenOf({ sub: "unknown" }),
      {},
      { outcome: "refused", reason: "user_not_found", userId: "unknown" },
    ],
    [
      "a user who is not a superuser",
      tokenOf(),
      { superuser: true },
      { outcome: "refused", reason: "user_not_superuser", userId: "42" },
    ],
    [
      "a token without the required scope",
      tokenOf(),
      { scopes: ["write"] },
      { outcome: "refused", reason: "scope_missing", userId: "42" },
    ],
    [
      "a user whom allow refuses if optional is lenient",
      tokenOf(),
      { allow: () => false, optional: "lenient" },
      { outcome: "anonymous", reason: "not_authorized", userId: "42" },
    ],
  ])("publishes an event for %s", async (_what, token, options, event) => {
    const events = eventsOn("authenticate");
    await send([auth.authenticate(options)], token);
    expect(events).toEqual([event]);
    expectShowsNothingOf(token, JSON.stringify(events));
  });

  test("publishes an event for a logout", async () => {
    const events = eventsOn("authenticate");
    await send([auth.logout], tokenOf());
    await send([auth.logout]);
    expect(events).toEqual([
      { outcome: "accepted", userId: "42" },
      { outcome: "refused", reason: "credentials_missing" },
    ]);
  });

  test("publishes an event for authenticateRequest", async () => {
    const events = eventsOn("authenticate");
    const req = new IncomingMessage(new Socket());
    await auth.authenticateRequest(req, { optional: true });
    await expect(auth.authenticateRequest(req)).rejects.toThrow();
    req.headers.authorization = `Bearer ${tokenOf()}`;
    await auth.authenticateRequest(req);
    expect(events).toEqual([
      { outcome: "anonymous", reason: "credentials_missing" },
      { outcome: "refused", reason: "credentials_missing" },
      { outcome: "accepted", userId: "42" },
    ]);
  });

  test("publishes an event for a cross-site request", async () => {
    const events = eventsOn("authenticate");
    const byCookie = createJwtStrategy({
      secret: hmacSecret,
      lifetimeSeconds: 60,
      transport: cookieTransport(),
    });
    const app = express().use(byCookie.authenticate());
    await request(app).post("/").set("Sec-Fetch-Site", "cross-site");
    expect(events).toEqual([{ outcome: "refused", reason: "cross_site" }]);
  });

  test("publishes one event for a request to anyOf()", async () => {
    const events = eventsOn("authenticate");
    const other = createJwtStrategy({
      secret: hmacSecret,
      lifetimeSeconds: 60,
      tokenAudience: "x",
    });
    await send([anyOf(other, auth).authenticate()], tokenOf());
    expect(events).toEqual([{ outcome: "accepted", userId: "42" }]);
  });

  describe("for authorize() behind authenticate()", () => {
    test("publishes nothing if authorize() accepts the same user", async () => {
      const events = eventsOn("authenticate");
      expect(await send([auth.authenticate(), auth.authorize({ verified: true })], tokenOf())).toBe(
        200,
      );
      expect(events).toEqual([{ outcome: "accepted", userId: "42" }]);
    });

    test("publishes an event if authorize() refuses", async () => {
      const events = eventsOn("authenticate");
      expect(
        await send([auth.authenticate(), auth.authorize({ superuser: true })], tokenOf()),
      ).toBe(403);
      expect(events).toEqual([
        { outcome: "accepted", userId: "42" },
        { outcome: "refused", reason: "user_not_superuser", userId: "42" },
      ]);
    });

    test("publishes an event if authorize() refuses a request without a token", async () => {
      const events = eventsOn("authenticate");
      expect(
        await send([auth.authenticate({ optional: true }), auth.authorize({ optional: false })]),
      ).toBe(401);
      expect(events).toEqual([
        { outcome: "anonymous", reason: "credentials_missing" },
        { outcome: "refused", reason: "credentials_missing" },
      ]);
    });
  });

  test("publishes nothing if findUser fails", async () => {
    const events = eventsOn("authenticate");
    const failing = createJwtStrategy({
      secret: hmacSecret,
      lifetimeSeconds: 60,
      findUser: () => Promise.reject(new Error("database down")),
    });
    expect(await send([failing.authenticate()], tokenOf())).toBe(500);
    expect(events).toEqual([]);
  });

  test("does not create an event without a subscriber", () => {
    const trap = new Proxy({} as AuthResult<User>, {
      get() {
        throw new Error("looked at");
      },
      getPrototypeOf() {
        throw new Error("looked at");
      },
    });
    publishAuthenticate(trap, true);
    eventsOn("authenticate");
    expect(() => publishAuthenticate(trap, true)).toThrow("looked at");
  });
});

describe("the channel express-jwt-strategy:login", () => {
  test.each<[string, object | undefined, LoginEvent]>([
    ["a login", { username: "ann", password: PASSWORD }, { outcome: "accepted", userId: "42" }],
    [
      "a wrong password",
      { username: "ann", password: "wrong horse battery staple" },
      { outcome: "refused", reason: "credentials_invalid" },
    ],
    [
      "an inactive user",
      { username: "ian", password: PASSWORD },
      { outcome: "refused", reason: "user_inactive" },
    ],
    [
      "a user who is not verified",
      { username: "eve", password: PASSWORD },
      { outcome: "refused", reason: "user_not_verified" },
    ],
    ["no body", undefined, { outcome: "refused", reason: "body_invalid" }],
    [
      "a password that is not a string",
      { username: "ann", password: { $ne: null } },
      { outcome: "refused", reason: "username_or_password_invalid" },
    ],
    [
      "another grant type",
      { grant_type: "refresh_token", username: "ann", password: PASSWORD },
      { outcome: "refused", reason: "grant_type_unsupported" },
    ],
  ])("publishes an event for %s", async (_what, body, event) => {
    const events = eventsOn("login");
    const response = await request(express().use(auth.login)).post("/").send(body);
    expect(events).toEqual([event]);
    const { access_token: token } = response.body as { access_token?: string };
    expectShowsNothingOf([token, body], JSON.stringify(events));
  });

  test("publishes an event for a login from another site", async () => {
    const events = eventsOn("login");
    const { login } = createJwtStrategy({
      secret: hmacSecret,
      lifetimeSeconds: 60,
      transport: cookieTransport(),
      verifyCredentials: () => ({ id: "42" }),
    });
    await request(express().use(login)).post("/").set("Sec-Fetch-Site", "cross-site");
    expect(events).toEqual([{ outcome: "refused", reason: "cross_site" }]);
  });

  test("publishes nothing for a login that fails with a 500", async () => {
    const events = eventsOn("login");
    const { login } = createJwtStrategy({
      secret: hmacSecret,
      lifetimeSeconds: 60,
      verifyCredentials: () => ({ id: "42" }),
      onAfterLogin: () => Promise.reject(new Error("database down")),
    });
    const sent = request(express().use(login)).post("/");
    expect((await sent.send({ username: "ann", password: PASSWORD })).status).toBe(500);
    expect(events).toEqual([]);
  });
});
