import { describe, expect, test } from "@jest/globals";
import { createJwtStrategy } from "express-jwt-strategy";
import { createKeySet, importPublishedKeys } from "../../../lib/keys/key-set.ts";
import { construct, expectConstructionError } from "../../support/expect-construction-error.ts";
import { forge, goodClaims } from "../../support/forge.ts";
import { generateRsaPair, hmacSecret, keyPair, randomRsaJwk, toJwk } from "../../support/keys.ts";

const { privateKey, publicKey } = keyPair("RS256");
const own = toJwk(publicKey, { kid: "own", use: "sig", alg: "RS256" });
const other = generateRsaPair();
const otherJwk = toJwk(other.publicKey, { kid: "other" });

const rs256 = (options: object): object => ({
  algorithm: "RS256",
  lifetimeSeconds: 60,
  ...options,
});

const forgeWithKid = (key: typeof privateKey, kid: string): string =>
  forge("RS256", key, goodClaims(), { alg: "RS256", typ: "JWT", kid });

/** Values that a published set may contain, and that are not keys for RS256 (RFC 7517 section 5). */
const OTHERS: readonly (readonly [string, unknown])[] = [
  ["a key for encryption", toJwk(other.publicKey, { alg: "RSA-OAEP", use: "enc" })],
  ["a key of another algorithm", toJwk(other.publicKey, { alg: "PS256" })],
  ["a key that must not verify", toJwk(other.publicKey, { key_ops: ["wrapKey"] })],
  ["an EC key", toJwk(keyPair("ES256").publicKey)],
  ["an Ed25519 key", toJwk(keyPair("EdDSA").publicKey)],
  ["a shared secret", { kty: "oct", k: hmacSecret.toString("base64url") }],
  ["a key of an unknown kty", { kty: "AKP", alg: "ML-DSA-44", pub: "AQAB" }],
  ["a key with its private members", toJwk(other.privateKey)],
  ["a key that is too short", toJwk(generateRsaPair(1024).publicKey)],
  ["a key that is too long", randomRsaJwk(16_384)],
  ["a damaged key", { kty: "RSA", n: "%", e: "AQAB" }],
  ["null", null],
  ["a PEM", other.publicKey.export({ format: "pem", type: "spki" })],
  ["a KeyObject", other.publicKey],
  ["a list", [otherJwk]],
  ["a set", { keys: [otherJwk] }],
];

describe("a JWK Set as publicKey", () => {
  test.each(OTHERS)("may contain %s, which is ignored", async (_what, jwk) => {
    for (const keys of [
      [jwk, own],
      [own, jwk],
    ]) {
      const auth = construct(rs256({ publicKey: { keys } }));
      expect(await auth.readToken(forgeWithKid(privateKey, "own"))).toMatchObject({ sub: "42" });
      expect(await auth.readToken(forge("RS256", privateKey))).toMatchObject({ sub: "42" });
      expect(await auth.readToken(forge("RS256", other.privateKey))).toBeNull();
    }
  });

  test.each<[string, readonly unknown[]]>([
    ...OTHERS.map(([what, jwk]) => [what, [jwk]] as [string, unknown[]]),
    ["no keys", []],
  ])("is refused if it contains only %s", (_what, keys) =>
    expectConstructionError(
      rs256({ publicKey: { keys } }),
      /^publicKey is a JWK Set without a key for RS256: pass a set with one, or set algorithm/,
    ),
  );

  test("verifies with all keys for its algorithm, selected by kid", async () => {
    const auth = createJwtStrategy({
      algorithm: "RS256",
      publicKey: { keys: [otherJwk, own] },
      lifetimeSeconds: 60,
    });
    expect(await auth.readToken(forgeWithKid(privateKey, "own"))).toMatchObject({ sub: "42" });
    expect(await auth.readToken(forgeWithKid(other.privateKey, "other"))).not.toBeNull();
    expect(await auth.readToken(forgeWithKid(other.privateKey, "own"))).toBeNull();
  });

  test("may have other members, and be a parsed document", async () => {
    const text = JSON.stringify({ keys: [{ ...own, use: null }], issuer: "example" });
    const auth = construct(rs256({ publicKey: JSON.parse(text) as object }));
    expect(await auth.readToken(forgeWithKid(privateKey, "own"))).toMatchObject({ sub: "42" });
  });

  test.each([
    ["first", [own, otherJwk]],
    ["last", [otherJwk, own]],
  ])("may contain the public key of secret %s", async (_where, keys) => {
    const auth = construct(rs256({ secret: privateKey, publicKey: { keys } }));
    const token = await auth.writeToken({ id: "7" });
    expect(
      JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString()),
    ).toMatchObject({ kid: "own" });
    expect(await auth.readToken(token)).toMatchObject({ sub: "7" });
    expect(await auth.readToken(forgeWithKid(other.privateKey, "other"))).not.toBeNull();
  });

  test("may contain the public key of secret under two kids", async () => {
    const keys = [otherJwk, { ...own, kid: "old" }, own];
    for (const [secret, kid] of [
      [privateKey, "old"],
      [toJwk(privateKey, { kid: "own" }), "own"],
    ] as const) {
      const auth = construct(rs256({ secret, publicKey: { keys } }));
      const [header = ""] = (await auth.writeToken({ id: "7" })).split(".");
      expect(JSON.parse(Buffer.from(header, "base64url").toString())).toMatchObject({ kid });
      for (const name of ["old", "own"]) {
        expect(await auth.readToken(forgeWithKid(privateKey, name))).toMatchObject({ sub: "42" });
      }
    }
  });

  test("is refused if another of its keys has the kid of secret", () =>
    expectConstructionError(
      rs256({
        secret: toJwk(privateKey, { kid: "other" }),
        publicKey: { keys: [{ ...own, kid: undefined }, otherJwk] },
      }),
      /^publicKey contains two keys with the same kid: give each its own kid$/,
    ));

  test("is refused without the public key of secret", () =>
    expectConstructionError(
      rs256({ secret: privateKey, publicKey: { keys: [otherJwk] } }),
      /^secret and publicKey are not a key pair/,
    ));

  test("is refused in a list", () =>
    expectConstructionError(
      rs256({ publicKey: [publicKey, { keys: [otherJwk] }] }),
      /^publicKey\[1\] must be a PEM string/,
    ));

  test.each<[string, unknown]>([
    ["keys that are not a list", { keys: { 0: own } }],
    ["inherited keys", Object.create({ keys: [own] })],
  ])("is refused with %s", (_what, set) =>
    expectConstructionError(rs256({ publicKey: set }), /^publicKey must be a PEM string/),
  );

  test("is a single key if it has a kty", () => {
    const { verificationKeys } = createKeySet(
      "RS256",
      undefined,
      { ...own, keys: [otherJwk] },
      false,
    );
    expect(verificationKeys.map(({ kid }) => kid)).toEqual(["own"]);
  });
});

describe("importPublishedKeys", () => {
  test("takes the first key of a kid that fits", () => {
    const entries = importPublishedKeys(
      [
        toJwk(keyPair("ES256").publicKey, { kid: "a" }),
        { ...own, kid: "a" },
        { ...otherJwk, kid: "a" },
      ],
      "RS256",
    );
    expect(entries.map(({ kid, key }) => [kid, key.equals(publicKey)])).toEqual([["a", true]]);
  });

  test("takes keys without a kid, and one key with two kids", () => {
    const keys = [
      { ...own, kid: "a" },
      { ...own, kid: "b" },
      { ...own, kid: undefined },
      toJwk(other.publicKey),
    ];
    const entries = importPublishedKeys(keys, "RS256");
    expect(entries.map(({ kid }) => kid)).toEqual(["a", "b", undefined, undefined]);
  });
});
