import { afterEach, describe, expect, jest, test } from "@jest/globals";
import express from "express";
import request from "supertest";
import { construct } from "../../support/expect-construction-error.ts";
import { expectRefusal } from "../../support/expect-refusal.ts";
import { AUDIENCE, forge } from "../../support/forge.ts";
import { hmacSecret, signingKey } from "../../support/keys.ts";

const options = { secret: hmacSecret, lifetimeSeconds: 3600 };
const sign = (claims: object): string => forge("HS256", signingKey("HS256"), claims);

const setClock = (seconds: number): unknown =>
  jest.spyOn(Date, "now").mockReturnValue(seconds * 1000);

afterEach(() => {
  jest.restoreAllMocks();
});

/** Claims, whether the token is accepted at each time, in this order, and options. */
const CLOCKS: readonly (readonly [
  string,
  object,
  object,
  readonly (readonly [number, boolean])[],
])[] = [
  [
    "exp alone",
    { exp: 1000 },
    {},
    [
      [900, true],
      [999.999, true],
      [1000, false],
      [900, true],
      [5000, false],
    ],
  ],
  [
    "exp and iat",
    { exp: 1000, iat: 900 },
    {},
    [
      [900, true],
      [899.999, false],
      [900, true],
      [1000, false],
    ],
  ],
  [
    "exp and nbf",
    { exp: 1000, nbf: 900 },
    {},
    [
      [900, true],
      [899.999, false],
      [950, true],
      [1000, false],
    ],
  ],
  [
    "exp with a fraction",
    { exp: 1000.5 },
    {},
    [
      [1000.499, true],
      [1000.5, false],
    ],
  ],
  [
    "exp with a tolerance",
    { exp: 1000 },
    { clockToleranceSeconds: 60 },
    [
      [1059.999, true],
      [1060, false],
      [1059, true],
    ],
  ],
  [
    "nbf with a tolerance",
    { exp: 9999, nbf: 900 },
    { clockToleranceSeconds: 60 },
    [
      [840, true],
      [839.999, false],
      [840, true],
    ],
  ],
  [
    "iat with a tolerance",
    { exp: 9999, iat: 900 },
    { clockToleranceSeconds: 60 },
    [
      [840, true],
      [839.999, false],
      [840, true],
    ],
  ],
  [
    "no exp",
    { nbf: 900 },
    { lifetimeSeconds: null },
    [
      [900, true],
      [1e10, true],
      [899, false],
      [900, true],
    ],
  ],
  [
    "a clock that jumps by an hour in both directions",
    { exp: 10_000 },
    {},
    [
      [6000, true],
      [9600, true],
      [2400, true],
      [6000, true],
      [13_600, false],
      [6000, true],
    ],
  ],
];

describe.each([
  ["with a cache", 10_000],
  ["without a cache", 0],
])("%s, a token", (_title, cacheSize) => {
  test.each(CLOCKS)(
    "is compared with the clock at each use: %s",
    async (_claims, times, more, steps) => {
      const strategy = construct({ ...options, ...more, cacheSize });
      const token = sign({ sub: "42", aud: AUDIENCE, ...times });
      for (const [seconds, accepted] of steps) {
        setClock(seconds);
        expect([seconds, (await strategy.readToken(token)) !== null]).toEqual([seconds, accepted]);
      }
    },
  );
});

describe("over HTTP", () => {
  const bearer = (token: string): [string, { type: "bearer" }] => [token, { type: "bearer" }];

  test("a cached token is accepted until it expires, and refused from then on", async () => {
    const app = express().get(
      "/",
      construct(options).authenticate(),
      (_req, res) => void res.json("in"),
    );
    const token = sign({ sub: "42", aud: AUDIENCE, exp: 1000 });
    setClock(999.999);
    await request(app)
      .get("/")
      .auth(...bearer(token))
      .expect(200);
    await request(app)
      .get("/")
      .auth(...bearer(token))
      .expect(200);
    setClock(1000);
    await expectRefusal(
      request(app)
        .get("/")
        .auth(...bearer(token)),
      401,
      "invalid_token",
      "The access token expired",
    );
  });
});
