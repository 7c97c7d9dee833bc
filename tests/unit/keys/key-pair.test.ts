import { describe, expect, test } from "@jest/globals";
import { createSecretKey, type KeyObject } from "node:crypto";
import { construct, expectConstructionError } from "../../support/expect-construction-error.ts";
import { forge } from "../../support/forge.ts";
import { ASYMMETRIC_ALGORITHMS, hmacSecret, keyPair, rsaPair } from "../../support/keys.ts";

const PASSPHRASE = "correct horse battery staple";

const OLD_FORMS: Readonly<Record<string, "pkcs1" | "sec1">> = { rsa: "pkcs1", ec: "sec1" };
const pkcs8 = (key: KeyObject): string => String(key.export({ format: "pem", type: "pkcs8" }));
const spki = (key: KeyObject): string => String(key.export({ format: "pem", type: "spki" }));
const encrypted = (key: KeyObject): string =>
  String(
    key.export({ format: "pem", type: "pkcs8", cipher: "aes-256-cbc", passphrase: PASSPHRASE }),
  );

const PRIVATE_FORMS: readonly (readonly [string, (key: KeyObject) => unknown])[] = [
  ["PKCS#8 in PEM", pkcs8],
  [
    "PKCS#1 or SEC1 in PEM, if the type of key has such a form",
    (key) => key.export({ format: "pem", type: OLD_FORMS[key.asymmetricKeyType ?? ""] ?? "pkcs8" }),
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
  ["PEM in the clear with a needless passphrase", (key) => ({ key: pkcs8(key), passphrase: "x" })],
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
    "signs with %s, and verifies with its public half",
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

describe("the wrong half", () => {
  test.each<[string, unknown, RegExp]>([
    ["a public PEM", spki(rsaPair.publicKey), /^secret is a public key .*give the private key/],
    ["a public JWK", publicJwk, /^secret is a public JWK: .*give the private one$/],
    [
      "a public KeyObject",
      rsaPair.publicKey,
      /^secret always signs, .*KeyObject of type "private"$/,
    ],
    ["a shared secret in a KeyObject", createSecretKey(hmacSecret), /^secret always signs/],
  ])("is refused as secret: %s", (_form, secret, sentence) =>
    expectConstructionError(rs256({ secret }), sentence),
  );

  test.each<[string, unknown, RegExp]>([
    [
      "a private PEM",
      pkcs8(rsaPair.privateKey),
      /^publicKey holds a private key: give its public half/,
    ],
    [
      "both halves in one PEM",
      spki(rsaPair.publicKey) + pkcs8(rsaPair.privateKey),
      /^publicKey holds a private key/,
    ],
    ["an encrypted private PEM", locked, /^publicKey holds a private key/],
    ["a private JWK", privateJwk, /^publicKey holds a private key/],
    ["a private KeyObject", rsaPair.privateKey, /^publicKey must be a KeyObject of type "public"/],
    [
      "a shared secret in a KeyObject",
      createSecretKey(hmacSecret),
      /^publicKey must be a KeyObject of type "public"/,
    ],
  ])(
    "is refused as publicKey, where whoever verifies could sign: %s",
    (_form, publicKey, sentence) => expectConstructionError(rs256({ publicKey }), sentence),
  );
});

describe.each(["secret", "publicKey"])("as %s, what is no key", (option) => {
  const members = option === "secret" ? privateJwk : publicJwk;

  test.each<[string, unknown, RegExp]>([
    [
      "a shared secret",
      hmacSecret.toString("base64"),
      /must be a key in PEM for RS256.*goes with HS256$/,
    ],
    ["an empty string", "", /must be a key in PEM for RS256/],
    ["DER", rsaPair.publicKey.export({ format: "der", type: "spki" }), /must be a key in PEM/],
    ["the text of a JWK", JSON.stringify(members), /must be a key in PEM/],
    [
      "PEM of something else",
      "-----BEGIN PRIVATE KEY-----\nAQAB\n-----END PRIVATE KEY-----\n",
      /(cannot be read|private key)/,
    ],
    ["a JWK with a member missing", { ...members, n: undefined }, /is a JWK that cannot be read/],
    ["a JWK with a damaged member", { ...members, n: null }, /is a JWK that cannot be read/],
    ["a JWK of no known kty", { ...members, kty: "XYZ" }, /is a JWK that cannot be read/],
    [
      "a JWK Set",
      { keys: [members] },
      /must be a PEM string, a Buffer of one, a KeyObject or a JWK$/,
    ],
    ["null", null, /must be a PEM string, a Buffer of one, a KeyObject or a JWK$/],
    ["a number", 42, /must be a PEM string/],
    ["an ArrayBuffer", new ArrayBuffer(64), /must be a PEM string/],
  ])("is refused: %s", (_what, value, sentence) => {
    expectConstructionError(rs256({ [option]: value }), new RegExp(`^${option} .*`));
    expectConstructionError(rs256({ [option]: value }), sentence);
  });
});
