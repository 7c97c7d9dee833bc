import { describe, expect, test } from "@jest/globals";
import { createSecretKey, randomBytes } from "node:crypto";
import type { JwtStrategy, VerifiedClaims } from "express-jwt-strategy";
import express from "express";
import request from "supertest";
import { construct } from "../../support/expect-construction-error.ts";
import { expectRefusal } from "../../support/expect-refusal.ts";
import { AUDIENCE, base64url, forge, goodClaims, nowInSeconds } from "../../support/forge.ts";
import { ALGORITHMS, hmacSecret, signingKey } from "../../support/keys.ts";

const options = { secret: hmacSecret, lifetimeSeconds: 3600 };
const sign = (claims: object): string => forge("HS256", signingKey("HS256"), claims);

type TokenVerifier = Pick<JwtStrategy<VerifiedClaims>, "readToken">;

async function accepts(strategy: TokenVerifier, token: string): Promise<boolean> {
  return (await strategy.readToken(token)) !== null;
}

const CACHE_SIZES = [
  ["with a cache", 10_000],
  ["without a cache", 0],
] as const;

describe.each(CACHE_SIZES)("%s, a token", (_title, cacheSize) => {
  const good = sign(goodClaims());
  const [header = "", payload = "", signature = ""] = good.split(".");
  const otherPayload = base64url(JSON.stringify(goodClaims({ sub: "1" })));

  test.each([
    ["accepted", good, true],
    ["refused without a signature", `${header}.${payload}.`, false],
    [
      "refused with one of its characters changed",
      `${header}.${payload}.${signature.replace(/^./, (first) => (first === "A" ? "B" : "A"))}`,
      false,
    ],
    ["refused with another payload", `${header}.${otherPayload}.${signature}`, false],
    [
      "refused with another header",
      `${base64url('{"alg":"HS384","typ":"JWT"}')}.${payload}.${signature}`,
      false,
    ],
    ["refused with a space at the end", `${good} `, false],
    ["refused if it is __proto__", "__proto__", false],
    ["refused if it is empty", "", false],
    ["refused if iat is a string", sign(goodClaims({ iat: "0" })), false],
    ["refused for another audience", sign(goodClaims({ aud: "other" })), false],
    ["refused without exp", sign({ sub: "42", aud: AUDIENCE }), false],
    ["refused if it has expired", sign(goodClaims({ exp: nowInSeconds() - 1 })), false],
  ])("is %s, each time", async (_verdict, token, accepted) => {
    const strategy = construct({ ...options, cacheSize });
    expect(await accepts(strategy, good)).toBe(true);
    expect([await accepts(strategy, token), await accepts(strategy, token)]).toEqual([
      accepted,
      accepted,
    ]);
    expect(await accepts(strategy, good)).toBe(true);
  });
});

describe("a cached token", () => {
  test.each(ALGORITHMS)("has the same claims as the first time: %s", async (algorithm) => {
    const strategy = construct({ algorithm, secret: signingKey(algorithm), lifetimeSeconds: 3600 });
    const claims = goodClaims({ roles: ["editor"] });
    const token = forge(algorithm, signingKey(algorithm), claims);
    expect(await strategy.readToken(token)).toEqual(claims);
    expect(await strategy.readToken(token)).toEqual(claims);
  });

  test("is refused by a strategy with another key", async () => {
    const token = sign(goodClaims());
    const other = construct({ ...options, secret: randomBytes(64) });
    expect(await accepts(construct(options), token)).toBe(true);
    expect(await accepts(other, token)).toBe(false);
  });

  test.each([
    ["audience", { tokenAudience: "other" }],
    ["algorithm", { algorithm: "HS512" }],
    ["maxTokenLength", { maxTokenLength: 50 }],
  ])("is refused by a strategy with another %s", async (_option, difference) => {
    const token = sign(goodClaims());
    expect(await accepts(construct(options), token)).toBe(true);
    expect(await accepts(construct({ ...options, ...difference }), token)).toBe(false);
  });

  test("is accepted by one of a thousand strategies", async () => {
    const tenants = Array.from({ length: 1000 }, (_, index) => {
      const secret = randomBytes(32);
      const token = forge("HS256", createSecretKey(secret), goodClaims({ sub: `tenant ${index}` }));
      return { strategy: construct({ ...options, secret }), token };
    });
    for (const round of [1, 2]) {
      for (const [index, { strategy, token }] of tenants.entries()) {
        const nextToken = tenants.at(index - 1);
        expect([round, await strategy.readToken(token)]).toMatchObject([
          round,
          { sub: `tenant ${index}` },
        ]);
        expect(await nextToken?.strategy.readToken(token)).toBeNull();
      }
    }
  });
});

describe("the claims of a token", () => {
  test("are frozen recursively, from the cache too", async () => {
    const strategy = construct(options);
    const token = sign(goodClaims({ tenant: { roles: ["reader", { of: "a" }] } }));
    for (const time of ["first", "again"]) {
      const claims = await strategy.readToken(token);
      const { roles } = claims?.tenant as { roles: object[] };
      const parts = [claims, claims?.aud, claims?.tenant, roles, roles[1]];
      expect([time, parts.every((part) => Object.isFrozen(part))]).toEqual([time, true]);
    }
  });
});

describe("over HTTP", () => {
  const bearer = (token: string): [string, { type: "bearer" }] => [token, { type: "bearer" }];

  test("a cached token does not make a forged one valid", async () => {
    const app = express().get(
      "/",
      construct(options).authenticate(),
      (_req, res) => void res.json("in"),
    );
    const token = sign(goodClaims());
    await request(app)
      .get("/")
      .auth(...bearer(token))
      .expect(200);
    const [header = "", , signature = ""] = token.split(".");
    const forged = `${header}.${base64url(JSON.stringify(goodClaims({ sub: "1" })))}.${signature}`;
    await expectRefusal(
      request(app)
        .get("/")
        .auth(...bearer(forged)),
      401,
      "invalid_token",
    );
  });

  test("a handler cannot change the claims", async () => {
    const auth = construct(options);
    const app = express().get("/", auth.authenticate(), (req, res) => {
      const claims = auth.currentUser(req);
      const changed = [
        Reflect.set(claims, "sub", "1"),
        Reflect.set(claims, "isSuperuser", true),
        Reflect.set(Object(claims.aud), "0", "other"),
        Reflect.deleteProperty(claims, "exp"),
        Reflect.setPrototypeOf(claims, { isSuperuser: true }),
      ];
      res.json({ claims, changed });
    });
    const claims = goodClaims();
    const nothing = { claims, changed: [false, false, false, false, false] };
    await request(app)
      .get("/")
      .auth(...bearer(sign(claims)))
      .expect(200, nothing);
    await request(app)
      .get("/")
      .auth(...bearer(sign(claims)))
      .expect(200, nothing);
  });
});
