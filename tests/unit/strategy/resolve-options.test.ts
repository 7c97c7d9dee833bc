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

describe("the options left out", () => {
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

/** A transport of the app's own, with no more than it must have. */
const transport: Transport = {
  extractToken: () => undefined,
  loginResponse: () => ({ status: 204 }),
  logoutResponse: () => ({ status: 204 }),
};

/** Each option: what it may be, both edges included, and what it may not be, with the sentence that says so. */
const OPTIONS: readonly {
  name: string;
  good: readonly unknown[];
  bad: readonly unknown[];
  sentence: RegExp;
}[] = [
  {
    name: "lifetimeSeconds",
    good: [1, 3600, 3_153_600_000, null],
    bad: [0, 3_153_600_001, -1, 1.5, NaN, Infinity, 1e12, "3600", "1h", true, {}, [3600], 3600n],
    sentence: /^lifetimeSeconds must be a whole number from 1 to 3153600000(, not text.*)?$/,
  },
  {
    name: "tokenAudience",
    good: [null, "a", ["a"], ["a", "b"], "https://api.example/", ["ü"], Object.freeze(["a"])],
    bad: [
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
    ],
    sentence: /^tokenAudience must be a non-empty string, or a non-empty list of such, or null$/,
  },
  {
    name: "clockToleranceSeconds",
    good: [0, 0.5, 300],
    bad: [-1, -0.001, 300.001, 301, NaN, Infinity, "60", null, true, {}, [60], 60n],
    sentence: /^clockToleranceSeconds must be a number from 0 to 300(, not text.*)?$/,
  },
  {
    name: "maxTokenLength",
    good: [1, 8192, 1_048_576],
    bad: [0, 1_048_577, -1, 0.5, NaN, Infinity, "8192", null, true, {}],
    sentence: /^maxTokenLength must be a whole number from 1 to 1048576(, not text.*)?$/,
  },
  {
    name: "cacheSize",
    good: [0, 1, 16_777_216],
    bad: [-1, 16_777_217, 0.5, NaN, Infinity, "0", null, false, {}],
    sentence: /^cacheSize must be a whole number from 0 to 16777216(, not text.*)?$/,
  },
  {
    name: "realm",
    good: ["a", "api v2", " !#[]^~"],
    bad: [
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
    ],
    sentence: /^realm must be printable ASCII without quotes and backslashes$/,
  },
  ...["requiresVerification", "dangerouslyAllowWeakSecret"].map((name) => ({
    name,
    good: [true, false],
    bad: [null, 0, 1, "true", "", {}],
    sentence: new RegExp(`^${name} must be true or false$`),
  })),
  {
    name: "transport",
    good: [bearerTransport(), cookieTransport(), transport, Object.create(transport)],
    bad: [
      null,
      "cookie",
      bearerTransport,
      {},
      { ...transport, extractToken: undefined },
      { ...transport, loginResponse: "200" },
      { ...transport, logoutResponse: { status: 204 } },
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
    good: [() => null, async () => Promise.resolve(null)],
    bad: [null, {}, "findById", true, []],
    sentence: new RegExp(`^${name} must be a function$`),
  })),
];

describe.each(OPTIONS)("the option $name", ({ name, good, bad, sentence }) => {
  test.each(good.map((value) => [inspect(value), value]))("may be %s", (_value, value) => {
    expect(() => construct({ ...required, [name]: value })).not.toThrow();
  });

  test.each(bad.map((value) => [inspect(value), value]))("is refused as %s", (_value, value) =>
    expectConstructionError({ ...required, [name]: value }, sentence),
  );
});

describe("the options object", () => {
  test("must name a lifetime, be it null", () =>
    expectConstructionError(
      { secret: hmacSecret },
      /^lifetimeSeconds must be given: a number of seconds, or null for tokens that never expire$/,
    ));

  test.each(["audience", "algorithms", "Secret", "expiresIn", "lifetime_seconds", "constructor"])(
    "has no option %s, and says which it has",
    (name) =>
      expectConstructionError(
        { ...required, [name]: "0123456789" },
        new RegExp(`^createJwtStrategy has no option "${name}"; it has secret, lifetimeSeconds, `),
      ),
  );

  test.each([undefined, null, "secret", 42, [required], () => required])(
    "is refused when it is no object: %p",
    (options) =>
      expectConstructionError(options, /^createJwtStrategy's options must be an object$/),
  );

  test("is refused with a __proto__ from JSON", () =>
    expectConstructionError(
      JSON.parse(`{"__proto__":{"secret":"${hmacSecret.toString("hex")}"},"lifetimeSeconds":60}`),
      /^createJwtStrategy has no option "__proto__"/,
    ));

  test("gives nothing by inheritance", () => {
    expectConstructionError(Object.create(required), /^lifetimeSeconds must be given/);
    const heir = Object.create({ maxTokenLength: 1 }) as typeof required;
    expect(resolveOptions(Object.assign(heir, required)).maxTokenLength).toBe(8192);
  });

  test("takes no options from a polluted Object.prototype", () => {
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

  test("may be frozen, and is never written to", () => {
    const options = Object.freeze({ ...required, tokenAudience: Object.freeze(["a"]) });
    expect(() => construct(options)).not.toThrow();
  });
});

describe("what is changed after construction changes nothing", () => {
  test("the options", async () => {
    const options = { ...required, maxTokenLength: 8192, tokenAudience: "a" };
    const strategy = construct(options);
    const before = forge("HS256", signingKey("HS256"), goodClaims({ aud: "a" }));
    Object.assign(options, { secret: randomBytes(64), maxTokenLength: 1, tokenAudience: "b" });
    expect(await strategy.readToken(before)).toMatchObject({ aud: "a" });
  });

  test("the list of audiences", async () => {
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
  ])("the secret in %s", async (_form, secret) => {
    const strategy = construct({ ...required, secret });
    secret.fill(0);
    expect(await strategy.readToken(token)).toMatchObject({ sub: "42" });
  });

  test("the secret in a JWK", async () => {
    const secret = { kty: "oct", k: hmacSecret.toString("base64url") };
    const strategy = construct({ ...required, secret });
    secret.k = randomBytes(64).toString("base64url");
    expect(await strategy.readToken(token)).toMatchObject({ sub: "42" });
  });

  test("the publicKey in a JWK", async () => {
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
  ])("stands in every challenge: %s", async (realm, options) => {
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
