import { describe, expect, test } from "@jest/globals";
import { isHmacAlgorithm, isJwtAlgorithm } from "../../../lib/keys/algorithms.ts";
import { expectConstructionError } from "../../support/expect-construction-error.ts";
import { ALGORITHMS, HMAC_ALGORITHMS, hmacSecret } from "../../support/keys.ts";

const NOT_ALGORITHMS: readonly (readonly [string, unknown])[] = [
  ["none", "none"],
  ["none with a capital", "None"],
  ["an empty string", ""],
  ["a name in lower case", "hs256"],
  ["a name and a space", "HS256 "],
  ["a name and a digit", "HS2567"],
  ["an algorithm with SHA-1", "HS1"],
  ["two names in one string", "HS256,RS256"],
  ["an algorithm with another curve", "ES256K"],
  ["an algorithm with another Edwards curve", "Ed448"],
  ["EdDSA in lower case", "eddsa"],
  ["a key wrapping algorithm", "A128KW"],
  ["the name of a prototype", "__proto__"],
  ["the name of a constructor", "constructor"],
  ["the name of an inherited method", "toString"],
  ["a list of a name", ["HS256"]],
  ["a list of two names", ["HS256", "RS256"]],
  ["a String object", Object("HS256")],
  ["null", null],
  ["a number", 256],
  ["a boolean", true],
];

describe("isJwtAlgorithm", () => {
  test.each(ALGORITHMS)("accepts %s", (algorithm) => {
    expect(isJwtAlgorithm(algorithm)).toBe(true);
  });

  test.each(NOT_ALGORITHMS)("refuses %s", (_name, value) => {
    expect(isJwtAlgorithm(value)).toBe(false);
  });
});

describe("isHmacAlgorithm", () => {
  test.each(ALGORITHMS)("returns whether %s uses a shared secret", (algorithm) => {
    expect(isHmacAlgorithm(algorithm)).toBe(HMAC_ALGORITHMS.some((hmac) => hmac === algorithm));
  });
});

describe("the option algorithm", () => {
  test.each(NOT_ALGORITHMS)("cannot be %s", (_name, algorithm) =>
    expectConstructionError(
      { secret: hmacSecret, lifetimeSeconds: 60, algorithm },
      /^algorithm must be exactly one of HS256, HS384, .*ES512, EdDSA, Ed25519$/,
    ),
  );
});
