import { describe, expect, test } from "@jest/globals";
import { isHmacAlgorithm, isJwtAlgorithm } from "../../../lib/keys/algorithms.ts";
import { expectConstructionError } from "../../support/expect-construction-error.ts";
import { ALGORITHMS, HMAC_ALGORITHMS, hmacSecret } from "../../support/keys.ts";

const NOT_ALGORITHMS: readonly unknown[] = [
  "none",
  "None",
  "",
  "hs256",
  "HS256 ",
  "HS2567",
  "HS1",
  "HS256,RS256",
  "Ed448",
  "ES256K",
  "A128KW",
  "__proto__",
  "constructor",
  "toString",
  ["HS256"],
  ["HS256", "RS256"],
  Object("HS256"),
  null,
  256,
  true,
];

describe("isJwtAlgorithm", () => {
  test.each(ALGORITHMS)("knows %s", (algorithm) => {
    expect(isJwtAlgorithm(algorithm)).toBe(true);
  });

  test.each(NOT_ALGORITHMS)("does not know %j", (value) => {
    expect(isJwtAlgorithm(value)).toBe(false);
  });
});

describe("isHmacAlgorithm", () => {
  test.each(ALGORITHMS)("tells whether %s has a shared secret", (algorithm) => {
    expect(isHmacAlgorithm(algorithm)).toBe(HMAC_ALGORITHMS.some((hmac) => hmac === algorithm));
  });
});

describe("the option algorithm", () => {
  test.each(NOT_ALGORITHMS)("is refused as %j", (algorithm) =>
    expectConstructionError(
      { secret: hmacSecret, lifetimeSeconds: 60, algorithm },
      /^algorithm must be exactly one of HS256, HS384, .*ES512, EdDSA, Ed25519$/,
    ),
  );
});
