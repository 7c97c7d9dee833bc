import { createSecretKey, randomBytes } from "node:crypto";
import { afterEach, describe, expect, jest, test } from "@jest/globals";
import type { Jwk } from "../../../lib/keys/jwk.ts";
import { createKeySet } from "../../../lib/keys/key-set.ts";
import { construct } from "../../support/expect-construction-error.ts";
import { forge } from "../../support/forge.ts";
import {
  ASYMMETRIC_ALGORITHMS,
  HMAC_ALGORITHMS,
  generateSigningKey,
  keyPair,
  toJwk,
  verifying,
  toPem,
} from "../../support/keys.ts";

const KID = "2026-11";
const OTHER_KID = "2026-05";

afterEach(() => {
  jest.restoreAllMocks();
});

describe.each(HMAC_ALGORITHMS)("a list of secrets of %s", (algorithm) => {
  const [current, previous, oldest] = [randomBytes(64), randomBytes(64), randomBytes(64)];
  const keySet = (secret: unknown): ReturnType<typeof createKeySet> =>
    createKeySet(algorithm, secret, undefined, false);

  test("signs with the first and verifies with all, in order", () => {
    const { signingKey, verificationKeys } = keySet([current, previous, oldest]);
    expect(verificationKeys.map(({ key }) => key.export())).toEqual([current, previous, oldest]);
    expect(signingKey).toBe(verificationKeys[0]);
  });

  test("writes the same token as its first secret alone", async () => {
    jest.spyOn(Date, "now").mockReturnValue(1_700_000_000_000);
    const strategy = construct({ algorithm, secret: [current, previous], lifetimeSeconds: 3600 });
    expect(await strategy.writeToken({ id: "42" })).toBe(
      forge(algorithm, createSecretKey(current)),
    );
  });

  test("may have one secret, and secrets in all forms", () => {
    const jwk = toJwk(createSecretKey(previous), { kid: OTHER_KID });
    const { verificationKeys } = keySet([current.toString("base64"), jwk, createSecretKey(oldest)]);
    expect(verificationKeys.map(({ kid }) => kid)).toEqual([undefined, OTHER_KID, undefined]);
    expect(keySet([current]).verificationKeys.map(({ key }) => key.export())).toEqual([current]);
  });
});

describe.each(ASYMMETRIC_ALGORITHMS)("a list of public keys of %s", (algorithm) => {
  const { privateKey, publicKey } = keyPair(algorithm);
  const previous = verifying(generateSigningKey(algorithm));
  const keySet = (secret: unknown, given: unknown): ReturnType<typeof createKeySet> =>
    createKeySet(algorithm, secret, given, false);

  test("verifies with all of them in order, in a service that signs", () => {
    const { signingKey, verificationKeys } = keySet(privateKey, [publicKey, previous]);
    expect(signingKey?.key).toBe(privateKey);
    expect(verificationKeys.map(({ key }) => toPem(key))).toEqual([publicKey, previous].map(toPem));
  });

  test("verifies with all of them in order, in a service that only verifies", () => {
    const { signingKey, verificationKeys } = keySet(undefined, [toPem(previous), publicKey]);
    expect(signingKey).toBeUndefined();
    expect(verificationKeys.every(({ key }) => key.type === "public")).toBe(true);
    expect(verificationKeys.map(({ key }) => toPem(key))).toEqual([previous, publicKey].map(toPem));
  });

  test.each([
    ["of the secret", toJwk(privateKey, { kid: KID }), publicKey],
    ["of its public key", privateKey, toJwk(publicKey, { kid: KID })],
    ["of both", toJwk(privateKey, { kid: KID }), toJwk(publicKey, { kid: KID })],
  ])("signs and verifies with the kid %s", (_owner, secret, half) => {
    const { signingKey, verificationKeys } = keySet(secret, [half, previous]);
    expect([signingKey?.kid, ...verificationKeys.map(({ kid }) => kid)]).toEqual([
      KID,
      KID,
      undefined,
    ]);
  });

  test("is not required: the public key of secret verifies, with its kid", () => {
    const { verificationKeys } = keySet(toJwk(privateKey, { kid: KID }), undefined);
    expect(verificationKeys.map(({ key, kid }) => [toPem(key), kid])).toEqual([
      [toPem(publicKey), KID],
    ]);
  });
});

describe("a kid", () => {
  test("is not read from a prototype", () => {
    const jwk = Object.assign(
      Object.create({ kid: KID }) as Jwk,
      toJwk(verifying(generateSigningKey("ES256"))),
    );
    const { verificationKeys } = createKeySet("ES256", undefined, jwk, false);
    expect(verificationKeys[0]?.kid).toBeUndefined();
  });
});
