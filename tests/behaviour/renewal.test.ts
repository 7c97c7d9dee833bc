import { ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import {
  cookieTransport,
  createJwtStrategy,
  type JwtStrategy,
  type UserStrategyOptions,
} from "express-jwt-strategy";
import express, { type RequestHandler } from "express";
import request, { type Response } from "supertest";
import { AUDIENCE, forge } from "../support/forge.ts";
import { hmacSecret, signingKey } from "../support/keys.ts";
import { createRequest } from "../support/request.ts";

interface User {
  readonly id: string;
}

const KEY = signingKey("HS256");
const START = 1_700_000_000;
const LIFETIME = 1000;
const ATTRIBUTES = "Path=/; Secure; HttpOnly; SameSite=lax";

let now = START;

beforeEach(() => {
  now = START;
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
  });
}

const signed = (exp: number, more: object = {}): string =>
  forge("HS256", KEY, { sub: "42", aud: [AUDIENCE], exp, ...more });
const cookieOf = (token: string): string => `fastapiusersauth=${token}; ${ATTRIBUTES}`;
/** The token of a login at the start. */
const TOKEN = signed(START + LIFETIME);

describe("renewAfterFraction", () => {
  /** Sends a cookie to a route behind these handlers. */
  async function send(
    handlers: RequestHandler | readonly RequestHandler[],
    token: string = TOKEN,
  ): Promise<Response> {
    const app = express().use(...[handlers].flat());
    app.use((_req, res) => res.send("in"));
    return request(app).get("/").set("Cookie", `fastapiusersauth=${token}`);
  }

  async function expectRenewed(sent: Promise<Response>, ...cookies: string[]): Promise<void> {
    const response = await sent;
    expect([response.status, response.text]).toEqual([200, "in"]);
    expect(response.get("Set-Cookie")).toEqual(cookies);
    expect(response.headers["cache-control"]).toBe("no-store");
  }

  async function expectNotRenewed(sent: Promise<Response>): Promise<void> {
    const response = await sent;
    expect([response.status, response.text]).toEqual([200, "in"]);
    expect(response.get("Set-Cookie")).toBeUndefined();
    expect(response.headers).not.toHaveProperty("cache-control");
  }

  test.each([0, 1, 499, 499.999])(
    "does not renew after %d s, in the first half of the lifetime",
    async (age) => {
      now = START + age;
      await expectNotRenewed(send(createAuth().authenticate()));
    },
  );

  test.each([500, 500.001, 750, 999, 999.999])(
    "renews for a whole lifetime after %d s, in the second half",
    async (age) => {
      now = START + age;
      const renewed = signed(START + Math.floor(age) + LIFETIME);
      await expectRenewed(send(createAuth().authenticate()), cookieOf(renewed));
    },
  );

  test.each([
    [0.1, 99, 100],
    [0.9, 899, 900],
  ])("begins at the fraction %d of the lifetime", async (renewAfterFraction, before, after) => {
    const authenticate = createAuth({ renewAfterFraction }).authenticate();
    now = START + before;
    await expectNotRenewed(send(authenticate));
    now = START + after;
    await expectRenewed(send(authenticate), cookieOf(signed(now + LIFETIME)));
  });

  test("keeps a user logged in as long as the user sends requests", async () => {
    const authenticate = createAuth().authenticate();
    let token = TOKEN;
    for (let renewals = 0; renewals < 10; renewals += 1) {
      now += 600;
      await expectNotRenewed(send(authenticate, signed(now + 501)));
      const next = signed(now + LIFETIME);
      await expectRenewed(send(authenticate, token), cookieOf(next));
      token = next;
    }
    now += LIFETIME;
    expect((await send(authenticate, token)).status).toBe(401);
  });

  test("computes claims again, for the user that findUser returns", async () => {
    const claims = jest.fn((user: User) => ({ role: `role of ${user.id}` }));
    const auth = createAuth({ claims, findUser: () => ({ id: "found" }) });
    now = START + 500;
    await expectRenewed(
      send(auth.authenticate(), signed(START + LIFETIME, { role: "old" })),
      cookieOf(signed(now + LIFETIME, { role: "role of found" })),
    );
    expect(claims.mock.calls).toEqual([[{ id: "found" }]]);
  });

  test("renews within the clock tolerance", async () => {
    const auth = createAuth({ clockToleranceSeconds: 30 });
    now = START + LIFETIME + 29;
    await expectRenewed(send(auth.authenticate()), cookieOf(signed(now + LIFETIME)));
  });

  test("renews once for each request", async () => {
    const claims = jest.fn(() => ({}));
    const auth = createAuth({ claims });
    now = START + 500;
    await expectRenewed(
      send([
        auth.authenticate(),
        auth.authorize({ allow: () => true }),
        auth.authenticate({ allow: () => Promise.resolve(true) }),
        (req, _res, next) => void auth.authenticateRequest(req).then(() => next()),
        auth.authorize({ allow: () => true }),
      ]),
      cookieOf(signed(now + LIFETIME)),
    );
    expect(claims).toHaveBeenCalledTimes(1);
  });

  test("renews in authorize() if authenticateRequest() has accepted the request", async () => {
    const auth = createAuth();
    now = START + 500;
    await expectRenewed(
      send([
        (req, _res, next) => void auth.authenticateRequest(req).then(() => next()),
        auth.authorize({ allow: () => true }),
      ]),
      cookieOf(signed(now + LIFETIME)),
    );
  });

  test("renews for each of several simultaneous requests", async () => {
    const authenticate = createAuth().authenticate();
    now = START + 500;
    const sent = [send(authenticate), send(authenticate), send(authenticate)];
    for (const one of sent) await expectRenewed(one, cookieOf(signed(now + LIFETIME)));
  });

  describe("keeps", () => {
    const renewing: RequestHandler = (req, res, next) =>
      createAuth().authenticate()(req, res, next);
    beforeEach(() => void (now = START + 500));
    const renewed = (): string => cookieOf(signed(now + LIFETIME));

    test.each<[string, string | string[], string[]]>([
      ["one cookie", "theme=dark", ["theme=dark"]],
      ["several cookies", ["theme=dark", "lang=en"], ["theme=dark", "lang=en"]],
    ])("cookies that the app has set before: %s", async (_case, cookies, kept) => {
      const setCookies: RequestHandler = (_req, res, next) => {
        res.setHeader("Set-Cookie", cookies);
        next();
      };
      await expectRenewed(send([setCookies, renewing]), ...kept, renewed());
    });

    test("cookies that the app sets afterwards", async () => {
      const setCookie: RequestHandler = (_req, res, next) => {
        res.cookie("theme", "dark");
        next();
      };
      await expectRenewed(send([renewing, setCookie]), renewed(), "theme=dark; Path=/");
    });

    test("a shared list of cookies unchanged", async () => {
      const shared = ["theme=dark"];
      const setCookies: RequestHandler = (_req, res, next) => {
        res.setHeader("Set-Cookie", shared);
        next();
      };
      await expectRenewed(send([setCookies, renewing]), "theme=dark", renewed());
      expect(shared).toEqual(["theme=dark"]);
    });
  });

  test("replaces an earlier Cache-Control header, and keeps that of the handler", async () => {
    const auth = createAuth();
    const caching =
      (value: string): RequestHandler =>
      (_req, res, next) => {
        res.setHeader("Cache-Control", value);
        next();
      };
    now = START + 500;
    const renewed = cookieOf(signed(now + LIFETIME));
    await expectRenewed(send([caching("public, max-age=60"), auth.authenticate()]), renewed);

    const handled = await send([auth.authenticate(), caching("private")]);
    expect(handled.headers["cache-control"]).toBe("private");
    expect(handled.get("Set-Cookie")).toEqual([renewed]);
  });

  test("also sends the new token with an error response of the app", async () => {
    now = START + 500;
    const fail: RequestHandler = (_req, res) => void res.status(418).send("teapot");
    const response = await send([createAuth().authenticate(), fail]);
    expect([response.status, response.get("Set-Cookie")]).toEqual([
      418,
      [cookieOf(signed(now + LIFETIME))],
    ]);
  });

  test("calls next in the same tick if nothing is renewed", () => {
    const auth = createAuth();
    const next = jest.fn();
    const req = createRequest("GET", { cookie: `fastapiusersauth=${TOKEN}` });
    auth.authenticate()(req, new ServerResponse(req), next);
    expect(next.mock.calls).toEqual([[]]);
  });
});
