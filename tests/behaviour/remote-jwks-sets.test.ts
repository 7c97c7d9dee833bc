import { createSecretKey, randomBytes, type KeyObject } from "node:crypto";
import { afterEach, describe, expect, test } from "@jest/globals";
import { remoteJwks } from "express-jwt-strategy/remote-jwks";
import type { AsymmetricAlgorithm } from "../../lib/keys/algorithms.ts";
import { forge, goodClaims } from "../support/forge.ts";
import { forgeWithKid, startIssuer, stopIssuers } from "../support/issuer.ts";
import {
  ASYMMETRIC_ALGORITHMS,
  generateEcPair,
  generateRsaPair,
  keyPair,
  signingKey,
  toJwk,
} from "../support/keys.ts";
import { createRemoteApp } from "../support/remote-app.ts";

afterEach(stopIssuers);

const other = generateRsaPair();
const weak = generateRsaPair(1024);
const p384 = generateEcPair("secp384r1");
const secret = createSecretKey(randomBytes(64));
const okp = { kty: "OKP", crv: "Ed25519", x: randomBytes(32).toString("base64url") };

/** Keys that a set may contain but that are not for RS256, and the private key that signs for each. */
const UNFIT: readonly (readonly [string, unknown, KeyObject])[] = [
  ["a key for encryption", toJwk(other.publicKey, { use: "enc" }), other.privateKey],
  ["a key for another algorithm", toJwk(other.publicKey, { alg: "RS384" }), other.privateKey],
  ["a key for key agreement", toJwk(other.publicKey, { alg: "RSA-OAEP" }), other.privateKey],
  [
    "a key that must not verify",
    toJwk(other.publicKey, { key_ops: ["wrapKey"] }),
    other.privateKey,
  ],
  ["a key with its private members", toJwk(other.privateKey), other.privateKey],
  ...["d", "p", "q", "dp", "dq", "qi", "oth", "k"].map(
    (name) =>
      [`a key with ${name}`, toJwk(other.publicKey, { [name]: "" }), other.privateKey] as const,
  ),
  ["a key with an exponent of 34 bits", toJwk(other.publicKey, { e: "AgAAAAE" }), other.privateKey],
  ["a weak key", toJwk(weak.publicKey), weak.privateKey],
  ["a key with the exponent 1", toJwk(other.publicKey, { e: "AQ" }), other.privateKey],
  ["a key with a number as kid", toJwk(other.publicKey, { kid: 7 }), other.privateKey],
  ["a key with an empty kid", toJwk(other.publicKey, { kid: "" }), other.privateKey],
  ["an EC key", toJwk(keyPair("ES256").publicKey), other.privateKey],
  ["a key of another kind", okp, other.privateKey],
  ["a secret", { kty: "oct", k: secret.export().toString("base64url") }, other.privateKey],
  ["a key without its modulus", { kty: "RSA", e: "AQAB" }, other.privateKey],
  ["a key with a number as modulus", toJwk(other.publicKey, { n: 5 }), other.privateKey],
  [
    "a key with a modulus that is not base64url",
    toJwk(other.publicKey, { n: "%" }),
    other.privateKey,
  ],
  ["a key without a kty", { ...toJwk(other.publicKey), kty: undefined }, other.privateKey],
  ["an unknown kty", { kty: "__proto__" }, other.privateKey],
  ["an empty object", {}, other.privateKey],
];

describe("a set that also has unusable keys", () => {
  const good = keyPair("RS256");
  const byGood = forgeWithKid("RS256", good.privateKey, "good");

  test.each(UNFIT)("%s is ignored, and valid keys are used", async (_what, jwk, signer) => {
    const bad = { kid: "bad", ...(jwk as object) };
    const issuer = await startIssuer(bad, toJwk(good.publicKey, { kid: "good" }));
    const { accepts, refuses } = createRemoteApp(remoteJwks(issuer.url));

    await accepts(byGood);
    await accepts(forge("RS256", good.privateKey));
    for (const kid of [bad.kid, "bad", undefined]) {
      await refuses(forgeWithKid("RS256", signer, kid));
    }
  });

  test.each([
    ["all", { kid: null, use: null, alg: null, key_ops: null, d: null, p: null, x5c: null }],
    ["kid", { kid: null }],
    ["use", { kid: "good", use: null }],
    ["alg", { kid: "good", alg: null }],
    ["key_ops", { kid: "good", key_ops: null }],
    ["d", { kid: "good", d: null }],
  ])("a valid key may have null for optional members: %s", async (_name, members) => {
    const issuer = await startIssuer(okp, toJwk(good.publicKey, members));
    const { accepts, refuses } = createRemoteApp(remoteJwks(issuer.url));
    await accepts(byGood);
    await accepts(forge("RS256", good.privateKey));
    await refuses(forge("RS256", other.privateKey));
  });

  test("a secret does not verify tokens of its own algorithm", async () => {
    const k = secret.export().toString("base64url");
    const issuer = await startIssuer({ kty: "oct", kid: "oct", k, alg: "HS256" });
    const { refuses } = createRemoteApp(remoteJwks(issuer.url));
    await refuses(forge("HS256", secret, goodClaims(), { alg: "HS256", typ: "JWT", kid: "oct" }));
    await refuses(forge("HS256", secret, goodClaims(), { alg: "RS256", typ: "JWT", kid: "oct" }));
  });

  test("a published key is not used as an HMAC secret", async () => {
    const jwk = toJwk(good.publicKey, { kid: "good" });
    const { refuses } = createRemoteApp(remoteJwks((await startIssuer(jwk)).url));
    const pem = good.publicKey.export({ format: "pem", type: "spki" });
    for (const text of [pem, JSON.stringify(jwk), JSON.stringify({ keys: [jwk] })]) {
      const key = createSecretKey(Buffer.from(text));
      await refuses(forge("HS256", key, goodClaims(), { alg: "HS256", typ: "JWT", kid: "good" }));
    }
  });

  test("the first usable key of a kid is used, even behind unusable keys with that kid", async () => {
    const issuer = await startIssuer(
      toJwk(keyPair("ES256").publicKey, { kid: "same" }),
      toJwk(weak.publicKey, { kid: "same" }),
      toJwk(good.publicKey, { kid: "same" }),
      toJwk(other.publicKey, { kid: "same" }),
    );
    const { accepts, refuses } = createRemoteApp(remoteJwks(issuer.url));
    await accepts(forgeWithKid("RS256", good.privateKey, "same"));
    await refuses(forgeWithKid("RS256", other.privateKey, "same"));
    await refuses(forge("RS256", other.privateKey));
  });

  test("a key that is published under two kids is found by both", async () => {
    const issuer = await startIssuer(
      toJwk(good.publicKey, { kid: "old name" }),
      toJwk(good.publicKey, { kid: "new name" }),
    );
    const { accepts, refuses } = createRemoteApp(remoteJwks(issuer.url));
    await accepts(forgeWithKid("RS256", good.privateKey, "old name"));
    await accepts(forgeWithKid("RS256", good.privateKey, "new name"));
    await refuses(forgeWithKid("RS256", other.privateKey, "new name"));
  });

  test("any string is accepted as kid, because it is only compared", async () => {
    const issuer = await startIssuer(
      toJwk(good.publicKey, { kid: "__proto__" }),
      toJwk(other.publicKey, { kid: "constructor" }),
    );
    const { accepts, refuses } = createRemoteApp(remoteJwks(issuer.url));
    await accepts(forgeWithKid("RS256", good.privateKey, "__proto__"));
    await accepts(forgeWithKid("RS256", other.privateKey, "constructor"));
    for (const kid of ["toString", "hasOwnProperty", "../keys", "' OR 1=1"]) {
      await refuses(forgeWithKid("RS256", good.privateKey, kid));
    }
  });

  test.each([
    ["is empty", []],
    ["has no usable key", [okp, toJwk(keyPair("ES256").publicKey)]],
  ])("no token is accepted if it %s", async (_how, keys) => {
    const issuer = await startIssuer();
    issuer.publish(...keys);
    const { refuses } = createRemoteApp(remoteJwks(issuer.url));
    await refuses(byGood);
    await refuses(forge("RS256", good.privateKey));
    expect(issuer.fetches).toBe(1);
  });
});

describe("a set with a key for each algorithm", () => {
  const kinds: readonly (readonly [string, AsymmetricAlgorithm])[] = [
    ["rsa", "RS256"],
    ["p-256", "ES256"],
    ["p-384", "ES384"],
    ["p-521", "ES512"],
    ["ed25519", "EdDSA"],
  ];

  test.each(ASYMMETRIC_ALGORITHMS)("verifies the tokens of %s", async (algorithm) => {
    const issuer = await startIssuer(
      ...kinds.map(([kid, one]) => toJwk(keyPair(one).publicKey, { kid, use: "sig" })),
    );
    const { accepts, refuses } = createRemoteApp(remoteJwks(issuer.url), algorithm);
    const kid = kinds.find(([, one]) => keyPair(one) === keyPair(algorithm))?.[0];
    await accepts(forgeWithKid(algorithm, signingKey(algorithm), kid));
    await accepts(forge(algorithm, signingKey(algorithm)));
    await refuses(forge(algorithm, signingKey(algorithm), goodClaims(), { alg: "none" }));
  });

  test("does not use a key of another curve", async () => {
    const issuer = await startIssuer(toJwk(p384.publicKey, { kid: "key" }));
    const { refuses } = createRemoteApp(remoteJwks(issuer.url), "ES256");
    await refuses(forgeWithKid("ES256", p384.privateKey, "key"));
  });
});
