import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import {
  cookieTransport,
  createJwtStrategy,
  type AuthenticateOptions,
  type JwtStrategy,
  type UserStrategyOptions,
} from "express-jwt-strategy";
import express, { type RequestHandler } from "express";
import fc from "fast-check";
import request, { type Response } from "supertest";
import { expectRefusal } from "../support/expect-refusal.ts";
import { AUDIENCE, forge } from "../support/forge.ts";
import { hmacSecret, signingKey } from "../support/keys.ts";

interface User {
  readonly id: string;
  readonly isActive?: unknown;
  readonly isVerified?: unknown;
}

const KEY = signingKey("HS256");
const START = 1_700_000_000;
const LIFETIME = 1000;
const MAX = 3000;
const ATTRIBUTES = "Path=/; Secure; HttpOnly; SameSite=lax";

let now = START;
const claims = jest.fn(() => ({}));

beforeEach(() => {
  now = START;
  claims.mockClear();
  jest.spyOn(Date, "now").mockImplementation(() => Math.round(now * 1000));
});
afterEach(() => void jest.restoreAllMocks());

function createAuth(options: Partial<UserStrategyOptions<User>> = {}): JwtStrategy<User> {
  return createJwtStrategy<User>({
    secret: hmacSecret,
    lifetimeSeconds: LIFETIME,
    renewAfterFraction: 0.5,
    transport: cookieTransport(),
    verifyCredentials: () => ({ id: "42" }),
    findUser: (id) => ({ id }),
    ...(options as object),
    claims,
  });
}

const signed = (exp: number, more: object = {}): string =>
  forge("HS256", KEY, { sub: "42", aud: [AUDIENCE], exp, ...more });
const cookieOf = (token: string): string => `fastapiusersauth=${token}; ${ATTRIBUTES}`;
const DUE = signed(START + 100);

describe("renewAfterFraction", () => {
  async function send(
    handlers: RequestHandler | readonly RequestHandler[],
    token: string = DUE,
    headers: Record<string, string> = {},
    method: "get" | "post" = "get",
  ): Promise<Response> {
    const app = express().use(...[handlers].flat());
    app.use((_req, res) => res.send("in"));
    const sent = request(app)[method]("/").set(headers);
    return sent.set("Cookie", `fastapiusersauth=${token}`);
  }

  function expectNoToken(response: Response): void {
    expect(response.get("Set-Cookie")).toBeUndefined();
    expect(claims).not.toHaveBeenCalled();
  }

  async function expectLetInAsBefore(sent: Promise<Response>): Promise<void> {
    const response = await sent;
    expect([response.status, response.text]).toEqual([200, "in"]);
    expectNoToken(response);
  }

  describe("does not renew the token of", () => {
    test.each<[string, Partial<UserStrategyOptions<User>>]>([
      ["an inactive user", { findUser: (id) => ({ id, isActive: false }) }],
      ["an unverified user if verification is required", { requiresVerification: true }],
    ])("%s, which authenticate({ active: false }) accepts", (_who, options) =>
      expectLetInAsBefore(send(createAuth(options).authenticate({ active: false }))),
    );

    test.each<[string, string, Partial<UserStrategyOptions<User>>, AuthenticateOptions<User>]>([
      ["an expired token", signed(START), {}, {}],
      ["a forged token", `${DUE.slice(0, -4)}AAAA`, {}, {}],
      ["a user who no longer exists", DUE, { findUser: () => null }, {}],
      ["a user who is deactivated", DUE, { findUser: (id) => ({ id, isActive: false }) }, {}],
      ["a user whom a guard refuses", DUE, {}, { active: true }],
    ])("%s, which is refused", async (_what, token, options, conditions) => {
      const response = await send(createAuth(options).authenticate(conditions), token);
      expectNoToken(response);
      const description = token === signed(START) ? "The access token expired" : undefined;
      await expectRefusal(Promise.resolve(response), 401, "invalid_token", description);
    });

    test("a user whom allow refuses", async () => {
      const response = await send(createAuth().authenticate({ allow: () => false }));
      expectNoToken(response);
      await expectRefusal(Promise.resolve(response), 403, "insufficient_scope");
    });

    test("a request without a token that is accepted", async () => {
      const authenticate = createAuth({ findUser: () => null }).authenticate({
        optional: "lenient",
      });
      await expectLetInAsBefore(send(authenticate));
    });

    test("a request from another site", async () => {
      const site = { "Sec-Fetch-Site": "cross-site" };
      const response = await send(createAuth().authenticate(), DUE, site, "post");
      expect(response.status).toBe(403);
      expect(response.body).toMatchObject({ error: "cross_site_request" });
      expectNoToken(response);
    });

    test("a WebSocket upgrade, which has no response", async () => {
      const auth = createAuth();
      const ask: RequestHandler = (req, _res, next) =>
        void auth.authenticateRequest(req).then(() => next(), next);
      await expectLetInAsBefore(send(ask));
    });
  });

  test("does not add a second token to login and refresh, or one to logout", async () => {
    const auth = createAuth();
    const renewed = cookieOf(signed(START + LIFETIME));
    const refreshed = await send(auth.refresh, DUE, {}, "post");
    expect(refreshed.get("Set-Cookie")).toEqual([renewed]);

    const app = express().post("/", auth.login);
    const login = request(app).post("/").set("Cookie", `fastapiusersauth=${DUE}`);
    const loggedIn = await login.send({ username: "ada", password: "l0velace" });
    expect(loggedIn.get("Set-Cookie")).toEqual([renewed]);

    const loggedOut = await send(auth.logout, DUE, {}, "post");
    expect(loggedOut.get("Set-Cookie")).toEqual([`fastapiusersauth=; Max-Age=0; ${ATTRIBUTES}`]);
  });

  test("lets logout clear the cookie behind authenticate()", async () => {
    const auth = createAuth();
    const response = await send([auth.authenticate(), auth.logout], DUE, {}, "post");
    expect(response.get("Set-Cookie")?.at(-1)).toBe(`fastapiusersauth=; Max-Age=0; ${ATTRIBUTES}`);
  });

  describe("with maxSessionSeconds", () => {
    const createCapped = (): JwtStrategy<User> => createAuth({ maxSessionSeconds: MAX });
    const END = START + MAX;

    test("keeps auth_time, and caps the new token at the end of the session", async () => {
      const authenticate = createCapped().authenticate();
      now = START + 1500;
      const middle = await send(authenticate, signed(now + 100, { auth_time: START }));
      expect(middle.get("Set-Cookie")).toEqual([
        cookieOf(signed(now + LIFETIME, { auth_time: START })),
      ]);
      now = END - 200;
      const last = await send(authenticate, signed(now + 100, { auth_time: START }));
      expect(last.get("Set-Cookie")).toEqual([cookieOf(signed(END, { auth_time: START }))]);
    });

    test.each<[string, number, object]>([
      ["expires with its session", END, { auth_time: START }],
      ["expires after its session", END + 100, { auth_time: START }],
      ["is of a session that has ended", END + 1, { auth_time: START - 500 }],
      ["has no auth_time", END - 50, {}],
      ["has an auth_time of another type", END - 50, { auth_time: String(START) }],
      ["has a fraction as auth_time", END - 50, { auth_time: START + 0.5 }],
      ["has an auth_time in the future", END - 50, { auth_time: END }],
    ])("does not renew a token that %s, but accepts it until it expires", (_what, exp, more) => {
      now = END - 100;
      return expectLetInAsBefore(send(createCapped().authenticate(), signed(exp, more)));
    });

    test("ends every chain of renewals", async () => {
      const authenticate = createCapped().authenticate();
      const waits = fc.array(fc.integer({ min: 0, max: LIFETIME * 1000 }), { maxLength: 15 });
      await fc.assert(
        fc.asyncProperty(waits, async (pauses) => {
          now = START;
          let [token, exp] = [signed(START + LIFETIME, { auth_time: START }), START + LIFETIME];
          for (const pause of pauses) {
            now += pause / 1000;
            const response = await send(authenticate, token);
            expect(response.status).toBe(now < exp ? 200 : 401);
            const [cookie] = response.get("Set-Cookie") ?? [];
            if (cookie === undefined) continue;
            const next = Math.min(Math.floor(now) + LIFETIME, END);
            expect(next).toBeGreaterThan(exp);
            [token, exp] = [signed(next, { auth_time: START }), next];
            expect(cookie).toBe(cookieOf(token));
          }
        }),
        { numRuns: 25 },
      );
    });
  });

  test.each([
    [1, 0.5, 0.9],
    [60, 0.01, 0.9],
    [100, 0.001, 0.5],
  ])(
    "does not renew if the new token would not expire later: lifetime %d s, after %d s",
    async (lifetimeSeconds, renewAfterFraction, fraction) => {
      const auth = createAuth({ lifetimeSeconds, renewAfterFraction });
      now = START + fraction;
      await expectLetInAsBefore(send(auth.authenticate(), signed(START + lifetimeSeconds)));
    },
  );
});
