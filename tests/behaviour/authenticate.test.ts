import { describe, expect, test } from "@jest/globals";
import {
  createJwtStrategy,
  type AuthenticateOptions,
  type FindUser,
  type JwtStrategy,
} from "express-jwt-strategy";
import express, { type RequestHandler } from "express";
import request from "supertest";
import { expectRefusal } from "../support/expect-refusal.ts";
import { forge, goodClaims, nowInSeconds } from "../support/forge.ts";
import { generateRsaPair, hmacSecret, signingKey } from "../support/keys.ts";

interface User {
  readonly id: string;
  readonly isActive: boolean;
  readonly isVerified: boolean;
  readonly isSuperuser: boolean;
}

const ann: User = { id: "42", isActive: true, isVerified: true, isSuperuser: true };

function strategyOf(findUser: FindUser<User>, realm?: string): JwtStrategy<User> {
  return createJwtStrategy({ secret: hmacSecret, lifetimeSeconds: 3600, findUser, realm });
}

function bearer(claims?: Record<string, unknown>): string {
  return `Bearer ${forge("HS256", signingKey("HS256"), goodClaims(claims))}`;
}

function userOf(req: object | undefined): unknown {
  return (req as { user?: unknown } | undefined)?.user;
}

const expired = bearer({ exp: nowInSeconds() - 1 });
const forged = `Bearer ${forge("RS256", generateRsaPair().privateKey)}`;

describe("authenticate()", () => {
  /** An app with one route that responds with the user. */
  function appOf(
    auth: JwtStrategy<User>,
    options?: AuthenticateOptions,
    before: RequestHandler = (_req, _res, next) => next(),
  ): ReturnType<typeof express> {
    const app = express();
    app.get("/", before, auth.authenticate(options), (req, res) => {
      const user = auth.currentUser(req, { optional: true });
      res.json({
        isLoadedUser: "user" in req,
        user: user?.id ?? "anonymous",
        same: userOf(req) === user,
      });
    });
    return app;
  }

  function get(
    auth: JwtStrategy<User>,
    authorization: string | undefined,
    options?: AuthenticateOptions,
  ): request.Test {
    const sent = request(appOf(auth, options)).get("/");
    return authorization === undefined ? sent : sent.set("Authorization", authorization);
  }

  async function expectAnonymous(sent: PromiseLike<request.Response>): Promise<void> {
    const response = await sent;
    expect(response.headers).not.toHaveProperty("www-authenticate");
    expect([response.status, response.body]).toEqual([
      200,
      { isLoadedUser: true, user: "anonymous", same: true },
    ]);
  }

  test("accepts a valid token and sets req.user and currentUser(req)", async () => {
    const response = await get(
      strategyOf(() => ann),
      bearer(),
    );
    expect([response.status, response.body]).toEqual([
      200,
      { isLoadedUser: true, user: "42", same: true },
    ]);
    expect(response.headers).not.toHaveProperty("www-authenticate");
  });

  test("sends the realm of the strategy in the challenge", async () => {
    const auth = strategyOf(() => ann, "Ann's (blue) shop");
    await expectRefusal(get(auth, undefined), 401, undefined, undefined, "Ann's (blue) shop");
    await expectRefusal(
      get(auth, "Bearer x"),
      401,
      "invalid_token",
      undefined,
      "Ann's (blue) shop",
    );
  });

  interface Row {
    readonly request: string;
    readonly authorization: string | undefined;
    readonly user?: User | null;
    readonly guard?: AuthenticateOptions;
    readonly status: 400 | 401 | 403;
    readonly code?: "invalid_request" | "invalid_token" | "insufficient_scope";
    readonly description?: string;
  }

  const rows: readonly Row[] = [
    {
      request: "a request without credentials",
      authorization: undefined,
      status: 401,
    },
    {
      request: "another scheme",
      authorization: "Basic YTpi",
      status: 401,
    },
    {
      request: "Bearer without a token",
      authorization: "Bearer",
      status: 400,
      code: "invalid_request",
    },
    {
      request: "junk after the token",
      authorization: `${bearer()} junk`,
      status: 400,
      code: "invalid_request",
    },
    {
      request: "a token of another key and algorithm",
      authorization: forged,
      status: 401,
      code: "invalid_token",
    },
    {
      request: "a token for another audience",
      authorization: bearer({ aud: "other" }),
      status: 401,
      code: "invalid_token",
    },
    {
      request: "a token that is none",
      authorization: "Bearer null",
      status: 401,
      code: "invalid_token",
    },
    {
      request: "an expired token",
      authorization: expired,
      status: 401,
      code: "invalid_token",
      description: "The access token expired",
    },
    {
      request: "the token of a user who no longer exists",
      authorization: bearer(),
      user: null,
      status: 401,
      code: "invalid_token",
    },
    {
      request: "an inactive user under active",
      authorization: bearer(),
      user: { ...ann, isActive: false },
      guard: { active: true },
      status: 401,
      code: "invalid_token",
    },
    {
      request: "an unverified user under verified",
      authorization: bearer(),
      user: { ...ann, isVerified: false },
      guard: { verified: true },
      status: 403,
      code: "insufficient_scope",
    },
    {
      request: "no superuser under superuser",
      authorization: bearer(),
      user: { ...ann, isSuperuser: false },
      guard: { superuser: true },
      status: 403,
      code: "insufficient_scope",
    },
  ];

  describe.each(rows)("for $request", ({ authorization, user = ann, guard, ...refusal }) => {
    const auth = strategyOf(() => user);
    const { status, code, description } = refusal;
    const isMissing = code === undefined;

    test.each([undefined, false])("refuses the request if optional is %s", (optional) =>
      expectRefusal(get(auth, authorization, { ...guard, optional }), status, code, description),
    );

    test(`${isMissing ? "continues without a user" : "refuses the request"} if optional is true`, () => {
      const sent = get(auth, authorization, { ...guard, optional: true });
      return isMissing ? expectAnonymous(sent) : expectRefusal(sent, status, code, description);
    });

    test('continues without a user if optional is "lenient"', () =>
      expectAnonymous(get(auth, authorization, { ...guard, optional: "lenient" })));
  });

  test.each([false, true, "lenient"] as const)(
    "answers 500 if findUser fails and optional is %s",
    async (optional) => {
      const failing = strategyOf(() => Promise.reject(new Error("the database is down")));
      const response = await get(failing, bearer(), { optional });
      expect(response.status).toBe(500);
      expect(response.headers).not.toHaveProperty("www-authenticate");
    },
  );

  test.each([true, "lenient"] as const)(
    "accepts a valid token if optional is %s",
    async (optional) => {
      const auth = strategyOf(() => ann);
      const response = await get(auth, bearer(), { optional });
      expect(response.body).toEqual({ isLoadedUser: true, user: "42", same: true });
    },
  );

  test.each([
    ["no credentials", undefined, true],
    ["a refused token", forged, "lenient"],
  ] as const)(
    "ignores a req.user that other middleware has set, for a request with %s",
    async (_case, authorization, optional) => {
      const auth = strategyOf(() => ann);
      const app = appOf(auth, { optional }, (req, _res, next) => {
        Object.assign(req, { user: { id: "admin" } });
        next();
      });
      const sent = request(app).get("/");
      if (authorization !== undefined) sent.set("Authorization", authorization);
      await expectAnonymous(sent);
    },
  );

  test("hides a req.user of other middleware from findUser, and overwrites it", async () => {
    const seen: unknown[] = [];
    const auth = strategyOf((_id, _claims, req) => {
      seen.push(userOf(req));
      return ann;
    });
    const app = appOf(auth, {}, (req, _res, next) => {
      Object.assign(req, { user: { id: "admin" } });
      next();
    });
    const response = await request(app).get("/").set("Authorization", bearer());
    expect(response.body).toMatchObject({ user: "42", same: true });
    expect(seen).toEqual([undefined]);
  });

  test("removes the user that an earlier middleware of the same strategy has set", async () => {
    const auth = strategyOf(() => ({ ...ann, isSuperuser: false }));
    const app = appOf(auth, { superuser: true, optional: "lenient" }, auth.authenticate());
    await expectAnonymous(request(app).get("/").set("Authorization", bearer()));
  });

  test("throws an error that names the fix if authenticate is passed to app.use without a call", async () => {
    const app = express();
    app.use(
      Reflect.get(
        strategyOf(() => ann),
        "authenticate",
      ) as unknown as RequestHandler,
    );
    app.get("/", (_req, res) => res.send("in"));
    const response = await request(app).get("/").set("Authorization", bearer());
    expect(response.status).toBe(500);
    expect(response.text).toContain("TypeError: authenticate makes the middleware");
    expect(response.text).toContain("app.use(auth.authenticate())");
  });
});

test("the middleware has a function name for stack traces and profilers", () => {
  expect(strategyOf(() => ann).authenticate()).toHaveProperty("name", "authenticateMiddleware");
});
