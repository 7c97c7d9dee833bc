import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { describe, expect, jest, test } from "@jest/globals";
import {
  anyOf,
  cookieTransport,
  createJwtStrategy,
  dynamicStrategy,
  type AuthenticateOptions,
  type JwtStrategy,
  type OnAuthError,
  type RequestStrategy,
} from "express-jwt-strategy";
import express, { type Express } from "express";
import request, { type Response } from "supertest";
import { expectRefusal } from "../support/expect-refusal.ts";
import { forge, goodClaims } from "../support/forge.ts";
import { hmacSecret, signingKey } from "../support/keys.ts";

interface User {
  readonly id: string;
  readonly via: "cookie" | "bearer";
  readonly isActive: boolean;
}

const findByCookie = jest.fn((id: string) => userOf(id, "cookie"));
const findByBearer = jest.fn((id: string) => userOf(id, "bearer"));
const byCookie = createByCookie();
const byBearer = createJwtStrategy<User>({
  secret: hmacSecret,
  lifetimeSeconds: 3600,
  findUser: findByBearer,
});

function userOf(id: string, via: User["via"]): User | null {
  if (id === "broken") throw new Error("database down");
  return id === "unknown" ? null : { id, via, isActive: id !== "inactive" };
}

function createByCookie(onAuthError?: OnAuthError, realm = "site"): JwtStrategy<User> {
  return createJwtStrategy<User>({
    secret: hmacSecret,
    lifetimeSeconds: 3600,
    realm,
    transport: cookieTransport({ cookieName: "session" }),
    findUser: findByCookie,
    onAuthError,
  });
}

function tokenOf(sub: string): string {
  return forge("HS256", signingKey("HS256"), goodClaims({ sub }));
}

/** A token with an invalid signature. */
const FORGED = `${tokenOf("ann").slice(0, -4)}AAAA`;
const CREDENTIALS_REQUIRED = { detail: "Unauthorized" };
const INVALID_TOKEN = {
  detail: "Unauthorized",
  error: "invalid_token",
  error_description: "The access token is invalid",
};
const INVALID_TOKEN_TEXT = 'error="invalid_token", error_description="The access token is invalid"';

/** Expects a refusal with exactly these challenges, in any order. */
async function expectChallenges(
  sent: PromiseLike<Response>,
  status: number,
  challenges: readonly string[],
  body: object,
): Promise<void> {
  const response = await sent;
  const header = response.headers["www-authenticate"] ?? "";
  expect({
    status: response.status,
    challenges: header.split(/, (?=Bearer )/).sort(),
    caching: response.headers["cache-control"],
    body: response.text,
  }).toEqual({
    status,
    challenges: [...challenges].sort(),
    caching: "no-store",
    body: JSON.stringify(body),
  });
}

describe("anyOf", () => {
  function appOf(auth: RequestStrategy<User>, options?: AuthenticateOptions<User>): Express {
    const app = express().use(auth.authenticate(options));
    app.use((req, res) => {
      const user = auth.currentUser(req, { optional: true });
      res.json(user ? `${user.id} by ${user.via}` : "anonymous");
    });
    return app;
  }

  function send(
    { cookie, bearer }: { cookie?: string; bearer?: string },
    app: Express = appOf(anyOf(byCookie, byBearer)),
    method: "get" | "post" = "get",
  ): request.Test {
    const sent = request(app)[method]("/");
    if (cookie !== undefined) void sent.set("Cookie", `session=${cookie}`);
    return bearer === undefined ? sent : sent.set("Authorization", `Bearer ${bearer}`);
  }

  test.each<[string, { cookie?: string; bearer?: string }, string]>([
    ["a token for the first strategy", { cookie: tokenOf("ann") }, "ann by cookie"],
    ["a token for the second strategy", { bearer: tokenOf("ann") }, "ann by bearer"],
    [
      "two valid tokens: the first strategy has precedence",
      { cookie: tokenOf("ann"), bearer: tokenOf("ben") },
      "ann by cookie",
    ],
    [
      "an invalid first and a valid second token",
      { cookie: FORGED, bearer: tokenOf("ben") },
      "ben by bearer",
    ],
    [
      "a valid first and an invalid second token",
      { cookie: tokenOf("ann"), bearer: FORGED },
      "ann by cookie",
    ],
    [
      "a token of an unknown user for the first strategy",
      { cookie: tokenOf("unknown"), bearer: tokenOf("ben") },
      "ben by bearer",
    ],
  ])("finds the user if the request has %s", async (_which, credentials, user) => {
    expect((await send(credentials)).body).toBe(user);
  });

  test("does not try the other strategies after one has found a user", async () => {
    findByBearer.mockClear();
    await send({ cookie: tokenOf("ann"), bearer: tokenOf("ben") });
    expect(findByBearer).not.toHaveBeenCalled();
  });

  test("returns the claims of the accepted token", async () => {
    const auth = anyOf(byCookie, byBearer);
    const app = express().use(auth.authenticate());
    app.get("/", (req, res) => res.json(auth.currentClaims(req).sub));
    expect((await send({ cookie: FORGED, bearer: tokenOf("ben") }, app)).body).toBe("ben");
  });

  test("refuses a user whom a guard refuses, without trying the second strategy", async () => {
    findByBearer.mockClear();
    const app = appOf(anyOf(byCookie, byBearer), { active: true });
    const both = { cookie: tokenOf("inactive"), bearer: tokenOf("ben") };
    await expectChallenges(
      send(both, app),
      401,
      [`Bearer realm="site", ${INVALID_TOKEN_TEXT}`],
      INVALID_TOKEN,
    );
    expect(findByBearer).not.toHaveBeenCalled();
    const lenient = appOf(anyOf(byCookie, byBearer), { active: true, optional: "lenient" });
    expect((await send(both, lenient)).body).toBe("anonymous");
  });

  describe("for a form that a browser sends from another site", () => {
    const crossSite = (credentials: { cookie?: string; bearer?: string }): request.Test =>
      send(credentials, undefined, "post").set("Sec-Fetch-Site", "cross-site");

    test("ignores the cookie and tries the second strategy", async () => {
      const both = { cookie: tokenOf("ann"), bearer: tokenOf("ben") };
      expect((await crossSite(both)).body).toBe("ben by bearer");
    });

    test("answers 403 without reading the cookie if the second strategy finds no user", async () => {
      findByCookie.mockClear();
      await expectChallenges(crossSite({ cookie: tokenOf("ann") }), 403, ['Bearer realm="api"'], {
        detail: "Forbidden",
        error: "cross_site_request",
        error_description: "Requests from another site are refused",
      });
      expect(findByCookie).not.toHaveBeenCalled();
    });
  });

  describe("if no strategy finds a user", () => {
    test("sends one challenge for each realm", () =>
      expectChallenges(
        send({}),
        401,
        ['Bearer realm="site"', 'Bearer realm="api"'],
        CREDENTIALS_REQUIRED,
      ));

    test("sends one challenge for strategies that share a realm", () => {
      const auth = anyOf(createByCookie(undefined, "api"), byBearer, byBearer);
      return expectChallenges(
        send({}, appOf(auth)),
        401,
        ['Bearer realm="api"'],
        CREDENTIALS_REQUIRED,
      );
    });

    test.each([
      [
        "first",
        { cookie: FORGED },
        [`Bearer realm="site", ${INVALID_TOKEN_TEXT}`, 'Bearer realm="api"'],
      ],
      [
        "second",
        { bearer: FORGED },
        ['Bearer realm="site"', `Bearer realm="api", ${INVALID_TOKEN_TEXT}`],
      ],
    ])("reports an invalid token for the %s strategy", (_which, credentials, challenges) =>
      expectChallenges(send(credentials), 401, challenges, INVALID_TOKEN),
    );

    test("answers with the first refusal that is not about missing credentials", () =>
      expectChallenges(
        send({ cookie: FORGED, bearer: "a b" }),
        401,
        [
          `Bearer realm="site", ${INVALID_TOKEN_TEXT}`,
          'Bearer realm="api", error="invalid_request", error_description="The Authorization header is malformed"',
        ],
        INVALID_TOKEN,
      ));

    test.each([
      ["its token is refused", { cookie: FORGED, bearer: FORGED }],
      ["no credentials are sent", {}],
    ])("calls onAuthError of the first strategy if %s", async (_why, credentials) => {
      const custom = createByCookie((_error, _req, res) => res.end("answered by the app"));
      const response = await send(credentials, appOf(anyOf(custom, byBearer)));
      expect([response.status, response.text]).toEqual([401, "answered by the app"]);
    });

    test("calls onAuthError of the strategy whose refusal is sent", async () => {
      const custom = createByCookie((_error, _req, res) => res.end("answered by the app"));
      const response = await send({ bearer: FORGED }, appOf(anyOf(custom, byBearer)));
      expect([response.status, response.body]).toEqual([401, INVALID_TOKEN]);
    });
  });

  test("continues without a user if no token is sent and authentication is optional", async () => {
    const app = appOf(anyOf(byCookie, byBearer), { optional: true });
    expect((await send({}, app)).body).toBe("anonymous");
    expect((await send({ bearer: FORGED }, app)).status).toBe(401);
    expect((await send({ cookie: FORGED }, app)).status).toBe(401);
  });

  test("answers 500 if findUser of the first strategy fails, without trying the second", async () => {
    findByBearer.mockClear();
    const response = await send({ cookie: tokenOf("broken"), bearer: tokenOf("ben") });
    expect(response.status).toBe(500);
    expect(findByBearer).not.toHaveBeenCalled();
  });

  test("answers 500 if flags are required and the accepting strategy has no findUser", async () => {
    const claimsAuth = createJwtStrategy({ secret: hmacSecret, lifetimeSeconds: 3600 });
    const auth = anyOf(byCookie, claimsAuth);
    const app = express().use(auth.authenticate({ active: true }));
    app.get("/", (_req, res) => res.send("in"));
    expect((await send({ cookie: tokenOf("ann") }, app)).text).toBe("in");
    const response = await send({ bearer: tokenOf("ann") }, app);
    expect(response.status).toBe(500);
    expect(response.text).toContain("require the findUser option");
  });
});

describe("anyOf", () => {
  test("calls next in the same tick if nothing is asynchronous", () => {
    const req = new IncomingMessage(new Socket());
    req.headers.authorization = `Bearer ${tokenOf("ann")}`;
    const next = jest.fn();
    anyOf(byCookie, byBearer).authenticate()(req, new ServerResponse(req), next);
    expect(next.mock.calls).toEqual([[]]);
  });

  test.each(["login", "refresh", "jwks"] as const)(
    "has no %s, and the error names the handlers to mount",
    (name) => {
      const auth = anyOf(byCookie, byBearer);
      expect(() => auth[name]).toThrow(
        new TypeError(`anyOf() has no ${name} handler; mount the ${name} handler of each strategy`),
      );
      expect(Object.keys({ ...auth })).not.toContain(name);
    },
  );

  test("throws at construction if flags are required and no strategy has findUser", () => {
    const claimsAuth = createJwtStrategy({ secret: hmacSecret, lifetimeSeconds: 3600 });
    expect(() => anyOf(claimsAuth, claimsAuth).authenticate({ active: true })).toThrow(
      /require the findUser option/,
    );
  });

  test.each<[string, readonly unknown[]]>([
    ["nothing", []],
    ["undefined", [byBearer, undefined]],
    ["null", [null]],
    ["a list", [[byCookie, byBearer]]],
    ["a transport", [cookieTransport()]],
    ["a middleware", [byBearer.authenticate()]],
    ["a copy of a strategy, made with spread syntax", [{ ...byBearer }]],
  ])("throws a TypeError for %s", (_what, strategies) => {
    expect(() => anyOf(...(strategies as RequestStrategy<User>[]))).toThrow(
      new TypeError("The arguments of anyOf must be strategies of this package"),
    );
  });
});

describe("anyOf() of strategies with default realms", () => {
  const either = anyOf(byBearer, createByCookie(undefined, "api"));
  const app = express().use(either.authenticate(), (_req, res) => void res.send("in"));

  test.each([
    ["the first", { Authorization: `Bearer ${FORGED}` }],
    ["the second", { Cookie: `session=${FORGED}` }],
  ])("reports the invalid token of %s strategy in a single challenge", (_which, headers) =>
    expectRefusal(request(app).get("/").set(headers), 401, "invalid_token"),
  );

  test("reports an expired token, and no error if no token is sent", async () => {
    await expectRefusal(request(app).get("/"), 401);
    const expired = forge("HS256", signingKey("HS256"), goodClaims({ exp: 1 }));
    await expectRefusal(
      request(app).get("/").set("Cookie", `session=${expired}`),
      401,
      "invalid_token",
      "The access token expired",
    );
  });
});

test("anyOf() with a missing strategy lets anonymous requests continue if authentication is optional", async () => {
  const none = dynamicStrategy<User>(() => null);
  for (const either of [
    anyOf(none, byBearer),
    anyOf(byBearer, none),
    anyOf(anyOf(none), byBearer),
  ]) {
    const app = express().use(either.authenticate({ optional: true }));
    app.use((_req, res) => void res.send("in"));
    expect((await request(app).get("/")).text).toBe("in");
    const refused = request(app).get("/").set("Authorization", `Bearer ${FORGED}`);
    await expectRefusal(refused, 401, "invalid_token");
  }
  const onlyNone = anyOf(none).authenticate({ optional: true });
  await expectRefusal(request(express().use(onlyNone)).get("/"), 401);
});
