import { afterEach, describe, expect, jest, test } from "@jest/globals";
import { createSecretKey, randomBytes } from "node:crypto";
import type { HmacAlgorithm } from "../../../lib/keys/algorithms.ts";
import type { Jwk } from "../../../lib/keys/jwk.ts";
import { construct, expectConstructionError } from "../../support/expect-construction-error.ts";
import { forge } from "../../support/forge.ts";
import { HMAC_ALGORITHMS, hmacSecret, rsaPair } from "../../support/keys.ts";
import { bytesOfAnotherRealm } from "../../support/other-realm.ts";

const HASH_BYTES: Record<HmacAlgorithm, number> = { HS256: 32, HS384: 48, HS512: 64 };

const text = hmacSecret.toString("base64url");
const bytes = Buffer.from(text);
const oct = (key: Buffer, members: Jwk = {}): Jwk => ({
  kty: "oct",
  k: key.toString("base64url"),
  ...members,
});

/** Expects the same signatures as of node:crypto with these bytes. */
async function expectSecretIs(key: Buffer, options: object): Promise<void> {
  const { algorithm = "HS256" } = options as { algorithm?: HmacAlgorithm };
  jest.spyOn(Date, "now").mockReturnValue(1_700_000_000_000);
  const strategy = construct({ lifetimeSeconds: 3600, ...options });
  const token = forge(algorithm, createSecretKey(key));
  expect(await strategy.writeToken({ id: "42" })).toBe(token);
  expect(await strategy.readToken(token)).toMatchObject({ sub: "42" });
}

const expectRefused = (secret: unknown, sentence: RegExp, options: object = {}): void =>
  expectConstructionError({ secret, lifetimeSeconds: 3600, ...options }, sentence);

afterEach(() => {
  jest.restoreAllMocks();
});

describe.each(HMAC_ALGORITHMS)("the secret of %s", (algorithm) => {
  test.each([
    ["a string, as UTF-8 and not decoded", text],
    ["a Buffer", bytes],
    ["a Uint8Array", new Uint8Array(bytes)],
    ["a Uint8Array of another realm", bytesOfAnotherRealm(bytes)],
    [
      "a view of a larger Buffer",
      Buffer.concat([randomBytes(9), bytes, randomBytes(9)]).subarray(9, -9),
    ],
    ["a KeyObject", createSecretKey(bytes)],
    ["a JWK", oct(bytes)],
    [
      "a JWK with use, key_ops and alg",
      oct(bytes, { alg: algorithm, use: "sig", key_ops: ["sign", "verify"] }),
    ],
  ])("may be %s", (_form, secret) => expectSecretIs(bytes, { algorithm, secret }));

  const shortest = HASH_BYTES[algorithm];

  test(`may have ${shortest} bytes`, () => {
    const secret = randomBytes(shortest);
    return expectSecretIs(secret, { algorithm, secret });
  });

  test.each([
    ["a string", "k".repeat(shortest - 1)],
    ["a Buffer", randomBytes(shortest - 1)],
    ["a KeyObject", createSecretKey(randomBytes(shortest - 1))],
    ["a JWK", oct(randomBytes(shortest - 1))],
  ])(`is refused in ${shortest - 1} bytes (RFC 7518 section 3.2), as %s`, (_form, secret) =>
    expectRefused(
      secret,
      new RegExp(
        `^secret is shorter than the ${shortest} bytes that ${algorithm} requires .*crypto\\.randomBytes\\(64\\)`,
      ),
      { algorithm },
    ),
  );

  test("may be short with dangerouslyAllowWeakSecret", () =>
    expectSecretIs(Buffer.from("k"), { algorithm, secret: "k", dangerouslyAllowWeakSecret: true }));
});

describe("a secret that is a string", () => {
  test("has a minimal length in bytes, not in characters", () =>
    expectSecretIs(Buffer.from("é".repeat(16)), { secret: "é".repeat(16) }));

  test.each(["secret", "changeme", "password", "undefined", "null", "[object Object]"])(
    "is refused if it is a placeholder: %j",
    (secret) => expectRefused(secret, /^secret is shorter/),
  );

  test.each([
    ["ends in a NUL character", `${text}\0`],
    ["is not well-formed Unicode", `${text}\ud800`],
  ])("is refused if it %s", (_why, secret) => {
    const sentence = /^secret ends in a NUL .* pass random bytes as a Buffer/;
    expectRefused(secret, sentence);
    expectRefused(secret, sentence, { dangerouslyAllowWeakSecret: true });
  });

  test.each([
    ["an object", JSON.stringify({ a: text })],
    ["a number", "1".repeat(64)],
    ["a list with null", `null ${text}`],
  ])("may be JSON: %s", (_what, secret) => expectSecretIs(Buffer.from(secret), { secret }));
});

describe("a secret of random bytes", () => {
  const endingIn = (nuls: number, length = 64): Buffer =>
    Buffer.concat([randomBytes(length - nuls - 1), Buffer.of(1)], length);

  test.each([
    ["end in NUL bytes", endingIn(2)],
    ["end in NUL bytes and have the minimal length", endingIn(4, 32)],
    ["end in more NUL bytes than random bytes do, if enough other bytes are left", endingIn(32)],
    ["contain NUL bytes", Buffer.concat([randomBytes(16), Buffer.alloc(20), Buffer.of(1)])],
    ["begin as DER does", Buffer.concat([Buffer.of(0x30, 0x82), randomBytes(40)])],
  ])("may %s", (_what, secret) => expectSecretIs(secret, { secret }));

  const FORMS: readonly (readonly [string, (bytes: Buffer) => unknown])[] = [
    ["a Buffer", (secret) => secret],
    ["a Uint8Array", (secret) => new Uint8Array(secret)],
    ["a KeyObject", (secret) => createSecretKey(secret)],
    ["a JWK", (secret) => oct(secret)],
  ];

  describe.each(FORMS)(
    "that HMAC pads with NUL bytes (RFC 2104 section 2), as %s",
    (_form, form) => {
      test.each([
        [
          "a password, padded to the length of the hash",
          Buffer.concat([Buffer.from("hunter2")], 32),
        ],
        ["a password, padded to the block", Buffer.concat([Buffer.from("hunter2")], 64)],
        ["a password, padded to more than the block", Buffer.concat([Buffer.from("hunter2")], 200)],
        ["31 bytes, padded with more NUL bytes than random bytes end in", endingIn(33)],
        ["27 bytes, padded to 32", endingIn(5, 32)],
      ])("has a length without these bytes: %s", async (_what, secret) => {
        const sentence =
          /^secret is shorter than the 32 bytes .* not counting NUL bytes at its end/;
        expectRefused(form(secret), sentence);
        await expectSecretIs(secret, { secret: form(secret), dangerouslyAllowWeakSecret: true });
      });

      test.each([1, 32, 64, 200])("is refused if it has only NUL bytes: %d", (length) => {
        const sentence = /^secret is empty or only NUL bytes/;
        expectRefused(form(Buffer.alloc(length)), sentence);
        expectRefused(form(Buffer.alloc(length)), sentence, { dangerouslyAllowWeakSecret: true });
      });
    },
  );
});

describe("an empty secret", () => {
  test.each([
    ["a string", ""],
    ["a Buffer", Buffer.alloc(0)],
    ["a Uint8Array", new Uint8Array()],
    ["a KeyObject", createSecretKey(Buffer.alloc(0))],
    ["a JWK", { kty: "oct", k: "" }],
  ])("is refused, even with dangerouslyAllowWeakSecret: %s", (_form, secret) => {
    const sentence =
      /^secret is empty or only NUL bytes: generate one with crypto\.randomBytes\(64\)$/;
    expectRefused(secret, sentence);
    expectRefused(secret, sentence, { dangerouslyAllowWeakSecret: true });
  });

  test("is refused with its own message if the k of a JWK has no base64url character", () => {
    const jwk = { kty: "oct", k: "!".repeat(86) };
    const sentence = /^secret is a JWK whose k is not base64url \(RFC 7518 section 6\.4\.1\)$/;
    expectRefused(jwk, sentence);
    expectRefused(jwk, sentence, { dangerouslyAllowWeakSecret: true });
  });

  test("is refused with a message about the environment variable if it is undefined", () =>
    expectRefused(undefined, /^secret is required .*is the environment variable set\?/));
});

const publicPem = String(rsaPair.publicKey.export({ format: "pem", type: "spki" }));
const publicJwk = rsaPair.publicKey.export({ format: "jwk" });

describe("a secret of another type", () => {
  test.each<[string, unknown]>([
    ["null", null],
    ["a number", 42],
    ["a boolean", true],
    ["a function", () => text],
    ["an object", { secret: text }],
    ["a String object", Object(text)],
    ["an ArrayBuffer", new ArrayBuffer(64)],
    ["an array of 16-bit numbers", new Uint16Array(64)],
    ["a private KeyObject", rsaPair.privateKey],
    ["a public KeyObject", rsaPair.publicKey],
    ["an RSA JWK", publicJwk],
    ["a JWK of another kty that has a k", { kty: "RSA", k: text }],
    ["a JWK of kty EC that has a k", { kty: "EC", k: text }],
    ["a JWK of kty OKP that has a k", { kty: "OKP", k: text }],
    ["a JWK with kty in capitals", { kty: "OCT", k: text }],
    ["a JWK with a space in kty", { kty: "oct ", k: text }],
    ["a JWK with a list as kty", { kty: ["oct"], k: text }],
    ["a JWK with null as kty", { kty: null, k: text }],
    ["a JWK Set", { keys: [oct(bytes)] }],
    ["a JWK without k", { kty: "oct" }],
    ["an encrypted PEM", { key: publicPem, passphrase: text }],
  ])("is refused: %s", (_what, secret) =>
    expectRefused(
      secret,
      /^secret must be a string, a Buffer, a secret KeyObject or a JWK of kty "oct"/,
    ),
  );
});
