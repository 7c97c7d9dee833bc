import { randomBytes, type KeyObject } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import type { JwtAlgorithm } from "express-jwt-strategy";
import { construct, expectConstructionError } from "../../support/expect-construction-error.ts";
import { generateSigningKey, keyPair, toJwk, verifying, toPem } from "../../support/keys.ts";

// Long enough for expectConstructionError to find parts of them in a message.
const KID = "the-kid-of-the-current-key";
const OTHER_KID = "the-kid-of-the-previous-key";

/** The option that accepts a list of keys, and two keys for it. */
function optionsFor(algorithm: JwtAlgorithm): {
  option: "secret" | "publicKey";
  optionsWith: (list: unknown) => object;
  first: KeyObject;
  second: KeyObject;
} {
  const option = algorithm.startsWith("HS") ? "secret" : "publicKey";
  return {
    option,
    optionsWith: (list) => ({ algorithm, [option]: list, lifetimeSeconds: 60 }),
    first: verifying(generateSigningKey(algorithm)),
    second: verifying(generateSigningKey(algorithm)),
  };
}

describe.each(["HS256", "HS512", "RS256", "PS384", "ES512", "EdDSA"] as const)(
  "a list of keys of %s",
  (algorithm) => {
    const { option, optionsWith, first, second } = optionsFor(algorithm);
    const refuse = (list: unknown, sentence: string): void =>
      expectConstructionError(optionsWith(list), new RegExp(`^${sentence}`));

    test("is refused if it is empty", () =>
      refuse([], `${option} is an empty list: pass at least one key$`));

    test.each<[string, unknown]>([
      ["undefined", undefined],
      ["null", null],
      ["a number", 42],
      ["a list", [first]],
      ["a JWK Set", { keys: [toJwk(first)] }],
    ])("is refused with %s in it, under its index", (_what, wrong) => {
      refuse([first, wrong], `${option}\\[1\\] must be a `);
      refuse([wrong, first], `${option}\\[0\\] must be a `);
      refuse([wrong], `${option}\\[0\\] must be a `);
    });

    test("is refused with a hole", () => {
      const list: unknown[] = [first];
      list[2] = second;
      refuse(list, `${option}\\[1\\] must be a `);
    });

    test.each<[string, unknown[]]>([
      ["as one object", [first, second, first]],
      ["in two forms", [first, second, toJwk(first)]],
      ["under two kids", [toJwk(first, { kid: KID }), toJwk(first, { kid: OTHER_KID })]],
    ])("is refused with the same key twice, %s", (_how, list) =>
      refuse(list, `${option} contains the same key twice: pass each key once$`),
    );

    test("is refused with two keys with the same kid", () =>
      refuse(
        [toJwk(first, { kid: KID }), toJwk(second, { kid: KID })],
        `${option} contains two keys with the same kid: give each its own kid$`,
      ));

    test.each<[string, unknown]>([
      ["empty", ""],
      ["longer than 256 characters", "k".repeat(257)],
      ["a lone surrogate", `${KID}\ud800`],
      ["false", false],
      ["a number", 20261101],
      ["a list", [KID]],
      ["an object", { kid: KID }],
    ])("is refused if a kid is %s", (_what, kid) => {
      const jwk = { ...toJwk(second), kid };
      const sentence = "is a JWK whose kid is not a well-formed string of 1 to 256 characters$";
      refuse([first, jwk], `${option}\\[1\\] ${sentence}`);
      refuse(jwk, `${option} ${sentence}`);
    });

    test("accepts any other string as kid, and undefined and null as none", () => {
      for (const kid of [
        "k",
        " ",
        "é😀",
        "__proto__",
        "../../etc/passwd",
        "a\r\nb",
        "k".repeat(256),
        undefined,
        null,
      ]) {
        const jwk = { ...toJwk(second), kid };
        expect(() => construct(optionsWith([first, jwk]))).not.toThrow();
      }
    });

    test("is refused with a JWK for another purpose, under its index", () => {
      refuse(
        [first, { ...toJwk(second), use: "enc" }],
        `${option}\\[1\\] is a JWK that is not for`,
      );
      refuse([first, { ...toJwk(second), alg: "none" }], `${option}\\[1\\] is a JWK made for`);
    });
  },
);

describe("a list of secrets", () => {
  const good = randomBytes(32);
  const refuse = (list: unknown, sentence: RegExp): void =>
    expectConstructionError({ secret: list, lifetimeSeconds: 60 }, sentence);

  test.each<[string, unknown, RegExp]>([
    ["too short", randomBytes(31), /^secret\[1\] is shorter than the 32 bytes/],
    ["empty", "", /^secret\[1\] is empty/],
    ["padded with NUL", `${"x".repeat(40)}\0`, /^secret\[1\] ends in a NUL character/],
    [
      "a public key",
      toPem(keyPair("RS256").publicKey),
      /^secret\[1\] is a key or certificate in PEM/,
    ],
    ["not base64url", { kty: "oct", k: "!".repeat(86) }, /^secret\[1\] is a JWK whose k is not/],
  ])("is refused if one is %s, under its index", (_what, wrong, sentence) =>
    refuse([good, wrong], sentence),
  );

  test("is refused together with a publicKey", () =>
    expectConstructionError(
      { secret: [good], publicKey: [good], lifetimeSeconds: 60 },
      /^publicKey cannot be used with HS256/,
    ));

  test("may contain weak ones with dangerouslyAllowWeakSecret", () => {
    const options = { secret: ["weak", "weaker"], lifetimeSeconds: 60 };
    expect(() => construct({ ...options, dangerouslyAllowWeakSecret: true })).not.toThrow();
  });
});

describe("a list of public keys", () => {
  const { privateKey, publicKey } = keyPair("ES256");
  const otherPrivateKey = generateSigningKey("ES256");
  const refuse = (options: object, sentence: RegExp): void =>
    expectConstructionError({ algorithm: "ES256", lifetimeSeconds: 60, ...options }, sentence);

  test.each<[string, unknown, RegExp]>([
    ["private", toPem(otherPrivateKey), /^publicKey\[1\] is a private key/],
    ["a private JWK", toJwk(otherPrivateKey), /^publicKey\[1\] is a private key/],
    ["a private KeyObject", otherPrivateKey, /^publicKey\[1\] is a private key/],
    ["of another curve", keyPair("ES384").publicKey, /^publicKey\[1\] /],
    ["of another type", keyPair("RS256").publicKey, /^publicKey\[1\] /],
    ["a damaged PEM", toPem(publicKey).replace("M", "%"), /^publicKey\[1\] cannot be read/],
  ])("is refused if one is %s, under its index", (_what, wrong, sentence) =>
    refuse({ publicKey: [publicKey, wrong] }, sentence),
  );

  test("is refused if its first is not the public key of secret, but another is", () =>
    refuse(
      { secret: privateKey, publicKey: [verifying(otherPrivateKey), publicKey] },
      /^secret and publicKey are not a key pair: the first publicKey must be the public key of secret/,
    ));

  test.each<[string, unknown]>([
    ["a list", [toJwk(publicKey, { kid: OTHER_KID }), verifying(otherPrivateKey)]],
    ["one key", toJwk(publicKey, { kid: OTHER_KID })],
  ])("is refused if a key pair has two kids: %s", (_what, given) =>
    refuse(
      { secret: toJwk(privateKey, { kid: KID }), publicKey: given },
      /^secret and publicKey are a key pair with two kids: set the same kid on both$/,
    ),
  );

  test("is refused if another key has the kid of secret", () =>
    refuse(
      {
        secret: toJwk(privateKey, { kid: KID }),
        publicKey: [publicKey, toJwk(verifying(otherPrivateKey), { kid: KID })],
      },
      /^publicKey contains two keys with the same kid/,
    ));

  test.each<[string, unknown]>([
    ["of two private keys", [privateKey, otherPrivateKey]],
    ["of one private key", [privateKey]],
    ["of no keys", []],
    ["as a JWK Set", { keys: [toJwk(privateKey)] }],
  ])("is not for secrets: a list %s", (_what, secret) =>
    refuse(
      { secret },
      /^secret must be a single private key; put the public keys of the others into publicKey$/,
    ),
  );
});
