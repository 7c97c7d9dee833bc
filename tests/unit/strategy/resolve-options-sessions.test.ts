import { createSecretKey, randomBytes } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { bearerTransport, cookieTransport, type Transport } from "express-jwt-strategy";
import { construct, expectConstructionError } from "../../support/expect-construction-error.ts";
import { HMAC_ALGORITHMS, hmacSecret, rsaPair } from "../../support/keys.ts";

const ONE_HUNDRED_YEARS = 100 * 365 * 24 * 60 * 60;
const withoutUsers = { secret: hmacSecret, lifetimeSeconds: 3600 };
const hmac = { ...withoutUsers, findUser: () => null };
const rsa = { ...hmac, algorithm: "RS256", secret: rsaPair.privateKey };
const verifyOnly = { ...rsa, secret: undefined, publicKey: rsaPair.publicKey };

describe("maxSessionSeconds", () => {
  test.each([3600, 3601, ONE_HUNDRED_YEARS])("may be %p", (maxSessionSeconds) => {
    expect(construct({ ...hmac, maxSessionSeconds }).refresh).toBeInstanceOf(Function);
  });

  test.each([
    3599,
    0,
    -3600,
    3600.5,
    NaN,
    Infinity,
    ONE_HUNDRED_YEARS + 1,
    "7200",
    7200n,
    [7200],
    {},
    null,
    true,
  ])("must be a whole number from lifetimeSeconds to 100 years, not %p", (maxSessionSeconds) => {
    expectConstructionError(
      { ...hmac, maxSessionSeconds },
      /^maxSessionSeconds must be a whole number from 3600 to 3153600000(, not text: convert it with Number\(\))?$/,
    );
  });

  test("is refused without a lifetime", () => {
    expectConstructionError(
      { ...hmac, lifetimeSeconds: null, maxSessionSeconds: 7200 },
      /^lifetimeSeconds must be a number if maxSessionSeconds is set$/,
    );
  });

  test("is refused without findUser", () => {
    expectConstructionError(
      { ...withoutUsers, maxSessionSeconds: 7200 },
      /^findUser must be set if maxSessionSeconds is: without it, no token is renewed$/,
    );
  });
});

describe("renewAfterFraction", () => {
  const cookie = { ...hmac, transport: cookieTransport() };

  test.each([0.5, Number.MIN_VALUE, 1 - Number.EPSILON, undefined])(
    "may be %p",
    (renewAfterFraction) => {
      expect(construct({ ...cookie, renewAfterFraction }).authenticate()).toBeInstanceOf(Function);
    },
  );

  test.each([0, -0, 1, -0.5, 1.5, NaN, Infinity, "0.5", null, true, [0.5], {}, 1n])(
    "must be a number between 0 and 1, not %p",
    (renewAfterFraction) => {
      expectConstructionError(
        { ...cookie, renewAfterFraction },
        /^renewAfterFraction must be a number between 0 and 1$/,
      );
    },
  );

  test.each<[string, object, RegExp]>([
    [
      "without a lifetime",
      { ...cookie, lifetimeSeconds: null },
      /^lifetimeSeconds must be a number if renewAfterFraction is set$/,
    ],
    [
      "without findUser",
      { ...withoutUsers, transport: cookieTransport() },
      /^findUser must be set if renewAfterFraction is; without it, tokens of deleted users could be renewed$/,
    ],
    [
      "in a service that only verifies",
      { ...verifyOnly, transport: cookieTransport() },
      /^secret must be set if renewAfterFraction is: it signs new tokens$/,
    ],
    [
      "with a bearerTransport",
      { ...hmac, transport: bearerTransport() },
      /^renewAfterFraction requires a transport with renewalHeaders, such as cookieTransport\(\); with bearerTransport\(\) use the refresh handler$/,
    ],
    [
      "with the default transport, a bearerTransport",
      hmac,
      /^renewAfterFraction requires a transport with renewalHeaders, such as cookieTransport\(\)/,
    ],
  ])("is refused %s", (_where, options, sentence) => {
    expectConstructionError({ ...options, renewAfterFraction: 0.5 }, sentence);
  });

  test.each([null, "Set-Cookie", { "Set-Cookie": "a=b" }])(
    "is refused with a transport if its renewalHeaders are not a function: %p",
    (renewalHeaders) => {
      const transport = { ...cookieTransport(), renewalHeaders };
      expectConstructionError(
        { ...cookie, transport, renewAfterFraction: 0.5 },
        /^transport must be /,
      );
    },
  );

  test("is accepted with any transport that has renewalHeaders", () => {
    const transport: Transport = {
      ...bearerTransport(),
      renewalHeaders: (token) => ({ "X-Token": token }),
    };
    expect(construct({ ...hmac, transport, renewAfterFraction: 0.5 })).toBeDefined();
  });
});

describe("securityStamp", () => {
  const securityStamp = (): string => "text";
  const key = randomBytes(32);

  test.each(["text", null, 0, true, {}, Promise.resolve("text")])(
    "must be a function, not %p",
    (given) => {
      expectConstructionError(
        { ...hmac, securityStamp: given },
        /^securityStamp must be a function$/,
      );
    },
  );

  test("is refused without findUser", () => {
    expectConstructionError(
      { ...withoutUsers, securityStamp },
      /^findUser must be set if securityStamp is: it finds the user of the stamp$/,
    );
  });

  test.each(HMAC_ALGORITHMS)("requires no key with %s, and refuses one", (algorithm) => {
    const options = { ...hmac, algorithm, securityStamp };
    expect(construct(options)).toBeDefined();
    expectConstructionError(
      { ...options, securityStampKey: key },
      /^securityStampKey must be left out with HS\d{3}: the secret keys the stamps$/,
    );
  });

  test.each([
    ["that signs", rsa],
    ["that only verifies", verifyOnly],
  ])("requires securityStampKey in an RS256 service %s", (_what, options) => {
    expectConstructionError(
      { ...options, securityStamp },
      /^securityStamp with RS256 requires securityStampKey: a public key cannot key an HMAC$/,
    );
    expect(construct({ ...options, securityStamp, securityStampKey: key })).toBeDefined();
  });
});

describe("securityStampKey", () => {
  const securityStamp = (): string => "text";
  const bytes = randomBytes(32);
  const build = (securityStampKey: unknown): object => ({
    ...rsa,
    securityStamp,
    securityStampKey,
  });

  test.each<[string, unknown]>([
    ["a Buffer", bytes],
    ["a string", bytes.toString("hex")],
    ["a KeyObject", createSecretKey(bytes)],
    ["a JWK", { kty: "oct", k: bytes.toString("base64url") }],
    ["a list", [bytes, randomBytes(64)]],
  ])("may be %s", (_form, given) => {
    expect(construct(build(given))).toBeDefined();
  });

  test.each<[string, unknown, RegExp]>([
    ["too short", randomBytes(31), /^securityStampKey is shorter than the 32 bytes/],
    ["empty", "", /^securityStampKey is empty/],
    [
      "too short in a list",
      [bytes, randomBytes(31)],
      /^securityStampKey\[1\] is shorter than the 32 bytes/,
    ],
    ["an empty list", [], /^securityStampKey is an empty list: pass at least one key$/],
    [
      "a list that repeats a key",
      [bytes, Buffer.from(bytes)],
      /^securityStampKey contains the same key/,
    ],
    [
      "a public key",
      rsaPair.publicKey.export({ format: "pem", type: "spki" }),
      /^securityStampKey is a key or certificate in PEM, DER, JWK or another format/,
    ],
    ["a private KeyObject", rsaPair.privateKey, /^securityStampKey must be a string, a Buffer/],
    ["a number", 42, /^securityStampKey must be a string, a Buffer/],
    ["null", null, /^securityStampKey must be a string, a Buffer/],
  ])("is refused as %s", (_what, given, sentence) => {
    expectConstructionError(build(given), sentence);
  });

  test("is refused if it is too short, even with dangerouslyAllowWeakSecret", () => {
    const options = { ...build(randomBytes(31)), dangerouslyAllowWeakSecret: true };
    expectConstructionError(options, /^securityStampKey is shorter than the 32 bytes/);
    expectConstructionError(options, /^(?!.*dangerouslyAllowWeakSecret)/);
  });

  test.each([
    ["HS256", hmac],
    ["RS256", rsa],
  ])("is refused without securityStamp, with %s", (_algorithm, options) => {
    expectConstructionError(
      { ...options, securityStampKey: bytes },
      /^securityStamp must be set if securityStampKey is$/,
    );
  });
});
