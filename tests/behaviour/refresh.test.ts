import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import {
  bearerTransport,
  cookieTransport,
  createJwtStrategy,
  type JwtStrategy,
  type Transport,
  type UserStrategyOptions,
} from "express-jwt-strategy";
import express, { type Express } from "express";
import request, { type Response, type Test } from "supertest";
import { expectRefusal } from "../support/expect-refusal.ts";
import { AUDIENCE, forge, goodClaims, nowInSeconds } from "../support/forge.ts";
import { generateRsaPair, hmacSecret, rsaPair, signingKey } from "../support/keys.ts";

interface User {
  readonly id: string;
  readonly scope: string;
}

const KEY = signingKey("HS256");
const START = 1_700_000_000_000;
const COOKIE = "fastapiusersauth";
const ATTRIBUTES = "Path=/; Secure; HttpOnly; SameSite=lax";
const LOGIN = { username: "ada", password: "l0velace" };

/** The transports, the headers that send a token, and the response with a new one. */
const transports: readonly (readonly [
  string,
  Transport,
  (token: string) => Record<string, string>,
  (token: string) => object,
])[] = [
  [
    "bearerTransport",
    bearerTransport(),
    (token) => ({ Authorization: `Bearer ${token}` }),
    (token) => ({
      status: 200,
      body: { access_token: token, token_type: "bearer", expires_in: 3600 },
      cookies: undefined,
      caching: "no-store",
      pragma: "no-cache",
      type: "application/json",
    }),
  ],
  [
    "cookieTransport",
    cookieTransport(),
    (token) => ({ Cookie: `${COOKIE}=${token}` }),
    (token) => ({
      status: 204,
      body: {},
      cookies: [`${COOKIE}=${token}; ${ATTRIBUTES}`],
      caching: "no-store",
      pragma: undefined,
      type: undefined,
    }),
  ],
];

let now = START;

beforeEach(() => {
  now = START;
  jest.spyOn(Date, "now").mockImplementation(() => now);
});
afterEach(() => void jest.restoreAllMocks());

function answerIn(response: Response): object {
  return {
    status: response.status,
    body: response.body as unknown,
    cookies: response.get("Set-Cookie"),
    caching: response.headers["cache-control"],
    pragma: response.headers.pragma,
    type: response.headers["content-type"],
  };
}

describe("refresh", () => {
  describe.each(transports)("with %s", (_name, transport, credentials, answerWith) => {
    function createAuth(options: Partial<UserStrategyOptions<User>> = {}): JwtStrategy<User> {
      return createJwtStrategy<User>({
        secret: hmacSecret,
        lifetimeSeconds: 3600,
        transport,
        verifyCredentials: () => ({ id: "42", scope: "read" }),
        findUser: (id) => ({ id, scope: "write" }),
        ...(options as object),
      });
    }

    function appOf(auth: JwtStrategy<User>): Express {
      const app = express().post("/login", auth.login).post("/refresh", auth.refresh);
      app.get("/me", auth.authenticate(), (req, res) => res.json(auth.currentClaims(req)));
      return app;
    }

    const refresh = (app: Express, token: string): Test =>
      request(app).post("/refresh").set(credentials(token));
    const me = (app: Express, token: string): Test =>
      request(app).get("/me").set(credentials(token));
    const signed = (claims: object): string => forge("HS256", KEY, claims);
    const bare = (exp: number): object => ({ sub: "42", aud: [AUDIENCE], exp });

    test("sends the same response as a login at that time", async () => {
      const app = appOf(createAuth());
      const first = signed(bare(nowInSeconds() + 3600));
      expect(answerIn(await request(app).post("/login").send(LOGIN))).toEqual(answerWith(first));

      now += 1_800_000;
      const second = signed(bare(nowInSeconds() + 3600));
      expect(answerIn(await refresh(app, first))).toEqual(answerWith(second));
      expect(second).not.toBe(first);
    });

    test("leaves the old token valid until it expires, and the new one for its whole lifetime", async () => {
      const app = appOf(createAuth());
      const first = signed(bare(nowInSeconds() + 3600));
      now += 1_800_000;
      await refresh(app, first);
      const second = signed(bare(nowInSeconds() + 3600));

      now = START + 3_599_999;
      await me(app, first).expect(200);
      now += 1;
      await expectRefusal(me(app, first), 401, "invalid_token", "The access token expired");
      now = START + 5_399_999;
      expect((await me(app, second).expect(200)).body).toEqual(bare(START / 1000 + 5400));
      now += 1;
      await expectRefusal(me(app, second), 401, "invalid_token", "The access token expired");
    });

    test("renews a renewed token without a limit", async () => {
      const app = appOf(createAuth());
      for (let renewals = 0; renewals < 20; renewals += 1) {
        const token = signed(bare(nowInSeconds() + 3600));
        now += 3_599_000;
        const next = signed(bare(nowInSeconds() + 3600));
        expect(answerIn(await refresh(app, token))).toEqual(answerWith(next));
      }
    });

    test("computes claims again, for the user that findUser returns", async () => {
      const claims = jest.fn((user: User) => ({ scope: user.scope }));
      const app = appOf(createAuth({ claims }));
      const old = signed(goodClaims({ scope: "read", role: "admin" }));

      const renewed = signed({ ...bare(nowInSeconds() + 3600), scope: "write" });
      expect(answerIn(await refresh(app, old))).toEqual(answerWith(renewed));
      expect(claims.mock.calls).toEqual([[{ id: "42", scope: "write" }]]);
    });

    test("keeps sub, even if findUser and userId return something else", async () => {
      const userId = jest.fn(() => "8");
      const app = appOf(createAuth({ findUser: () => ({ id: "7", scope: "" }), userId }));
      const renewed = signed(bare(nowInSeconds() + 3600));
      expect(answerIn(await refresh(app, signed(goodClaims())))).toEqual(answerWith(renewed));
      expect(userId).not.toHaveBeenCalled();
    });

    test("removes auth_time if sessions have no limit", async () => {
      const old = signed(goodClaims({ auth_time: nowInSeconds() - 60 }));
      const renewed = signed(bare(nowInSeconds() + 3600));
      expect(answerIn(await refresh(appOf(createAuth()), old))).toEqual(answerWith(renewed));
    });

    test("renews one token twice at the same time", async () => {
      const app = appOf(createAuth());
      const old = signed(goodClaims());
      const renewed = answerWith(signed(bare(nowInSeconds() + 3600)));
      const answers = await Promise.all([refresh(app, old), refresh(app, old)]);
      expect(answers.map(answerIn)).toEqual([renewed, renewed]);
    });

    test("renews a token that expired within the clock tolerance, but no older one", async () => {
      const app = appOf(createAuth({ clockToleranceSeconds: 30 }));
      const old = signed(bare(nowInSeconds()));
      now += 29_999;
      expect((await refresh(app, old)).ok).toBe(true);
      now += 1;
      await expectRefusal(refresh(app, old), 401, "invalid_token", "The access token expired");
    });

    test("does not add to a response that findUser has sent", async () => {
      const auth = createAuth({
        findUser(id, _claims, req) {
          (req as unknown as { res: { end(text: string): void } }).res.end("busy");
          return { id, scope: "" };
        },
      });
      const response = await refresh(appOf(auth), signed(goodClaims()));
      expect([response.text, response.get("Set-Cookie")]).toEqual(["busy", undefined]);
    });

    test("works with any method", async () => {
      const app = express().use(createAuth().refresh);
      for (const method of ["get", "put", "post"] as const) {
        const token = signed(goodClaims());
        expect((await request(app)[method]("/").set(credentials(token))).ok).toBe(true);
      }
    });
  });

  test("omits expires_in if tokens do not expire", async () => {
    const auth = createJwtStrategy<User>({
      secret: hmacSecret,
      lifetimeSeconds: null,
      findUser: (id) => ({ id, scope: "" }),
    });
    const token = forge("HS256", KEY, { sub: "42", aud: [AUDIENCE] });
    const app = express().use(auth.refresh);
    const response = await request(app).post("/").auth(token, { type: "bearer" });
    expect([response.status, response.body]).toEqual([
      200,
      { access_token: token, token_type: "bearer" },
    ]);
  });

  test("signs with the first key if an older key signed the old token", async () => {
    const old = generateRsaPair();
    const auth = createJwtStrategy<User>({
      algorithm: "RS256",
      secret: rsaPair.privateKey,
      publicKey: [rsaPair.publicKey, old.publicKey],
      lifetimeSeconds: 3600,
      findUser: (id) => ({ id, scope: "" }),
    });
    const app = express().use(auth.refresh);
    const response = await request(app)
      .post("/")
      .auth(forge("RS256", old.privateKey), { type: "bearer" });
    const { access_token: token } = response.body as { access_token: string };
    expect(token).toBe(
      forge("RS256", rsaPair.privateKey, {
        sub: "42",
        aud: [AUDIENCE],
        exp: nowInSeconds() + 3600,
      }),
    );
  });
});
