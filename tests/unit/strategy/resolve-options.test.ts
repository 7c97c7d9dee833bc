import { afterEach, describe, expect, jest, test } from "@jest/globals";
import { randomBytes } from "node:crypto";
import { inspect } from "node:util";
import { bearerTransport, cookieTransport, type Transport } from "express-jwt-strategy";
import express from "express";
import request from "supertest";
import { resolveOptions } from "../../../lib/strategy/resolve-options.ts";
import { construct, expectConstructionError } from "../../support/expect-construction-error.ts";
import { expectRefusal } from "../../support/expect-refusal.ts";
import { forge, goodClaims } from "../../support/forge.ts";
import { generateRsaPair, hmacSecret, signingKey } from "../../support/keys.ts";

const required = { secret: hmacSecret, lifetimeSeconds: 3600 };
const token = forge("HS256", signingKey("HS256"));

afterEach(() => {
  jest.restoreAllMocks();
});

describe("an option that restricts who is admitted", () => {
  test.each([
    "issuer",
    "maxTokenAgeSeconds",
    "claimsSchema",
    "findUser",
    "securityStamp",
    "requiresVerification",
    "maxSessionSeconds",
  ])("is a TypeError if it is undefined by mistake: %s", (name) => {
    expectConstructionError(
      { ...required, [name]: undefined },
      new RegExp(`^${name} must be left out, or have a value other than undefined$`),
    );
  });
});

describe("the omitted options", () => {
  const defaults = {
    lifetimeSeconds: 3600,
    tokenAudience: ["fastapi-users:auth"],
    clockToleranceSeconds: 0,
    maxTokenLength: 8192,
    cacheSize: 10_000,
    refusal: { realm: "api", onAuthError: undefined },
    requiresVerification: false,
    findUser: undefined,
    claims: undefined,
    login: { verifyCredentials: undefined, onAfterLogin: undefined, onLoginFailed: undefined },
    maxSessionSeconds: undefined,
    slidingRenewal: undefined,
    securityStamp: undefined,
  };
  const allUndefined = {
    tokenAudience: undefined,
    algorithm: undefined,
    publicKey: undefined,
    verifyCredentials: undefined,
    userId: undefined,
    claims: undefined,
    onAfterLogin: undefined,
    onLoginFailed: undefined,
    transport: undefined,
    clockToleranceSeconds: undefined,
    maxTokenLength: undefined,
    cacheSize: undefined,
    realm: undefined,
    onAuthError: undefined,
    dangerouslyAllowWeakSecret: undefined,
  };

  test.each([
    ["absent", {}],
    ["undefined", allUndefined],
  ])("have their documented defaults: %s", (_how, options) => {
    const config = resolveOptions({ ...required, ...options });
    expect(config).toMatchObject(defaults);
    expect(config.keys.algorithm).toBe("HS256");
    expect(config.userId({ id: "42" })).toBe("42");
    expect(config.transport.loginResponse("a.b.c", 60).body).toMatchObject({
      token_type: "bearer",
    });
  });

  test("become one frozen config", () => {
    const config = resolveOptions(required);
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config.tokenAudience)).toBe(true);
    expect(Object.isFrozen(config.refusal)).toBe(true);
  });
});

/** A custom transport with only the required methods. */
const transport: Transport = {
  extractToken: () => undefined,
  loginResponse: () => ({ status: 204 }),
  logoutResponse: () => ({ status: 204 }),
};

type Labelled = readonly (readonly [label: string, value: unknown])[];

/** Labels values that are short in a title. */
const literals = (...values: readonly unknown[]): Labelled =>
  values.map((value) => [inspect(value), value]);

const FUNCTIONS: Labelled = [
  ["a function", () => null],
  ["an async function", async () => Promise.resolve(null)],
];

/** Valid values of each option with both bounds, invalid values, and the error message for these. */
const OPTIONS: readonly {
  name: string;
  good: Labelled;
  bad: Labelled;
  sentence: RegExp;
}[] = [
  {
    name: "lifetimeSeconds",
    good: literals(1, 3600, 3_153_600_000, null),
    bad: literals(
      0,
      3_153_600_001,
      -1,
      1.5,
      NaN,
      Infinity,
      1e12,
      "3600",
      "1h",
      true,
      {},
      [3600],
      3600n,
    ),
    sentence: /^lifetimeSeconds must be a whole number from 1 to 3153600000(, not text.*)?$/,
  },
  {
    name: "tokenAudience",
    good: literals(
      null,
      "a",
      ["a"],
      ["a", "b"],
      "https://api.example/",
      ["ü"],
      Object.freeze(["a"]),
    ),
    bad: literals(
      "",
      [],
      [""],
      ["a", ""],
      [undefined],
      ["a", null],
      [["a"]],
      new Array(2),
      Object.assign(new Array<string>(2), { 1: "a" }),
      /a/,
      42,
      {},
      new Set(["a"]),
      "\ud800",
      ["a\udc00"],
    ),
    sentence: /^tokenAudience must be a non-empty string, or a non-empty list of such, or null$/,
  },
  {
    name: "clockToleranceSeconds",
    good: literals(0, 0.5, 300),
    bad: literals(-1, -0.001, 300.001, 301, NaN, Infinity, "60", null, true, {}, [60], 60n),
    sentence: /^clockToleranceSeconds must be a number from 0 to 300(, not text.*)?$/,
  },
  {
    name: "maxTokenLength",
    good: literals(1, 8192, 1_048_576),
    bad: literals(0, 1_048_577, -1, 0.5, NaN, Infinity, "8192", null, true, {}),
    sentence: /^maxTokenLength must be a whole number from 1 to 1048576(, not text.*)?$/,
  },
  {
    name: "cacheSize",
    good: literals(0, 1, 16_777_216),
    bad: literals(-1, 16_777_217, 0.5, NaN, Infinity, "0", null, false, {}),
    sentence: /^cacheSize must be a whole number from 0 to 16777216(, not text.*)?$/,
  },
  {
    name: "realm",
    good: literals("a", "api v2", " !#[]^~"),
    bad: literals(
      "",
      'a"b',
      "a\\b",
      "a\r\nSet-Cookie: b",
      "a\tb",
      "a\0",
      "\x7f",
      "ü",
      null,
      42,
      {},
      ["api"],
    ),
    sentence: /^realm must be printable ASCII without quotes and backslashes$/,
  },
  ...["requiresVerification", "dangerouslyAllowWeakSecret"].map((name) => ({
    name,
    good: literals(true, false),
    bad: literals(null, 0, 1, "true", "", {}),
    sentence: new RegExp(`^${name} must be true or false(?:, not text: .*)?$`),
  })),
  {
    name: "transport",
    good: [
      ["bearerTransport()", bearerTransport()],
      ["cookieTransport()", cookieTransport()],
      ["a custom transport", transport],
      ["an object that inherits its methods", Object.create(transport)],
    ],
    bad: [
      ["null", null],
      ["a string", "cookie"],
      ["bearerTransport without a call", bearerTransport],
      ["an empty object", {}],
      ["a transport without extractToken", { ...transport, extractToken: undefined }],
      ["a transport with a string as loginResponse", { ...transport, loginResponse: "200" }],
      [
        "a transport with an object as logoutResponse",
        { ...transport, logoutResponse: { status: 204 } },
      ],
    ],
    sentence:
      /^transport must be made by bearerTransport\(\) or cookieTransport\(\), or have the methods of a Transport$/,
  },
  ...[
    "verifyCredentials",
    "findUser",
    "userId",
    "claims",
    "onAfterLogin",
    "onLoginFailed",
    "onAuthError",
  ].map((name) => ({
    name,
    good: FUNCTIONS,
    bad: literals(null, {}, "findById", true, []),
    sentence: new RegExp(`^${name} must be a function$`),
  })),
];

describe.each(OPTIONS)("the option $name", ({ name, good, bad, sentence }) => {
  test.each(good)("may be %s", (_label, value) => {
    expect(() => construct({ ...required, [name]: value })).not.toThrow();
  });

  test.each(bad)("is refused as %s", (_label, value) =>
    expectConstructionError({ ...required, [name]: value }, sentence),
  );
});

describe("the options object", () => {
  test("must contain lifetimeSeconds, which may be null", () =>
    expectConstructionError(
      { secret: hmacSecret },
      /^lifetimeSeconds must be given: a number of seconds, or null for tokens that never expire$/,
    ));

  test.each(["audience", "algorithms", "Secret", "expiresIn", "lifetime_seconds", "constructor"])(
    "is refused with the unknown name %s; the message lists the known names",
    (name) =>
      expectConstructionError(
        { ...required, [name]: "0123456789" },
        new RegExp(`^createJwtStrategy has no option "${name}"; it has secret, lifetimeSeconds, `),
      ),
  );

  test.each([
    ["undefined", undefined],
    ["null", null],
    ["a string", "secret"],
    ["a number", 42],
    ["a list", [required]],
    ["a function", () => required],
  ])("must be an object, not %s", (_what, options) =>
    expectConstructionError(options, /^createJwtStrategy's options must be an object$/),
  );

  test("is refused with a __proto__ from JSON", () =>
    expectConstructionError(
      JSON.parse(`{"__proto__":{"secret":"${hmacSecret.toString("hex")}"},"lifetimeSeconds":60}`),
      /^createJwtStrategy has no option "__proto__"/,
    ));

  test("is read without inherited options", () => {
    expectConstructionError(Object.create(required), /^lifetimeSeconds must be given/);
    const inheriting = Object.create({ maxTokenLength: 1 }) as typeof required;
    expect(resolveOptions(Object.assign(inheriting, required)).maxTokenLength).toBe(8192);
  });

  test("is read without options from a polluted Object.prototype", () => {
    const name = "dangerouslyAllowWeakSecret";
    Object.defineProperty(Object.prototype, name, { value: true, configurable: true });
    try {
      expectConstructionError({ ...required, secret: "short" }, /^secret is shorter/);
    } finally {
      Reflect.deleteProperty(Object.prototype, name);
    }
  });

  test("is read once", () => {
    const reads: string[] = [];
    const counted = new Proxy(
      { ...required },
      {
        get(target, name) {
          reads.push(String(name));
          return Reflect.get(target, name) as unknown;
        },
      },
    );
    construct(counted);
    expect(reads).toEqual(["secret", "lifetimeSeconds"]);
  });

  test("may be frozen, because it is not changed", () => {
    const options = Object.freeze({ ...required, tokenAudience: Object.freeze(["a"]) });
    expect(() => construct(options)).not.toThrow();
  });
});

describe("after construction, a change has no effect:", () => {
  test("of the options", async () => {
    const options = { ...required, maxTokenLength: 8192, tokenAudience: "a" };
    const strategy = construct(options);
    const before = forge("HS256", signingKey("HS256"), goodClaims({ aud: "a" }));
    Object.assign(options, { secret: randomBytes(64), maxTokenLength: 1, tokenAudience: "b" });
    expect(await strategy.readToken(before)).toMatchObject({ aud: "a" });
  });

  test("of the list of audiences", async () => {
    const tokenAudience = ["a"];
    const strategy = construct({ ...required, tokenAudience });
    tokenAudience[0] = "b";
    tokenAudience.push("c");
    const written = await strategy.writeToken({ id: "42" });
    expect(await strategy.readToken(written)).toMatchObject({ aud: ["a"] });
    const forOthers = forge("HS256", signingKey("HS256"), goodClaims({ aud: ["b", "c"] }));
    expect(await strategy.readToken(forOthers)).toBeNull();
  });

  test.each([
    ["a Buffer", Buffer.from(hmacSecret)],
    ["a Uint8Array", new Uint8Array(hmacSecret)],
  ])("of the secret in %s", async (_form, secret) => {
    const strategy = construct({ ...required, secret });
    secret.fill(0);
    expect(await strategy.readToken(token)).toMatchObject({ sub: "42" });
  });

  test("of the secret in a JWK", async () => {
    const secret = { kty: "oct", k: hmacSecret.toString("base64url") };
    const strategy = construct({ ...required, secret });
    secret.k = randomBytes(64).toString("base64url");
    expect(await strategy.readToken(token)).toMatchObject({ sub: "42" });
  });

  test("of the publicKey in a JWK", async () => {
    const { privateKey, publicKey } = generateRsaPair();
    const jwk = publicKey.export({ format: "jwk" });
    const verifier = construct({ algorithm: "RS256", publicKey: jwk, lifetimeSeconds: 60 });
    Object.assign(jwk, generateRsaPair().publicKey.export({ format: "jwk" }));
    expect(await verifier.readToken(forge("RS256", privateKey))).toMatchObject({ sub: "42" });
  });
});

describe("the realm", () => {
  test.each([
    ["api", {}],
    ["billing v2", { realm: "billing v2" }],
  ])("is part of every challenge: %s", async (realm, options) => {
    const app = express().use(construct({ ...required, ...options }).authenticate());
    await expectRefusal(request(app).get("/"), 401, undefined, undefined, realm);
    await expectRefusal(
      request(app).get("/").auth("garbage", { type: "bearer" }),
      401,
      "invalid_token",
      undefined,
      realm,
    );
  });
});
