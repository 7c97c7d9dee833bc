import { subscribe, unsubscribe } from "node:diagnostics_channel";
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
import fc from "fast-check";
import request, { type Response, type Test } from "supertest";
import { expectRefusal } from "../support/expect-refusal.ts";
import { AUDIENCE, base64url, forge } from "../support/forge.ts";
import { hmacSecret, signingKey } from "../support/keys.ts";

interface User {
  readonly id: string;
}

const KEY = signingKey("HS256");
const CHANNEL = "express-jwt-strategy:authenticate";
const LOGIN = { username: "ada", password: "l0velace" };
const START = 1_700_000_000;
const LIFETIME = 900;
const MAX = 3600;

const transports: readonly (readonly [
  string,
  Transport,
  (token: string) => Record<string, string>,
  (response: Response) => string,
])[] = [
  [
    "bearerTransport",
    bearerTransport(),
    (token) => ({ Authorization: `Bearer ${token}` }),
    ({ body }) => (body as { access_token: string }).access_token,
  ],
  [
    "cookieTransport",
    cookieTransport(),
    (token) => ({ Cookie: `fastapiusersauth=${token}` }),
    (response) =>
      /^fastapiusersauth=([^;]*);/.exec(response.get("Set-Cookie")?.[0] ?? "")?.[1] ?? "",
  ],
];

let now = START;
const reasons: unknown[] = [];
const record = (event: unknown): void => void reasons.push((event as { reason?: unknown }).reason);

beforeEach(() => {
  now = START;
  jest.spyOn(Date, "now").mockImplementation(() => Math.round(now * 1000));
  reasons.length = 0;
  subscribe(CHANNEL, record);
});
afterEach(() => {
  unsubscribe(CHANNEL, record);
  jest.restoreAllMocks();
});

function claimsOf(token: string): { exp: number; auth_time: number } {
  const payload = Buffer.from(token.split(".")[1] ?? "", "base64url").toString();
  return JSON.parse(payload) as { exp: number; auth_time: number };
}

describe("maxSessionSeconds", () => {
  describe.each(transports)("with %s", (_name, transport, credentials, tokenIn) => {
    function createAuth(options: Partial<UserStrategyOptions<User>> = {}): JwtStrategy<User> {
      return createJwtStrategy<User>({
        secret: hmacSecret,
        lifetimeSeconds: LIFETIME,
        maxSessionSeconds: MAX,
        transport,
        verifyCredentials: () => ({ id: "42" }),
        findUser: (id) => ({ id }),
        ...(options as object),
      });
    }

    function appOf(auth = createAuth()): Express {
      const app = express().post("/login", auth.login).post("/refresh", auth.refresh);
      return app.get("/me", auth.authenticate(), (_req, res) => res.send("in"));
    }

    const logIn = async (app: Express): Promise<string> =>
      tokenIn(await request(app).post("/login").send(LOGIN));
    const refresh = (app: Express, token: string): Test =>
      request(app).post("/refresh").set(credentials(token));
    const signed = (exp: number, authTime: unknown): string =>
      forge("HS256", KEY, { sub: "42", aud: [AUDIENCE], exp, auth_time: authTime });

    async function expectSessionExpired(sent: PromiseLike<Response>): Promise<void> {
      const response = await sent;
      expect(response.get("Set-Cookie")).toBeUndefined();
      await expectRefusal(Promise.resolve(response), 401, "invalid_token", "The session expired");
      expect(reasons.at(-1)).toBe("session_expired");
    }

    test("writes auth_time at login in whole seconds, and keeps it at each renewal", async () => {
      const app = appOf();
      now = START + 0.999;
      const first = await logIn(app);
      expect(first).toBe(signed(START + LIFETIME, START));

      now = START + 800.5;
      const second = tokenIn(await refresh(app, first));
      expect(second).toBe(signed(START + 800 + LIFETIME, START));
      now = START + 1600.5;
      expect(tokenIn(await refresh(app, second))).toBe(signed(START + 1600 + LIFETIME, START));
    });

    test("also applies to tokens of writeToken, each of which begins a session", async () => {
      expect(await createAuth().writeToken({ id: "42" })).toBe(signed(START + LIFETIME, START));
    });

    test("caps the expiry of the last token at the end of the session", async () => {
      const app = appOf();
      now = START + MAX - 100.5;
      const last = tokenIn(await refresh(app, signed(START + MAX, START)));
      expect(last).toBe(signed(START + MAX, START));

      now = START + MAX - 0.001;
      await request(app).get("/me").set(credentials(last)).expect(200);
      now = START + MAX;
      const refused = [request(app).get("/me").set(credentials(last)), refresh(app, last)];
      for (const sent of refused) {
        await expectRefusal(sent, 401, "invalid_token", "The access token expired");
      }
    });

    test("refuses to renew a token after the end of its session, although authenticate() accepts it", async () => {
      const app = appOf();
      const older = signed(START + 2 * MAX, START);
      now = START + MAX;
      await expectSessionExpired(refresh(app, older));
      await request(app).get("/me").set(credentials(older)).expect(200);
    });

    test("caps every token of a chain of renewals", async () => {
      const app = appOf();
      const pauses = fc.array(fc.integer({ min: 0, max: LIFETIME * 1000 + 500 }), {
        minLength: 1,
        maxLength: 12,
      });
      await fc.assert(
        fc.asyncProperty(pauses, fc.integer({ min: 0, max: 999 }), async (waits, fraction) => {
          const loggedInAt = START + fraction / 1000;
          now = loggedInAt;
          let token = await logIn(app);
          for (const wait of waits) {
            const { exp, auth_time: authTime } = claimsOf(token);
            expect(authTime).toBe(START);
            expect(exp).toBeLessThanOrEqual(loggedInAt + MAX);
            now += wait / 1000;
            const response = await refresh(app, token);
            expect(response.ok).toBe(now < exp);
            if (!response.ok) break;
            token = tokenIn(response);
          }
        }),
        { numRuns: 30 },
      );
    });

    test.each<[string, unknown]>([
      ["no auth_time", undefined],
      ["a string", String(START)],
      ["null", null],
      ["true", true],
      ["a list", [START]],
      ["an object", {}],
      ["a fraction", START - 0.5],
      ["a time in the future", START + 1],
      ["a time in milliseconds", START * 1000],
    ])("does not renew a token with %s, which authenticate() accepts", async (_what, authTime) => {
      const app = appOf();
      const token = signed(START + 60, authTime);
      await expectSessionExpired(refresh(app, token));
      await request(app).get("/me").set(credentials(token)).expect(200);
    });

    test("accepts an auth_time in the future within the clock tolerance", async () => {
      const app = appOf(createAuth({ clockToleranceSeconds: 30 }));
      const response = await refresh(app, signed(START + 60, START + 30));
      expect(tokenIn(response)).toBe(signed(START + LIFETIME, START + 30));
      await expectSessionExpired(refresh(app, signed(START + 60, START + 31)));
    });

    test("refuses a changed auth_time for its signature, even of a cached token", async () => {
      const app = appOf();
      const token = signed(START + 60, START - MAX);
      await expectSessionExpired(refresh(app, token));
      const [header, , signature] = token.split(".");
      const claims = { sub: "42", aud: [AUDIENCE], exp: START + 60, auth_time: START };
      const forged = [header, base64url(JSON.stringify(claims)), signature].join(".");
      await expectRefusal(refresh(app, forged), 401, "invalid_token");
      expect(reasons.at(-1)).toBe("signature_invalid");
    });

    test("refuses if the session ends while claims are computed", async () => {
      const claims = (): Promise<object> => {
        now = START + MAX;
        return Promise.resolve({});
      };
      const app = appOf(createAuth({ claims: claims as () => Promise<Record<string, unknown>> }));
      now = START + MAX - 1;
      await expectSessionExpired(refresh(app, signed(START + MAX, START)));
    });

    test.each([START, START - 1, null, "now"])(
      "answers 500 if claims return auth_time, at login and at renewal: %p",
      async (authTime) => {
        const app = appOf(createAuth({ claims: () => ({ auth_time: authTime }) }));
        for (const sent of [
          request(app).post("/login").send(LOGIN),
          refresh(app, signed(START + 60, START)),
        ]) {
          const response = await sent;
          expect([response.status, response.get("Set-Cookie")]).toEqual([500, undefined]);
          expect(response.text).toContain("TypeError: claims must not return auth_time");
        }
      },
    );
  });

  test.each([
    [0, LIFETIME],
    [MAX - LIFETIME, LIFETIME],
    [MAX - LIFETIME + 0.5, LIFETIME],
    [MAX - LIFETIME + 1, LIFETIME - 1],
    [MAX - 1, 1],
    [MAX - 0.001, 1],
  ])(
    "a renewal %d s after the login returns a token that expires in %d s",
    async (age, expiresIn) => {
      const auth = createJwtStrategy<User>({
        secret: hmacSecret,
        lifetimeSeconds: LIFETIME,
        maxSessionSeconds: MAX,
        findUser: (id) => ({ id }),
      });
      now = START + age;
      const token = forge("HS256", KEY, {
        sub: "42",
        aud: [AUDIENCE],
        exp: START + MAX,
        auth_time: START,
      });
      const response = await request(express().use(auth.refresh))
        .post("/")
        .auth(token, { type: "bearer" });
      expect(response.body).toMatchObject({ expires_in: expiresIn });
      const { access_token: renewed } = response.body as { access_token: string };
      expect(claimsOf(renewed).exp).toBe(Math.floor(now) + expiresIn);
    },
  );
});
