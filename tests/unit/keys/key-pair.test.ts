import { describe, expect, test } from "@jest/globals";
import { createSecretKey, type KeyObject } from "node:crypto";
import { construct, expectConstructionError } from "../../support/expect-construction-error.ts";
import { forge } from "../../support/forge.ts";
import { ASYMMETRIC_ALGORITHMS, hmacSecret, keyPair, rsaPair } from "../../support/keys.ts";

const PASSPHRASE = "correct horse battery staple";

const TRADITIONAL = { rsa: "pkcs1", ec: "sec1", ed25519: "pkcs8" } as const;
const pkcs8 = (key: KeyObject): string => String(key.export({ format: "pem", type: "pkcs8" }));
const spki = (key: KeyObject): string => String(key.export({ format: "pem", type: "spki" }));
const encrypted = (key: KeyObject): string =>
  String(
    key.export({ format: "pem", type: "pkcs8", cipher: "aes-256-cbc", passphrase: PASSPHRASE }),
  );

const PRIVATE_FORMS: readonly (readonly [string, (key: KeyObject) => unknown])[] = [
  ["PKCS#8 in PEM", pkcs8],
  [
    "PKCS#1, SEC1 or PKCS#8 in PEM",
    (key) =>
      key.export({
        format: "pem",
        type: TRADITIONAL[key.asymmetricKeyType as keyof typeof TRADITIONAL],
      }),
  ],
  ["PEM in a Buffer", (key) => Buffer.from(pkcs8(key))],
  ["PEM in a Uint8Array", (key) => new Uint8Array(Buffer.from(pkcs8(key)))],
  ["a KeyObject", (key) => key],
  ["a JWK", (key) => key.export({ format: "jwk" })],
  ["an encrypted PEM", (key) => ({ key: encrypted(key), passphrase: PASSPHRASE })],
  [
    "an encrypted PEM in Buffers",
    (key) => ({ key: Buffer.from(encrypted(key)), passphrase: Buffer.from(PASSPHRASE) }),
  ],
  ["an unencrypted PEM with a passphrase", (key) => ({ key: pkcs8(key), passphrase: "x" })],
];

const PUBLIC_FORMS: readonly (readonly [string, (pair: typeof rsaPair) => unknown])[] = [
  ["SPKI in PEM", ({ publicKey }) => spki(publicKey)],
  ["PEM in a Buffer", ({ publicKey }) => Buffer.from(spki(publicKey))],
  ["PEM in a Uint8Array", ({ publicKey }) => new Uint8Array(Buffer.from(spki(publicKey)))],
  ["a KeyObject", ({ publicKey }) => publicKey],
  ["a JWK", ({ publicKey }) => publicKey.export({ format: "jwk" })],
];

describe.each(ASYMMETRIC_ALGORITHMS)("%s", (algorithm) => {
  const pair = keyPair(algorithm);

  test.each(PRIVATE_FORMS)(
    "signs with %s, and verifies with its public key",
    async (_form, write) => {
      const strategy = construct({
        algorithm,
        secret: write(pair.privateKey),
        lifetimeSeconds: 60,
      });
      const verifier = construct({ algorithm, publicKey: pair.publicKey, lifetimeSeconds: 60 });
      expect(await verifier.readToken(await strategy.writeToken({ id: "42" }))).toMatchObject({
        sub: "42",
      });
      expect(await strategy.readToken(forge(algorithm, pair.privateKey))).toMatchObject({
        sub: "42",
      });
    },
  );

  test.each(PUBLIC_FORMS)("verifies with %s", async (_form, write) => {
    const verifier = construct({ algorithm, publicKey: write(pair), lifetimeSeconds: 60 });
    expect(await verifier.readToken(forge(algorithm, pair.privateKey))).toMatchObject({
      sub: "42",
    });
  });
});

const locked = encrypted(rsaPair.privateKey);
const publicJwk = rsaPair.publicKey.export({ format: "jwk" });
const privateJwk = rsaPair.privateKey.export({ format: "jwk" });

const rs256 = (options: object): object => ({
  algorithm: "RS256",
  lifetimeSeconds: 60,
  ...options,
});

const SIGNS =
  /^secret must be a private key, because it signs; put public keys and certificates into publicKey$/;
const PRIVATE =
  /^publicKey is a private key: do not pass a private key as publicKey, .*pass its public key$/;

describe("the wrong key of a pair", () => {
  test.each<[string, unknown, RegExp]>([
    ["a public PEM", spki(rsaPair.publicKey), SIGNS],
    ["a public JWK", publicJwk, SIGNS],
    ["a public KeyObject", rsaPair.publicKey, SIGNS],
    ["a shared secret in a KeyObject", createSecretKey(hmacSecret), SIGNS],
  ])("is refused as secret: %s", (_form, secret, sentence) =>
    expectConstructionError(rs256({ secret }), sentence),
  );

  test.each<[string, unknown, RegExp]>([
    ["a private PEM", pkcs8(rsaPair.privateKey), PRIVATE],
    ["both keys in one PEM", spki(rsaPair.publicKey) + pkcs8(rsaPair.privateKey), PRIVATE],
    ["an encrypted private PEM", locked, PRIVATE],
    ["a private JWK", privateJwk, PRIVATE],
    ["a private KeyObject", rsaPair.privateKey, PRIVATE],
    [
      "a shared secret in a KeyObject",
      createSecretKey(hmacSecret),
      /^publicKey must be a public key; a shared secret is for HS256, HS384 and HS512$/,
    ],
  ])("is refused as publicKey: %s", (_form, publicKey, sentence) =>
    expectConstructionError(rs256({ publicKey }), sentence),
  );
});

describe.each(["secret", "publicKey"])("as %s, a value that is not a key", (option) => {
  const members = option === "secret" ? privateJwk : publicJwk;

  test.each<[string, unknown, RegExp]>([
    [
      "a shared secret",
      hmacSecret.toString("base64"),
      /must be a key for RS256 in PEM, DER or JWK form; a shared secret is for HS256, HS384 and HS512$/,
    ],
    ["an empty string", "", /is empty: is the environment variable set\?$/],
    [
      "PEM of something else",
      "-----BEGIN PRIVATE KEY-----\nAQAB\n-----END PRIVATE KEY-----\n",
      /(cannot be read|private key)/,
    ],
    ["a JWK with a member missing", { ...members, n: undefined }, /is a JWK that cannot be read/],
    ["a JWK with a damaged member", { ...members, n: null }, /is a JWK that cannot be read/],
    ["a JWK of no known kty", { ...members, kty: "XYZ" }, /is a JWK that cannot be read/],
    ["null", null, /must be a PEM string, a Buffer of PEM or DER, a KeyObject or a JWK$/],
    ["a number", 42, /must be a PEM string/],
    ["an ArrayBuffer", new ArrayBuffer(64), /must be a PEM string/],
  ])("is refused: %s", (_what, value, sentence) => {
    expectConstructionError(rs256({ [option]: value }), new RegExp(`^${option} .*`));
    expectConstructionError(rs256({ [option]: value }), sentence);
  });
});

describe("a JWK as publicKey", () => {
  const PRIVATE_MEMBERS = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] as const;

  test.each(PRIVATE_MEMBERS)("is refused with the private member %s", (name) => {
    for (const value of [privateJwk[name] ?? "AQAB", "", [], 0, false]) {
      expectConstructionError(rs256({ publicKey: { ...publicJwk, [name]: value } }), PRIVATE);
    }
  });

  test.each(["d", "k"])("is refused with the private member %s for EC and Ed25519", (name) => {
    for (const algorithm of ["ES256", "EdDSA"] as const) {
      const jwk = keyPair(algorithm).publicKey.export({ format: "jwk" });
      const publicKey = { ...jwk, [name]: "AQAB" };
      expectConstructionError({ algorithm, publicKey, lifetimeSeconds: 60 }, PRIVATE);
    }
  });

  test.each([null, undefined])("may have %s for all private members", async (value) => {
    const members = Object.fromEntries(PRIVATE_MEMBERS.map((name) => [name, value]));
    const auth = construct(rs256({ publicKey: { ...publicJwk, ...members } }));
    expect(await auth.readToken(forge("RS256", rsaPair.privateKey))).toMatchObject({ sub: "42" });
  });

  test("is refused as secret with null for all private members", () => {
    const members = Object.fromEntries(PRIVATE_MEMBERS.map((name) => [name, null]));
    expectConstructionError(rs256({ secret: { ...publicJwk, ...members } }), SIGNS);
  });
});
