import { describe, expect, test } from "@jest/globals";
import {
  createPublicKey,
  generateKeyPairSync,
  verify,
  type KeyPairKeyObjectResult,
} from "node:crypto";
import type { AsymmetricAlgorithm } from "../../../lib/keys/algorithms.ts";
import { construct, expectConstructionError } from "../../support/expect-construction-error.ts";
import { forge } from "../../support/forge.ts";
import { SMALL_ORDER_ENCODINGS } from "../../support/hostile/edwards25519.ts";
import {
  ASYMMETRIC_ALGORITHMS,
  CURVES,
  generateEcPair,
  generateRsaPair,
  randomRsaJwk,
  rsaPair,
} from "../../support/keys.ts";

/** Expects a refusal as secret and as publicKey. */
function expectPairRefused(
  algorithm: AsymmetricAlgorithm,
  { privateKey, publicKey }: KeyPairKeyObjectResult,
  sentence: string,
): void {
  const both = { algorithm, lifetimeSeconds: 60 };
  expectConstructionError({ ...both, secret: privateKey }, new RegExp(`^secret is ${sentence}`));
  expectConstructionError({ ...both, publicKey }, new RegExp(`^publicKey is ${sentence}`));
}

const RSA_ALGORITHMS = ASYMMETRIC_ALGORITHMS.filter((algorithm) => !algorithm.startsWith("E"));
const EC_ALGORITHMS = ["ES256", "ES384", "ES512"] as const;
const ED_ALGORITHMS = ["EdDSA", "Ed25519"] as const;

const REQUIRED: Readonly<Record<string, string>> = {
  RS: "an RSA key",
  PS: "an RSA key",
  ES: "an EC key",
  Ed: "an Ed25519 key",
};

describe("the size of an RSA key", () => {
  const shortPairs = [512, 1024, 2040].map((bits) => [bits, generateRsaPair(bits)] as const);

  test.each(RSA_ALGORITHMS)("is 2048 bits or more for %s (RFC 7518 section 3.3)", (algorithm) => {
    for (const [, pair] of shortPairs) {
      expectPairRefused(
        algorithm,
        pair,
        "an RSA key of fewer than 2048 bits .*: generate a longer one",
      );
    }
  });

  test.each(RSA_ALGORITHMS)("is 8192 bits or fewer for %s", (algorithm) => {
    const sentence = "is an RSA key of more than 8192 bits, .*: generate a shorter one$";
    const options = { algorithm, lifetimeSeconds: 60 };
    expect(() => construct({ ...options, publicKey: randomRsaJwk(8192) })).not.toThrow();
    for (const bits of [8193, 16_384]) {
      const publicKey = randomRsaJwk(bits);
      const d = { d: "AQAB", p: "AQAB", q: "AQAB", dp: "AQAB", dq: "AQAB", qi: "AQAB" };
      expectConstructionError({ ...options, publicKey }, new RegExp(`^publicKey ${sentence}`));
      expectConstructionError(
        { ...options, secret: { ...publicKey, ...d } },
        // Node.js 26 does not read a private key whose members do not belong together.
        new RegExp(`^secret (?:${sentence}|is a JWK that cannot be read)`),
      );
    }
  });

  test("may be more than 2048 bits", () => {
    const { privateKey } = generateRsaPair(3072);
    expect(() =>
      construct({ algorithm: "RS256", secret: privateKey, lifetimeSeconds: 60 }),
    ).not.toThrow();
  });
});

describe("the public exponent of an RSA key", () => {
  const publicJwk = rsaPair.publicKey.export({ format: "jwk" });
  const privateJwk = rsaPair.privateKey.export({ format: "jwk" });
  const toBase64url = (exponent: bigint): string => {
    const hex = exponent.toString(16);
    return Buffer.from(hex.padStart(hex.length + (hex.length % 2), "0"), "hex").toString(
      "base64url",
    );
  };
  const message = "is an RSA key whose public exponent is not an odd number from 3 to 2\\^33 - 1";

  const REFUSED: readonly (readonly [string, bigint])[] = [
    ["0", 0n],
    ["1, because then a signature is equal to the message", 1n],
    ["2", 2n],
    ["4", 4n],
    ["2^16", 2n ** 16n],
    ["2^33 - 2", 2n ** 33n - 2n],
    ["2^33 + 1", 2n ** 33n + 1n],
    ["2^64 + 1", 2n ** 64n + 1n],
    ["2^256 - 1", 2n ** 256n - 1n],
    ["2^256 + 1", 2n ** 256n + 1n],
    ["2^2047 + 1", 2n ** 2047n + 1n],
  ];

  test.each(REFUSED)("is refused if it is %s", (_exponent, exponent) => {
    const e = toBase64url(exponent);
    const publicKey = createPublicKey({ key: { ...publicJwk, e }, format: "jwk" });
    for (const algorithm of RSA_ALGORITHMS) {
      const options = { algorithm, lifetimeSeconds: 60 };
      expectConstructionError({ ...options, publicKey }, new RegExp(`^publicKey ${message}`));
    }
    const options = { algorithm: "RS256", lifetimeSeconds: 60 };
    expectConstructionError(
      { ...options, publicKey: { ...publicJwk, e } },
      new RegExp(`^publicKey ${message}`),
    );
    expectConstructionError(
      { ...options, secret: { ...privateJwk, e } },
      new RegExp(`^secret ${message}`),
    );
  });

  const ACCEPTED: readonly (readonly [string, bigint])[] = [
    ["3", 3n],
    ["5", 5n],
    ["17", 17n],
    ["65537", 65537n],
    ["2^31 - 1", 2n ** 31n - 1n],
    ["2^32 - 1", 2n ** 32n - 1n],
    ["2^32 + 1", 2n ** 32n + 1n],
    ["2^33 - 1", 2n ** 33n - 1n],
  ];

  test.each(ACCEPTED)("may be %s", (_exponent, exponent) => {
    const publicKey = { ...publicJwk, e: toBase64url(exponent) };
    for (const algorithm of RSA_ALGORITHMS) {
      expect(() => construct({ algorithm, publicKey, lifetimeSeconds: 60 })).not.toThrow();
    }
  });

  test.each([3, 17])("may be %d in a key that signs", async (publicExponent) => {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048, publicExponent });
    const auth = construct({ algorithm: "RS256", secret: privateKey, lifetimeSeconds: 60 });
    expect(await auth.readToken(await auth.writeToken({ id: "42" }))).toMatchObject({ sub: "42" });
  });
});

describe("the type of a key", () => {
  const ed25519 = generateKeyPairSync("ed25519");
  const x25519 = generateKeyPairSync("x25519");
  const ed448 = generateKeyPairSync("ed448");
  const x448 = generateKeyPairSync("x448");
  const dsa = generateKeyPairSync("dsa", { modulusLength: 2048, divisorLength: 256 });
  const pss = generateKeyPairSync("rsa-pss", { modulusLength: 2048 });
  const p256 = generateEcPair("prime256v1");

  test.each<[string, KeyPairKeyObjectResult, readonly AsymmetricAlgorithm[]]>([
    ["an RSA key", rsaPair, [...EC_ALGORITHMS, ...ED_ALGORITHMS]],
    ["an RSA-PSS key", pss, ["RS256", "RS384", "RS512", ...EC_ALGORITHMS, ...ED_ALGORITHMS]],
    ["an EC key", p256, [...RSA_ALGORITHMS, ...ED_ALGORITHMS]],
    ["an Ed25519 key", ed25519, [...RSA_ALGORITHMS, ...EC_ALGORITHMS]],
    ["an Ed448 key, which is not supported", ed448, ASYMMETRIC_ALGORITHMS],
    ["an X25519 key, which is for key agreement and cannot sign", x25519, ASYMMETRIC_ALGORITHMS],
    ["an X448 key, which is for key agreement and cannot sign", x448, ASYMMETRIC_ALGORITHMS],
    ["a key of an unsupported type", dsa, ASYMMETRIC_ALGORITHMS],
  ])("must fit the algorithm: %s is refused", (type, pair, algorithms) => {
    for (const algorithm of algorithms) {
      expectPairRefused(
        algorithm,
        pair,
        `${type}: ${algorithm} requires ${REQUIRED[algorithm.slice(0, 2)]}`,
      );
    }
  });
});

describe.each(EC_ALGORITHMS)("the curve of a key for %s (RFC 7518 section 3.4)", (algorithm) => {
  const others = [...Object.values(CURVES), "secp256k1", "secp224r1", "brainpoolP256r1"].filter(
    (curve) => curve !== CURVES[algorithm],
  );

  test.each(others)("is not %s", (curve) =>
    expectPairRefused(
      algorithm,
      generateEcPair(curve),
      `an EC key on another curve: ${algorithm} requires ${CURVES[algorithm]}`,
    ),
  );
});

describe("the parameters of an RSA-PSS key (RFC 4055 section 3.1)", () => {
  const generate = (parameters: object): KeyPairKeyObjectResult =>
    generateKeyPairSync("rsa-pss", { modulusLength: 2048, ...parameters });
  const allOf = (hash: string, saltLength: number): object => ({
    hashAlgorithm: hash,
    mgf1HashAlgorithm: hash,
    saltLength,
  });

  test.each([
    ["PS256", "sha256", 32],
    ["PS384", "sha384", 48],
    ["PS512", "sha512", 64],
    ["PS256", "sha256", 0],
    ["PS256", "sha256", 20],
  ] as const)("may be those of %s: %s and a salt of %d bytes", async (algorithm, hash, salt) => {
    const { privateKey, publicKey } = generate(allOf(hash, salt));
    const strategy = construct({ algorithm, secret: privateKey, publicKey, lifetimeSeconds: 60 });
    expect(await strategy.readToken(forge(algorithm, privateKey))).toMatchObject({ sub: "42" });
    expect(await strategy.readToken(await strategy.writeToken({ id: "7" }))).toMatchObject({
      sub: "7",
    });
  });

  test.each<[string, AsymmetricAlgorithm, object]>([
    ["are missing", "PS256", {}],
    ["name another hash", "PS256", allOf("sha512", 32)],
    ["name another hash", "PS384", allOf("sha256", 32)],
    ["name another hash", "PS512", allOf("sha384", 48)],
    ["name another hash for MGF1", "PS256", { ...allOf("sha256", 32), mgf1HashAlgorithm: "sha1" }],
    ["name another hash than for MGF1", "PS256", { ...allOf("sha256", 32), hashAlgorithm: "sha1" }],
    [
      "name another hash than for MGF1",
      "PS384",
      { ...allOf("sha384", 48), hashAlgorithm: "sha512" },
    ],
    [
      "name another hash than for MGF1",
      "PS512",
      { ...allOf("sha512", 64), hashAlgorithm: "sha256" },
    ],
    ["require a longer salt", "PS256", allOf("sha256", 33)],
  ])("are refused if they %s", (_why, algorithm, parameters) =>
    expectPairRefused(
      algorithm,
      generate(parameters),
      `an RSA-PSS key with other parameters: ${algorithm} requires sha${algorithm.slice(2)} for hash and MGF1`,
    ),
  );

  test("do not replace the check of the size", () =>
    expectPairRefused(
      "PS256",
      generate({ ...allOf("sha256", 32), modulusLength: 1024 }),
      "an RSA key of fewer than 2048 bits",
    ));
});

describe.each(ED_ALGORITHMS)("a public key of %s", (algorithm) => {
  test.each([...SMALL_ORDER_ENCODINGS.entries()])(
    "is refused if its order is small (%d)",
    (_index, y) => {
      const x = y.toString("base64url");
      const publicKey = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
      for (const given of [publicKey, { kty: "OKP", crv: "Ed25519", x }, [publicKey]]) {
        expectConstructionError(
          { algorithm, publicKey: given, lifetimeSeconds: 60 },
          /^publicKey(\[0\])? is an Ed25519 key of small order, for which anyone can sign: generate another one$/,
        );
      }
    },
  );
});

// Some builds of OpenSSL refuse such a signature, others accept it for every message.
test("one signature is valid for every message, or for none, under an Ed25519 key of small order", () => {
  const x = "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
  const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  const signature = Buffer.concat([Buffer.from(x, "base64url"), Buffer.alloc(32)]);
  const results = ["", "header.payload", "anything"].map((message) =>
    verify(null, Buffer.from(message), key, signature),
  );
  expect(new Set(results).size).toBe(1);
});
