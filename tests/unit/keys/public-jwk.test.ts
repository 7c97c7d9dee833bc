import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { calculateJwkThumbprint } from "jose";
import { toPublicJwk } from "../../../lib/keys/public-jwk.ts";
import { ASYMMETRIC_ALGORITHMS, keyPair } from "../../support/keys.ts";

/** The key of RFC 7638 section 3.1 and its thumbprint. */
const RFC_7638 = {
  key: {
    kty: "RSA",
    n:
      "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECP" +
      "ebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY" +
      "368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0f" +
      "M4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
    e: "AQAB",
  },
  thumbprint: "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",
} as const;

const PSS_SHA256: object = { hashAlgorithm: "sha256", mgf1HashAlgorithm: "sha256", saltLength: 32 };

const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  rsa: ["alg", "e", "kid", "kty", "n", "use"],
  ec: ["alg", "crv", "kid", "kty", "use", "x", "y"],
  ed25519: ["alg", "crv", "kid", "kty", "use", "x"],
};

describe("toPublicJwk", () => {
  test("uses the thumbprint as the kid of a key without one (RFC 7638 section 3.1)", () => {
    const key = createPublicKey({ key: RFC_7638.key, format: "jwk" });
    expect(toPublicJwk({ key, kid: undefined }, "RS256")).toEqual({
      ...RFC_7638.key,
      kid: RFC_7638.thumbprint,
      alg: "RS256",
      use: "sig",
    });
  });

  test.each(ASYMMETRIC_ALGORITHMS)("calculates the same thumbprint as jose: %s", async (alg) => {
    const { publicKey: key } = keyPair(alg);
    const { kid } = toPublicJwk({ key, kid: undefined }, alg);
    expect(kid).toBe(await calculateJwkThumbprint(key.export({ format: "jwk" })));
  });

  test.each(ASYMMETRIC_ALGORITHMS)("exports the public members and no others: %s", (alg) => {
    const { publicKey: key } = keyPair(alg);
    const members = key.export({ format: "jwk" });
    expect(toPublicJwk({ key, kid: "2025-01" }, alg)).toEqual({
      ...members,
      kid: "2025-01",
      alg,
      use: "sig",
    });
  });

  test.each(ASYMMETRIC_ALGORITHMS)("exports no private member of a private key: %s", (alg) => {
    const { privateKey: key } = keyPair(alg);
    const names = Object.keys(toPublicJwk({ key, kid: undefined }, alg));
    expect(names.sort()).toEqual(MEMBERS[key.asymmetricKeyType ?? ""]);
  });

  test("refuses an RSA-PSS key", () => {
    const { publicKey: key } = generateKeyPairSync("rsa-pss", {
      modulusLength: 2048,
      ...PSS_SHA256,
    });
    expect(() => toPublicJwk({ key, kid: undefined }, "PS256")).toThrow(
      new TypeError(
        "jwks cannot publish an RSA-PSS key, because a JWK has no members for its parameters: use an RSA key",
      ),
    );
  });
});
