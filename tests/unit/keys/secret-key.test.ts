import { afterEach, describe, expect, jest, test } from "@jest/globals";
import { createSecretKey, randomBytes } from "node:crypto";
import type { Jwk } from "../../../lib/keys/jwk.ts";
import type { HmacAlgorithm } from "../../../lib/keys/algorithms.ts";
import { construct, expectConstructionError } from "../../support/expect-construction-error.ts";
import { forge } from "../../support/forge.ts";
import { HMAC_ALGORITHMS, generateEcPair, hmacSecret, rsaPair } from "../../support/keys.ts";
import { bytesOfAnotherRealm } from "../../support/other-realm.ts";

const HASH_BYTES: Record<HmacAlgorithm, number> = { HS256: 32, HS384: 48, HS512: 64 };

const text = hmacSecret.toString("base64url");
const bytes = Buffer.from(text);
const oct = (key: Buffer, members: Jwk = {}): Jwk => ({
  kty: "oct",
  k: key.toString("base64url"),
  ...members,
});

/** Signs and verifies just as node:crypto does with these bytes. */
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
      "a JWK that says what it is for",
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
        `^secret is shorter than the ${shortest} bytes that ${algorithm} needs .*crypto\\.randomBytes\\(64\\)`,
      ),
      { algorithm },
    ),
  );

  test("may be short where dangerouslyAllowWeakSecret says so", () =>
    expectSecretIs(Buffer.from("k"), { algorithm, secret: "k", dangerouslyAllowWeakSecret: true }));
});

describe("a secret that is a string", () => {
  test("counts in bytes, not in characters", () =>
    expectSecretIs(Buffer.from("é".repeat(16)), { secret: "é".repeat(16) }));

  test.each(["secret", "changeme", "password", "undefined", "null", "[object Object]"])(
    "is refused when it is a placeholder: %j",
    (secret) => expectRefused(secret, /^secret is shorter/),
  );

  test.each([
    ["ends in NUL, which HMAC ignores (RFC 2104 section 2)", `${text}\0`],
    ["is not well-formed Unicode, which UTF-8 cannot tell apart", `${text}\ud800`],
  ])("is refused when it %s", (_why, secret) => {
    const sentence = /^secret ends in a NUL .* give random bytes as a Buffer/;
    expectRefused(secret, sentence);
    expectRefused(secret, sentence, { dangerouslyAllowWeakSecret: true });
  });

  test.each([
    ["an object", JSON.stringify({ a: text })],
    ["a number", "1".repeat(64)],
    ["null and more", `null ${text}`],
  ])("may happen to read as JSON: %s", (_what, secret) =>
    expectSecretIs(Buffer.from(secret), { secret }),
  );
});

describe("a secret of random bytes", () => {
  test.each([
    ["end in NUL", Buffer.concat([randomBytes(40), Buffer.of(0)])],
    ["begin as DER does", Buffer.concat([Buffer.of(0x30, 0x82), randomBytes(40)])],
  ])("may %s", (_what, secret) => expectSecretIs(secret, { secret }));
});

describe("a secret that is empty", () => {
  test.each([
    ["a string", ""],
    ["a Buffer", Buffer.alloc(0)],
    ["a Uint8Array", new Uint8Array()],
    ["a KeyObject", createSecretKey(Buffer.alloc(0))],
    ["a JWK", { kty: "oct", k: "" }],
  ])("is refused, even with dangerouslyAllowWeakSecret: %s", (_form, secret) => {
    const sentence = /^secret is empty: generate one with crypto\.randomBytes\(64\)$/;
    expectRefused(secret, sentence);
    expectRefused(secret, sentence, { dangerouslyAllowWeakSecret: true });
  });

  test("is refused as a JWK without one base64url character, and says so", () => {
    const jwk = { kty: "oct", k: "!".repeat(86) };
    const sentence = /^secret is a JWK whose k is not base64url \(RFC 7518 section 6\.4\.1\)$/;
    expectRefused(jwk, sentence);
    expectRefused(jwk, sentence, { dangerouslyAllowWeakSecret: true });
  });

  test("is refused as undefined, with a hint at the environment variable", () =>
    expectRefused(undefined, /^secret is required .*is the environment variable set\?/));
});

const { privateKey: ecPrivateKey } = generateEcPair("prime256v1");
const publicPem = String(rsaPair.publicKey.export({ format: "pem", type: "spki" }));
const publicDer = rsaPair.publicKey.export({ format: "der", type: "spki" });
const publicJwk = rsaPair.publicKey.export({ format: "jwk" });
const { e, kty, n } = publicJwk;

describe("a secret that is somebody's key", () => {
  test.each<[string, unknown]>([
    ["a public PEM", publicPem],
    ["a public PEM without its last line break", publicPem.trim()],
    ["a public PEM with CRLF", publicPem.replaceAll("\n", "\r\n")],
    ["a public PEM on one line", publicPem.replaceAll("\n", "\\n")],
    ["a public PEM in quotes", JSON.stringify(publicPem)],
    ["a public PEM in a Buffer", Buffer.from(publicPem)],
    ["a public PEM in a KeyObject", createSecretKey(Buffer.from(publicPem))],
    ["a public PEM in a JWK", oct(Buffer.from(publicPem))],
    [
      "a public PEM in base64, as environment variables hold it",
      Buffer.from(publicPem).toString("base64"),
    ],
    ["a PKCS#1 public PEM", rsaPair.publicKey.export({ format: "pem", type: "pkcs1" })],
    ["a private PEM", rsaPair.privateKey.export({ format: "pem", type: "pkcs8" })],
    [
      "an encrypted private PEM",
      rsaPair.privateKey.export({
        format: "pem",
        type: "pkcs8",
        cipher: "aes-256-cbc",
        passphrase: text,
      }),
    ],
    ["SPKI in DER", publicDer],
    ["PKCS#1 public in DER", rsaPair.publicKey.export({ format: "der", type: "pkcs1" })],
    ["PKCS#8 in DER", ecPrivateKey.export({ format: "der", type: "pkcs8" })],
    ["PKCS#1 private in DER", rsaPair.privateKey.export({ format: "der", type: "pkcs1" })],
    ["SEC1 in DER", ecPrivateKey.export({ format: "der", type: "sec1" })],
    ["DER in base64", publicDer.toString("base64")],
    ["DER in base64url", publicDer.toString("base64url")],
    ["the body of a PEM", publicPem.split("\n").slice(1, -2).join("\n")],
    ["the text of a public JWK", JSON.stringify(publicJwk)],
    ["the text of a private JWK", JSON.stringify(ecPrivateKey.export({ format: "jwk" }))],
    ["the text of which a thumbprint is made (RFC 7638)", JSON.stringify({ e, kty, n })],
    ["the text of a JWK Set", JSON.stringify({ keys: [publicJwk] })],
    ["the text of a JWK, indented", JSON.stringify(publicJwk, null, 2)],
  ])("is refused, since anyone may hold it (CVE-2015-9235): %s", (_form, secret) => {
    const sentence = /^secret is a key in PEM, DER or JWK form, .*set algorithm to the key's own/;
    expectRefused(secret, sentence);
    expectRefused(secret, sentence, { dangerouslyAllowWeakSecret: true });
  });
});

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
