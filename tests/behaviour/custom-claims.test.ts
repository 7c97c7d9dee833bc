import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { createJwtStrategy, type GetClaims, type JwtStrategyOptions } from "express-jwt-strategy";
import express, { type ErrorRequestHandler } from "express";
import request, { type Response } from "supertest";
import { AUDIENCE, forge, nowInSeconds } from "../support/forge.ts";
import { hmacSecret, signingKey } from "../support/keys.ts";

interface User {
  readonly id: string;
}

const ann: User = { id: "42" };

beforeEach(() => {
  const now = Date.now();
  jest.spyOn(Date, "now").mockReturnValue(now);
});
afterEach(() => void jest.restoreAllMocks());

function strategyOf(
  claims: unknown,
  options: Partial<JwtStrategyOptions<User>> = {},
): ReturnType<typeof createJwtStrategy<User>> {
  return createJwtStrategy<User>({
    secret: hmacSecret,
    lifetimeSeconds: 3600,
    verifyCredentials: () => ann,
    findUser: () => ann,
    claims: claims as GetClaims<User> | undefined,
    ...options,
  } as Parameters<typeof createJwtStrategy<User>>[0]);
}

/** A strategy with a `claims` option that returns this value. */
const returning = (claims: unknown): ReturnType<typeof strategyOf> => strategyOf(() => claims);

function payloadOf(token: string): string {
  return Buffer.from(String(token.split(".")[1]), "base64url").toString();
}

/** The claims that the package writes into Ann's tokens, before the claims of the app. */
const written = (): object => ({ sub: "42", aud: [AUDIENCE], exp: nowInSeconds() + 3600 });

describe("claims", () => {
  test.each<[string, unknown]>([
    ["a clone", structuredClone({ scope: "read" })],
    ["an object of another realm", runInNewContext('({ scope: "read" })')],
    ["JSON of another realm", runInNewContext(`JSON.parse('{ "scope": "read" }')`)],
    ["an object without a prototype", Object.assign(Object.create(null), { scope: "read" })],
  ])("may be %s", async (_what, claims) => {
    expect(payloadOf(await returning(claims).writeToken(ann))).toContain('"scope":"read"');
  });

  test("follow sub, aud and exp in the token, in the order of the object", async () => {
    const token = await returning({ scope: "read", role: "admin", aaa: [1] }).writeToken(ann);
    expect(payloadOf(token)).toBe(
      JSON.stringify({ ...written(), scope: "read", role: "admin", aaa: [1] }),
    );
  });

  test("are computed for the user who logs in", async () => {
    const claims = jest.fn(({ id }: User) => ({ note: `of ${id}` }));
    const token = await strategyOf(claims).writeToken(ann);
    expect(claims.mock.calls).toEqual([[ann]]);
    expect(payloadOf(token)).toContain('"note":"of 42"');
  });

  test("may be a promise", async () => {
    const token = await strategyOf(async () => Promise.resolve({ scope: "read" })).writeToken(ann);
    expect(payloadOf(token)).toContain('"scope":"read"');
  });

  test("are escaped like in Python's json.dumps", async () => {
    const token = await returning({ name: "Zoë \u{1f600}\u007f" }).writeToken(ann);
    expect(payloadOf(token)).toContain('"name":"Zo\\u00eb \\ud83d\\ude00\\u007f"');
  });

  test.each<[string, unknown]>([
    ["there is no claims option", undefined],
    ["claims returns undefined", () => undefined],
    ["claims returns only undefined members", () => ({ scope: undefined })],
    ["claims returns an empty object", () => ({})],
  ])("do not change the token if %s", async (_how, claims) => {
    const token = await strategyOf(claims).writeToken(ann);
    expect(token).toBe(forge("HS256", signingKey("HS256"), written()));
  });

  test("may include registered claims that the package does not write", async () => {
    const registered = { iss: "me", jti: "1", iat: nowInSeconds(), nbf: nowInSeconds() };
    const token = await returning(registered).writeToken(ann);
    expect(payloadOf(token)).toBe(JSON.stringify({ ...written(), ...registered }));
    expect(await strategyOf(undefined).readToken(token)).toBe(ann);
  });

  test("are serialized by JSON.stringify", async () => {
    const when = new Date(0);
    const token = await returning({ when, gone: undefined, own: { toJSON: () => 1 } }).writeToken(
      ann,
    );
    expect(payloadOf(token)).toBe(
      JSON.stringify({ ...written(), when: "1970-01-01T00:00:00.000Z", own: 1 }),
    );
  });

  test("may be an object without a prototype", async () => {
    const claims: object = Object.assign(Object.create(null) as object, { a: 1 });
    expect(payloadOf(await returning(claims).writeToken(ann))).toBe(
      JSON.stringify({ ...written(), a: 1 }),
    );
  });

  test("are read once, so that they cannot change after the check", async () => {
    const reads = jest.fn(() => "read");
    const claims = {
      get scope() {
        return reads();
      },
    };
    await returning(claims).writeToken(ann);
    expect(reads).toHaveBeenCalledTimes(1);
  });
});

const cycle: Record<string, unknown> = {};
cycle.self = cycle;
const OVERRIDE = /^claims must not return (sub|aud|exp): the strategy's own options write it$/;
const NO_OBJECT = /^claims must return an object$/;
const WRONG_TYPE =
  /^claims must return iss, nbf, iat and jti with the types of RFC 7519, or not at all$/;
/** Values that `claims` must not return, and the error message for each. */
const REFUSED: readonly (readonly [string, unknown, RegExp])[] = [
  ["sub", { sub: "1" }, OVERRIDE],
  ["the same sub", { sub: "42" }, OVERRIDE],
  ["aud", { aud: AUDIENCE }, OVERRIDE],
  ["exp", { exp: 9_999_999_999 }, OVERRIDE],
  ["exp: null", { exp: null }, OVERRIDE],
  ["sub by toJSON", { toJSON: () => ({ sub: "1" }) }, OVERRIDE],
  ["nbf as text", { nbf: "1" }, WRONG_TYPE],
  ["nbf: null", { nbf: null }, WRONG_TYPE],
  ["nbf in milliseconds", { nbf: 1_700_000_000_000 }, WRONG_TYPE],
  ["iat as a Date", { iat: new Date(0) }, WRONG_TYPE],
  ["iat: NaN, which becomes null in JSON", { iat: NaN }, WRONG_TYPE],
  ["jti as a number", { jti: 1 }, WRONG_TYPE],
  ["null", null, NO_OBJECT],
  ["a string", "scope", NO_OBJECT],
  ["a number", 42, NO_OBJECT],
  ["true", true, NO_OBJECT],
  ["a list", ["scope"], NO_OBJECT],
  ["a function", () => ({}), NO_OBJECT],
  ["a Map, which is empty in JSON", new Map([["scope", "read"]]), NO_OBJECT],
  [
    "an object with inherited claims, which JSON omits",
    Object.create({ scope: "read" }),
    NO_OBJECT,
  ],
  ["a Date", new Date(0), NO_OBJECT],
  ["an object that becomes a string in JSON", { toJSON: () => "scope" }, NO_OBJECT],
  ["an object that becomes a list in JSON", { toJSON: () => ["scope"] }, NO_OBJECT],
  ["an object that becomes null in JSON", { toJSON: () => null }, NO_OBJECT],
  ["an object that becomes undefined in JSON", { toJSON: () => undefined }, NO_OBJECT],
  ["a BigInt", { big: 1n }, /BigInt/],
  ["a cycle", cycle, /circular/],
  ["an own __proto__", JSON.parse('{"__proto__":{"role":"admin"}}'), /^claims must /],
];

describe("a login with an invalid claims option", () => {
  async function logIn(
    auth: ReturnType<typeof strategyOf>,
  ): Promise<{ response: Response; error: unknown }> {
    let failure: unknown;
    const record: ErrorRequestHandler = (error, _req, _res, next) => {
      failure = error;
      next(error);
    };
    const app = express().post("/login", auth.login).use(record);
    const response = await request(app).post("/login").send({ username: "a", password: "b" });
    return { response, error: failure };
  }

  test.each(REFUSED)(
    "answers 500 without a token if claims are %s",
    async (_what, claims, sentence) => {
      const { response, error } = await logIn(returning(claims));
      expect(response.status).toBe(500);
      expect(response.text).not.toContain("eyJ");
      expect(error).toBeInstanceOf(Error);
      expect((error as Error).message).toMatch(sentence);
    },
  );

  test.each<[string, () => unknown]>([
    [
      "throws",
      () => {
        throw new Error("database down");
      },
    ],
    ["rejects", () => Promise.reject(new Error("database down"))],
  ])("answers 500 and passes the error on if claims %s", async (_how, claims) => {
    const { response, error } = await logIn(strategyOf(claims));
    expect(response.status).toBe(500);
    expect(error).toEqual(new Error("database down"));
  });

  test("answers 500 if claims include exp, even for tokens without expiry", async () => {
    const auth = strategyOf(() => ({ exp: 1 }), { lifetimeSeconds: null });
    expect((await logIn(auth)).response.status).toBe(500);
  });

  test("answers 500 if claims make the token longer than maxTokenLength", async () => {
    const { response, error } = await logIn(returning({ note: "x".repeat(8192) }));
    expect(response.status).toBe(500);
    expect(String(error)).toContain("longer than maxTokenLength");
  });
});

describe("the claims of a login", () => {
  test("are returned by currentClaims in later requests, frozen", async () => {
    const auth = returning({ scope: "read", teams: [{ name: "a" }] });
    const app = express().post("/login", auth.login);
    app.get("/", auth.authenticate({ scopes: ["read"] }), (req, res) => {
      const claims = auth.currentClaims(req);
      const frozen = [claims, claims.teams, (claims.teams as [object])[0]].map(Object.isFrozen);
      res.json({ claims, frozen });
    });
    const login = await request(app).post("/login").send({ username: "a", password: "b" });
    const { access_token: token } = login.body as { access_token: string };
    const response = await request(app).get("/").set("Authorization", `Bearer ${token}`);
    expect(response.body).toEqual({
      claims: { ...written(), scope: "read", teams: [{ name: "a" }] },
      frozen: [true, true, true],
    });
  });
});
