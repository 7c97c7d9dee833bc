import type { IncomingMessage } from "node:http";
import { describe, expect, jest, test } from "@jest/globals";
import {
  anyOf,
  bearerTransport,
  createJwtStrategy,
  dynamicStrategy,
  type AuthenticateOptions,
  type Handler,
  type RequestStrategy,
} from "express-jwt-strategy";
import express, { type Express } from "express";
import request from "supertest";
import { expectRefusal } from "../support/expect-refusal.ts";
import { forge, goodClaims } from "../support/forge.ts";
import { hmacSecret, signingKey } from "../support/keys.ts";

interface User {
  readonly id: string;
  readonly isSuperuser: boolean;
}

const transport = bearerTransport();
const extractToken = jest.fn((req: IncomingMessage) => transport.extractToken(req));
const findUser = jest.fn((id: string): User => ({ id, isSuperuser: id === "root" }));
const auth = createJwtStrategy({
  secret: hmacSecret,
  lifetimeSeconds: 3600,
  realm: "back office",
  transport: { ...transport, extractToken },
  findUser,
});

/** Strategies that may have authenticated a request. */
const STRATEGIES: readonly (readonly [string, RequestStrategy<User>])[] = [
  ["createJwtStrategy", auth],
  ["dynamicStrategy", dynamicStrategy<User>(() => auth)],
  ["anyOf", anyOf(auth)],
];

describe("authorize()", () => {
  /** A router with authenticate(), and a route with authorize(). */
  function appOf(before: Handler, strategy: RequestStrategy<User>, conditions: Handler): Express {
    const router = express.Router();
    router.get("/users", conditions, (req, res) => {
      const { user } = req as { user?: User };
      res.json([user?.id, strategy.currentUser(req, { optional: true })?.id]);
    });
    return express().use("/admin", before, router);
  }

  function get(app: Express, sub?: string, claims: object = {}): request.Test {
    const sent = request(app).get("/admin/users");
    if (sub === undefined) return sent;
    const token = forge("HS256", signingKey("HS256"), goodClaims({ sub, ...claims }));
    return sent.set("Authorization", `Bearer ${token}`);
  }

  describe.each(STRATEGIES)("of %s", (_kind, strategy) => {
    const app = appOf(strategy.authenticate(), strategy, strategy.authorize({ superuser: true }));

    test("accepts a user who meets its conditions", async () => {
      expect((await get(app, "root")).body).toEqual(["root", "root"]);
    });

    test("refuses other users in the realm of the strategy that authenticated them", () =>
      expectRefusal(
        get(app, "42"),
        403,
        "insufficient_scope",
        "The user is not allowed to do this",
        "back office",
      ));

    test("does not read the token or load the user again", async () => {
      extractToken.mockClear();
      findUser.mockClear();
      await get(app, "root");
      expect(extractToken).toHaveBeenCalledTimes(1);
      expect(findUser).toHaveBeenCalledTimes(1);
    });

    test("answers 500 and names the fix if authenticate() did not run, even if optional is lenient", async () => {
      for (const optional of [false, true, "lenient"] as const) {
        const conditions = strategy.authorize({ optional, allow: () => true });
        const response = await get(
          appOf((_req, _res, next) => next(), strategy, conditions),
          "root",
        );
        expect(response.status).toBe(500);
        expect(response.text).toContain(
          "TypeError: authorize() requires authenticate() of the same strategy before it",
        );
      }
    });
  });

  test("answers 500 behind authenticate() of another strategy", async () => {
    const other = createJwtStrategy({ secret: hmacSecret, lifetimeSeconds: 3600, findUser });
    const app = appOf(other.authenticate(), auth, auth.authorize({ optional: false }));
    expect((await get(app, "root")).status).toBe(500);
  });

  test.each([
    {},
    { optional: true },
    { optional: "lenient" },
    { optional: undefined },
    { active: false, verified: false, superuser: false },
  ])("throws a TypeError without a condition: %p", (options) => {
    expect(() => auth.authorize(options as AuthenticateOptions<User>)).toThrow(
      new TypeError(
        "authorize() requires a condition: active, verified, superuser, scopes, allow, or optional: false",
      ),
    );
  });

  test.each<[string, AuthenticateOptions<User>]>([
    ["scopes", { scopes: ["write"] }],
    ["allow", { allow: (_user, claims) => claims.scope === "write" }],
  ])("also checks %s", async (_guard, options) => {
    const app = appOf(auth.authenticate(), auth, auth.authorize(options));
    expect((await get(app, "42", { scope: "write" })).status).toBe(200);
    expect((await get(app, "42", { scope: "read" })).status).toBe(403);
  });

  test("may be used several times for one request", async () => {
    const first = auth.authorize({ scopes: ["a"] });
    const second = auth.authorize({ superuser: true });
    const app = express().use(auth.authenticate(), first, second);
    app.get("/admin/users", (req, res) => res.json(auth.currentUser(req).id));
    expect((await get(app, "root", { scope: "a" })).body).toBe("root");
    expect((await get(app, "root", { scope: "b" })).status).toBe(403);
    expect((await get(app, "42", { scope: "a" })).status).toBe(403);
  });

  describe("behind authenticate({ optional: true })", () => {
    const appWith = (options: AuthenticateOptions<User>): Express =>
      appOf(auth.authenticate({ optional: true }), auth, auth.authorize(options));

    test("refuses a request without a token, unless authorize() is optional, too", async () => {
      await expectRefusal(
        get(appWith({ optional: false })),
        401,
        undefined,
        undefined,
        "back office",
      );
      expect((await get(appWith({ optional: true, allow: () => true }))).body).toEqual([
        null,
        null,
      ]);
    });

    test("refuses a user who does not meet its conditions, even if optional is true", () =>
      expectRefusal(
        get(appWith({ optional: true, superuser: true }), "42"),
        403,
        "insufficient_scope",
        "The user is not allowed to do this",
        "back office",
      ));

    test("continues without the user who does not meet its conditions if optional is lenient", async () => {
      const app = appWith({ optional: "lenient", superuser: true });
      expect((await get(app, "42")).body).toEqual([null, null]);
      expect((await get(app, "root")).body).toEqual(["root", "root"]);
    });
  });

  test("calls onAuthError of the strategy that authenticated the request", async () => {
    const plain = createJwtStrategy({
      secret: hmacSecret,
      lifetimeSeconds: 3600,
      findUser,
      onAuthError: (error, _req, res) => res.end(`answered by the app: ${error.reason}`),
    });
    const either = anyOf(auth, plain);
    extractToken.mockReturnValueOnce(undefined);
    const app = appOf(either.authenticate(), either, either.authorize({ superuser: true }));
    expect((await get(app, "42")).text).toBe("answered by the app: user_not_superuser");
  });
});

describe("the options of authorize()", () => {
  const make = (options: unknown): unknown => auth.authorize(options as AuthenticateOptions<User>);

  test.each([undefined, null, "superuser", true, ["superuser"]])(
    "must be an object, not %p",
    (options) => {
      expect(() => make(options)).toThrow(new TypeError("authorize()'s options must be an object"));
    },
  );

  test("must have known names, which the error lists", () => {
    expect(() => make({ scope: "read" })).toThrow(
      new TypeError(
        'authorize() has no option "scope"; it has optional, active, verified, superuser, scopes, allow',
      ),
    );
  });

  test("must not have flags without findUser", () => {
    const claimsAuth = createJwtStrategy({ secret: hmacSecret, lifetimeSeconds: 3600 });
    expect(() => claimsAuth.authorize({ superuser: true })).toThrow(/require the findUser option/);
  });

  test("are missing if authorize is passed to app.use without a call: the error names the fix", async () => {
    const app = express().use(auth.authorize as unknown as Handler);
    const response = await request(app).get("/");
    expect(response.status).toBe(500);
    expect(response.text).toContain("TypeError: authorize makes the middleware");
  });
});
