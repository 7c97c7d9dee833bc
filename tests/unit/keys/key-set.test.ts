import { describe, expect, test } from "@jest/globals";
import type { AsymmetricAlgorithm } from "../../../lib/keys/algorithms.ts";
import { createKeySet } from "../../../lib/keys/key-set.ts";
import type { KeyEntry } from "../../../lib/keys/key-entry.ts";
import { construct, expectConstructionError } from "../../support/expect-construction-error.ts";
import { forge } from "../../support/forge.ts";
import {
  ASYMMETRIC_ALGORITHMS,
  HMAC_ALGORITHMS,
  hmacSecret,
  keyPair,
  otherPair,
} from "../../support/keys.ts";

describe.each(HMAC_ALGORITHMS)("the keys of %s", (algorithm) => {
  test("are one secret that signs and verifies", () => {
    const { signingKey, verificationKeys } = createKeySet(algorithm, hmacSecret, undefined, false);
    expect(signingKey?.key.export()).toEqual(hmacSecret);
    expect(signingKey?.kid).toBeUndefined();
    expect(verificationKeys).toHaveLength(1);
    expect(verificationKeys[0]).toBe(signingKey);
  });

  test("are refused without a secret", () =>
    expectConstructionError(
      { algorithm, lifetimeSeconds: 60 },
      /^secret is required \(undefined was given: is the environment variable set\?\)$/,
    ));

  test.each<[string, unknown]>([
    ["a key", keyPair("RS256").publicKey],
    ["the secret itself", hmacSecret],
    ["null", null],
  ])("are refused with a publicKey: %s", (_what, publicKey) =>
    expectConstructionError(
      { algorithm, secret: hmacSecret, publicKey, lifetimeSeconds: 60 },
      new RegExp(
        `^publicKey cannot be used with ${algorithm}, .*leave it out, or set algorithm to RS256`,
      ),
    ),
  );
});

const isPublic = ({ key }: KeyEntry): boolean => key.type === "public";

describe.each(ASYMMETRIC_ALGORITHMS)("the keys of %s", (algorithm) => {
  const { privateKey, publicKey } = keyPair(algorithm);
  const otherKeys = otherPair(algorithm);

  test.each([
    ["from the secret alone", undefined],
    ["from both keys of the pair", publicKey],
  ])("verify with the public key alone: %s", (_what, given) => {
    const { signingKey, verificationKeys } = createKeySet(algorithm, privateKey, given, false);
    expect(signingKey?.key).toBe(privateKey);
    expect(signingKey?.kid).toBeUndefined();
    expect(verificationKeys.every(isPublic)).toBe(true);
    expect(verificationKeys).toHaveLength(1);
    expect(verificationKeys[0]?.key.equals(publicKey)).toBe(true);
    expect(verificationKeys[0]?.kid).toBeUndefined();
  });

  test("do not sign in a service that only verifies", async () => {
    const verifier = construct({
      algorithm,
      publicKey,
      lifetimeSeconds: 60,
      verifyCredentials: () => ({ id: "42" }),
    });
    expect(await verifier.readToken(forge(algorithm, privateKey))).toMatchObject({ sub: "42" });
    expect(() => verifier.writeToken({ id: "42" })).toThrow(
      new TypeError("writeToken signs tokens: it requires the secret option"),
    );
    expect(() => verifier.login).toThrow(
      new TypeError("login signs tokens: it requires the secret option"),
    );
  });

  test("verify no token of another pair", async () => {
    const strategy = construct({ algorithm, secret: privateKey, lifetimeSeconds: 60 });
    expect(await strategy.readToken(forge(algorithm, otherKeys.privateKey))).toBeNull();
  });

  test("are refused if they belong to two pairs", () =>
    expectConstructionError(
      { algorithm, secret: privateKey, publicKey: otherKeys.publicKey, lifetimeSeconds: 60 },
      /^secret and publicKey are not a key pair: .*leave publicKey out$/,
    ));

  test("are refused if there is none", () =>
    expectConstructionError(
      { algorithm, lifetimeSeconds: 60 },
      new RegExp(
        `^secret is required: ${algorithm} signs with a private key; pass only publicKey to verify`,
      ),
    ));
});

describe("a private JWK with members of two keys", () => {
  const rsa = keyPair("RS256").privateKey.export({ format: "jwk" });
  const otherRsa = otherPair("RS256").privateKey.export({ format: "jwk" });
  const ec = keyPair("ES256").privateKey.export({ format: "jwk" });
  const otherEc = otherPair("ES256").privateKey.export({ format: "jwk" });

  const ed25519 = keyPair("EdDSA").privateKey.export({ format: "jwk" });
  const otherEd25519 = otherPair("EdDSA").privateKey.export({ format: "jwk" });

  const MIXED: readonly (readonly [string, AsymmetricAlgorithm, object])[] = [
    ["RSA with the n of another key", "RS256", { ...rsa, n: otherRsa.n }],
    ["RSA with another e", "RS256", { ...rsa, e: "Aw" }],
    ["EC with the d of another key", "ES256", { ...ec, d: otherEc.d }],
    ["EC with the x and y of another key", "ES256", { ...ec, x: otherEc.x, y: otherEc.y }],
    ["EC with the x of another key", "ES256", { ...ec, x: otherEc.x }],
    ["Ed25519 with the d of another key", "EdDSA", { ...ed25519, d: otherEd25519.d }],
    ["Ed25519 with the x of another key", "Ed25519", { ...ed25519, x: otherEd25519.x }],
    ["Ed25519 without x", "EdDSA", { ...ed25519, x: undefined }],
    ["Ed25519 with another kty", "EdDSA", { ...ed25519, kty: "EC" }],
  ];

  test.each(MIXED)(
    "is refused with a message that names only secret: %s",
    (_what, algorithm, secret) =>
      expectConstructionError(
        { algorithm, secret, lifetimeSeconds: 60 },
        /^secret (?!.*publicKey)/,
      ),
  );

  test("is refused together with the publicKey of one of the keys", () =>
    expectConstructionError(
      {
        algorithm: "ES256",
        secret: { ...ec, d: otherEc.d },
        publicKey: keyPair("ES256").publicKey,
        lifetimeSeconds: 60,
      },
      // Node.js 26 does not read such a key.
      /^secret (?:and publicKey are not a key pair|is a JWK that cannot be read)/,
    ));
});
