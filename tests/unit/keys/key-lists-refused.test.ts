import { randomBytes, type KeyObject } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import type { JwtAlgorithm } from "express-jwt-strategy";
import { construct, expectConstructionError } from "../../support/expect-construction-error.ts";
import { generateSigningKey, keyPair, toJwk, verifying } from "../../support/keys.ts";

// Long enough for expectConstructionError to find a part of them in a sentence.
const KID = "the-kid-of-the-current-key";
const OTHER_KID = "the-kid-of-the-previous-key";

const pem = (key: KeyObject): string =>
  String(key.export({ format: "pem", type: key.type === "private" ? "pkcs8" : "spki" }));

/** Which options a list of keys makes, and what it is a list of. */
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

    test("is refused where it is empty", () =>
      refuse([], `${option} is an empty list: give at least one key$`));

    test.each<[string, unknown]>([
      ["undefined", undefined],
      ["null", null],
      ["a number", 42],
      ["a list", [first]],
      ["a JWK Set", { keys: [toJwk(first)] }],
    ])("is refused where %s stands in it, at its place", (_what, wrong) => {
      refuse([first, wrong], `${option}\\[1\\] must be a `);
      refuse([wrong, first], `${option}\\[0\\] must be a `);
      refuse([wrong], `${option}\\[0\\] must be a `);
    });

    test("is refused where it has a hole", () => {
      const list: unknown[] = [first];
      list[2] = second;
      refuse(list, `${option}\\[1\\] must be a `);
    });

    test.each<[string, unknown[]]>([
      ["as one object", [first, second, first]],
      ["in two forms", [first, second, toJwk(first)]],
      ["under two kids", [toJwk(first, { kid: KID }), toJwk(first, { kid: OTHER_KID })]],
    ])("is refused where it holds the same key twice, %s", (_how, list) =>
      refuse(list, `${option} holds the same key twice: give each key once$`),
    );

    test("is refused where it holds two keys of the same kid", () =>
      refuse(
        [toJwk(first, { kid: KID }), toJwk(second, { kid: KID })],
        `${option} holds two keys of the same kid: give each a kid of its own$`,
      ));

    test.each<[string, unknown]>([
      ["empty", ""],
      ["longer than 256 characters", "k".repeat(257)],
      ["a lone surrogate", `${KID}\ud800`],
      ["null", null],
      ["a number", 20261101],
      ["a list", [KID]],
      ["an object", { kid: KID }],
    ])("is refused where a kid is %s", (_what, kid) => {
      const jwk = { ...toJwk(second), kid };
      const sentence = "is a JWK whose kid is not a well-formed string of 1 to 256 characters$";
      refuse([first, jwk], `${option}\\[1\\] ${sentence}`);
      refuse(jwk, `${option} ${sentence}`);
    });

    test("may hold kids of any other text, and one of undefined is none", () => {
      for (const kid of [
        "k",
        " ",
        "é😀",
        "__proto__",
        "../../etc/passwd",
        "a\r\nb",
        "k".repeat(256),
        undefined,
      ]) {
        const jwk = { ...toJwk(second), kid };
        expect(() => construct(optionsWith([first, jwk]))).not.toThrow();
      }
    });

    test("is refused with a JWK in it that is made for another purpose, at its place", () => {
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
    ["that end in NUL", `${"x".repeat(40)}\0`, /^secret\[1\] ends in a NUL character/],
    ["somebody's public key", pem(keyPair("RS256").publicKey), /^secret\[1\] is a key in PEM/],
    ["not base64url", { kty: "oct", k: "!".repeat(86) }, /^secret\[1\] is a JWK whose k is not/],
  ])("is refused where one is %s, at its place", (_what, wrong, sentence) =>
    refuse([good, wrong], sentence),
  );

  test("is refused beside a publicKey, as one secret is", () =>
    expectConstructionError(
      { secret: [good], publicKey: [good], lifetimeSeconds: 60 },
      /^publicKey does not go with HS256/,
    ));

  test("may be of weak ones where dangerouslyAllowWeakSecret says so", () => {
    const options = { secret: ["weak", "weaker"], lifetimeSeconds: 60 };
    expect(() => construct({ ...options, dangerouslyAllowWeakSecret: true })).not.toThrow();
  });
});

describe("a list of public keys", () => {
  const { privateKey, publicKey } = keyPair("ES256");
  const stranger = generateSigningKey("ES256");
  const refuse = (options: object, sentence: RegExp): void =>
    expectConstructionError({ algorithm: "ES256", lifetimeSeconds: 60, ...options }, sentence);

  test.each<[string, unknown, RegExp]>([
    ["private", pem(stranger), /^publicKey\[1\] holds a private key/],
    ["a private JWK", toJwk(stranger), /^publicKey\[1\] holds a private key/],
    ["a private KeyObject", stranger, /^publicKey\[1\] must be a KeyObject of type "public"/],
    ["of another curve", keyPair("ES384").publicKey, /^publicKey\[1\] /],
    ["of another type", keyPair("RS256").publicKey, /^publicKey\[1\] /],
    ["a damaged PEM", pem(publicKey).replace("M", "%"), /^publicKey\[1\] cannot be read/],
  ])("is refused where one is %s, at its place", (_what, wrong, sentence) =>
    refuse({ publicKey: [publicKey, wrong] }, sentence),
  );

  test("is refused where its first is not the half of secret, though another is", () =>
    refuse(
      { secret: privateKey, publicKey: [verifying(stranger), publicKey] },
      /^secret and publicKey are not the two halves of one pair: give matching keys \(of a list, the first matches\)/,
    ));

  test.each<[string, unknown]>([
    ["a list", [toJwk(publicKey, { kid: OTHER_KID }), verifying(stranger)]],
    ["one key", toJwk(publicKey, { kid: OTHER_KID })],
  ])("is refused where a pair has two kids: %s", (_what, given) =>
    refuse(
      { secret: toJwk(privateKey, { kid: KID }), publicKey: given },
      /^secret and publicKey are one pair under two kids: give both the same kid$/,
    ),
  );

  test("is refused where another key has the kid of secret", () =>
    refuse(
      {
        secret: toJwk(privateKey, { kid: KID }),
        publicKey: [publicKey, toJwk(verifying(stranger), { kid: KID })],
      },
      /^publicKey holds two keys of the same kid/,
    ));

  test.each<[string, unknown]>([
    ["of two", [privateKey, stranger]],
    ["of one", [privateKey]],
    ["of none", []],
  ])("is never a list of private keys: a secret %s", (_what, secret) =>
    refuse({ secret }, /^secret is a list, and one private key signs: .* others in publicKey$/),
  );
});
