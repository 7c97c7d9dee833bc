import { createHmac, createSecretKey, randomBytes, type KeyObject } from "node:crypto";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
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
import { AUDIENCE, forge, nowInSeconds } from "../support/forge.ts";

interface User {
  readonly id: string;
  passwordHash: string;
}

const CHANNEL = "express-jwt-strategy:authenticate";
const [OLD, KEY] = [createSecretKey(randomBytes(64)), createSecretKey(randomBytes(64))];
const user: User = { id: "42", passwordHash: "" };
let reasons: unknown[] = [];
const record = (event: unknown): void => void reasons.push((event as { reason?: unknown }).reason);

beforeEach(() => {
  user.passwordHash = "first";
  reasons = [];
  subscribe(CHANNEL, record);
});
afterEach(() => void unsubscribe(CHANNEL, record));

function digestOf(text: string, key = KEY): string {
  return createHmac("sha256", key)
    .update(`express-jwt-strategy security stamp\0["42",${JSON.stringify(text)}]`)
    .digest()
    .subarray(0, 16)
    .toString("base64url");
}

/** A token that is due for renewal, with the stamp of this string. */
const signed = (text: string, key: KeyObject = KEY): string =>
  forge("HS256", key, {
    sub: "42",
    aud: [AUDIENCE],
    exp: nowInSeconds() + 60,
    stamp: digestOf(text, key),
  });

function createAuth(
  transport: Transport,
  options: Partial<UserStrategyOptions<User>> = {},
): JwtStrategy<User> {
  return createJwtStrategy<User>({
    secret: [KEY, OLD],
    lifetimeSeconds: 3600,
    transport,
    findUser: () => user,
    securityStamp: ({ passwordHash }) => passwordHash,
    ...(options as object),
  });
}

const claimsOf = (token = ""): unknown =>
  JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString() || "null");
const tokenInCookie = (response: Response): string | undefined =>
  /^fastapiusersauth=([^;]*);/.exec(response.get("Set-Cookie")?.[0] ?? "")?.[1];

/** The ways to renew a token: an app, the headers of the request, and the new token in the response. */
const ways: readonly (readonly [
  string,
  (app: Express, options?: Partial<UserStrategyOptions<User>>) => Express,
  (sent: Test, token: string) => Test,
  (response: Response) => string | undefined,
])[] = [
  [
    "refresh with bearerTransport",
    (app, options) => app.use(createAuth(bearerTransport(), options).refresh),
    (sent, token) => sent.auth(token, { type: "bearer" }),
    ({ body }) => (body as { access_token?: string }).access_token,
  ],
  [
    "refresh with cookieTransport",
    (app, options) => app.use(createAuth(cookieTransport(), options).refresh),
    (sent, token) => sent.set("Cookie", `fastapiusersauth=${token}`),
    tokenInCookie,
  ],
  [
    "renewAfterFraction",
    (app, options) => {
      const auth = createAuth(cookieTransport(), { renewAfterFraction: 0.5, ...options });
      return app.use(auth.authenticate(), (_req, res) => void res.send("in"));
    },
    (sent, token) => sent.set("Cookie", `fastapiusersauth=${token}`),
    tokenInCookie,
  ],
];

describe("a renewed token of a strategy with securityStamp", () => {
  describe.each(ways)("%s", (_way, build, carry, tokenIn) => {
    const send = (app: Express, token: string): Test => carry(request(app).post("/"), token);

    test("has the stamp", async () => {
      const response = await send(build(express()), signed("first"));
      expect(response.ok).toBe(true);
      expect(claimsOf(tokenIn(response))).toMatchObject({ stamp: digestOf("first") });
    });

    test("has a stamp with the signing secret as its key", async () => {
      const response = await send(build(express()), signed("first", OLD));
      expect(response.ok).toBe(true);
      expect(claimsOf(tokenIn(response))).toMatchObject({ stamp: digestOf("first") });
    });

    test("is not issued for a token from before a change of the password", async () => {
      const app = build(express());
      const token = signed("first");
      expect((await send(app, token)).ok).toBe(true);
      user.passwordHash = "second";
      const response = await send(app, token);
      expect(tokenIn(response)).toBeUndefined();
      await expectRefusal(Promise.resolve(response), 401, "invalid_token");
      expect(reasons.at(-1)).toBe("security_stamp_mismatch");
    });

    test("is refused after the next change of the password", async () => {
      const app = build(express());
      user.passwordHash = "second";
      const renewed = tokenIn(await send(app, signed("second"))) ?? "";
      expect(claimsOf(renewed)).toMatchObject({ stamp: digestOf("second") });
      user.passwordHash = "third";
      await expectRefusal(send(app, renewed), 401, "invalid_token");
    });

    // A renewal during a change of the password must not result in a token that stays valid.
    test.each<[string, Partial<UserStrategyOptions<User>>]>([
      [
        "after securityStamp was called",
        {
          securityStamp({ passwordHash }) {
            user.passwordHash = "second";
            return Promise.resolve(passwordHash);
          },
        },
      ],
      [
        "while claims are computed",
        {
          claims() {
            user.passwordHash = "second";
            return Promise.resolve({});
          },
        },
      ],
    ])("is refused after a change that is made %s", async (_when, racing) => {
      const response = await send(build(express(), racing), signed("first"));
      expect(response.ok).toBe(true);
      const renewed = tokenIn(response);
      expect(user.passwordHash).toBe("second");
      await expectRefusal(send(build(express()), renewed ?? ""), 401, "invalid_token");
      expect(reasons.at(-1)).toBe("security_stamp_mismatch");
    });
  });

  test("renewAfterFraction issues a token that is refused after a change during a guard", async () => {
    const auth = createAuth(cookieTransport(), { renewAfterFraction: 0.5 });
    const allow = (): Promise<boolean> => {
      user.passwordHash = "second";
      return Promise.resolve(true);
    };
    const app = express().use(auth.authenticate({ allow }), (_req, res) => void res.send("in"));
    const response = await request(app)
      .get("/")
      .set("Cookie", `fastapiusersauth=${signed("first")}`);
    expect(await auth.readToken(tokenInCookie(response))).toBeNull();
  });

  test("has auth_time before stamp if both options are set", async () => {
    const auth = createAuth(bearerTransport(), { maxSessionSeconds: 7200 });
    const { refresh } = auth;
    const token = await auth.writeToken(user);
    const response = await request(express().use(refresh))
      .post("/")
      .auth(token, { type: "bearer" })
      .expect(200);
    const { access_token: renewed } = response.body as { access_token: string };
    expect(Object.keys(claimsOf(renewed) as object)).toEqual([
      "sub",
      "aud",
      "exp",
      "auth_time",
      "stamp",
    ]);
  });
});
