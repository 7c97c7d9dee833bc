import { createHmac, type KeyObject } from "node:crypto";
import { afterEach, describe, expect, jest, test } from "@jest/globals";
import { InvalidTokenError, type JwtAlgorithm } from "express-jwt-strategy";
import type { ClaimRules } from "../../../lib/token/claim-rules.ts";
import { createTokenCodec, type TokenCodec } from "../../../lib/token/codec.ts";
import { AUDIENCE, forge, goodClaims } from "../../support/forge.ts";
import { generateSigningKey, verifying } from "../../support/keys.ts";

const rules: ClaimRules = { audiences: [AUDIENCE], requireExpiry: true, clockToleranceSeconds: 0 };

const library = jest.requireActual<{ verify: (...args: unknown[]) => unknown }>("jsonwebtoken");

/** A key that signs and its half that verifies, under a letter that tests call it by. */
interface Pair {
  readonly letter: string;
  readonly signing: KeyObject;
  readonly verifying: KeyObject;
}

function generatePair(algorithm: JwtAlgorithm, letter: string): Pair {
  const signing = generateSigningKey(algorithm);
  return { letter, signing, verifying: verifying(signing) };
}

interface Member extends Pair {
  readonly kid: string | undefined;
}

/** Its letter is its name. */
const named = (pair: Pair, kid = pair.letter): Member => ({ ...pair, kid });
const unnamed = (pair: Pair): Member => ({ ...pair, kid: undefined });

/** A codec of several keys, of which the first signs, and how it judges. */
interface Ring {
  readonly codec: TokenCodec;
  /** The verdict, then the letters of the keys that the signature was checked with. */
  readonly judge: (token: string) => string;
  /** The letter of the key. Jest takes any two KeyObjects for equal. */
  readonly letterOf: (key: unknown) => string | undefined;
}

function ringOf(algorithm: JwtAlgorithm, ...members: readonly Member[]): Ring {
  const [first] = members;
  const codec = createTokenCodec(
    {
      algorithm,
      signingKey: first && { key: first.signing, kid: first.kid },
      verificationKeys: members.map(({ verifying: key, kid }) => ({ key, kid })),
    },
    rules,
  );
  const letterOf = (key: unknown): string | undefined =>
    members.find(({ verifying: own }) => own === key)?.letter;
  return {
    codec,
    letterOf,
    judge(token) {
      const verify = jest.spyOn(library, "verify").mockClear();
      const outcome = codec.verify(token);
      const verdict = outcome instanceof InvalidTokenError ? outcome.reason : "accepted";
      return [verdict, ...verify.mock.calls.map(([, key]) => letterOf(key))].join(" ");
    },
  };
}

afterEach(() => {
  jest.restoreAllMocks();
});

describe.each(["HS256", "RS256", "PS256", "ES256"] as const)("keys of %s", (algorithm) => {
  const a = generatePair(algorithm, "a");
  const b = generatePair(algorithm, "b");
  const c = generatePair(algorithm, "c");
  const stranger = generatePair(algorithm, "stranger");

  /** A good token whose header has this `kid`, if any. */
  const token = ({ signing }: Pair, kid?: unknown): string =>
    forge(algorithm, signing, goodClaims(), { alg: algorithm, typ: "JWT", kid });

  describe("that all have a kid", () => {
    const { judge } = ringOf(algorithm, named(a), named(b), named(c));

    test("verify a token of their kid, and no other key is tried", () => {
      expect(judge(token(a, "a"))).toBe("accepted a");
      expect(judge(token(c, "c"))).toBe("accepted c");
    });

    test("refuse a token of another key under their kid, though that key is one of them", () => {
      expect(judge(token(b, "a"))).toBe("signature_invalid a");
      expect(judge(token(stranger, "a"))).toBe("signature_invalid a");
    });

    test("cost an unknown kid nothing: no signature is checked", () => {
      for (const kid of ["d", "A", "a ", "", "__proto__", "k".repeat(4096)]) {
        expect(judge(token(a, kid))).toBe("key_not_found");
      }
    });

    test("are tried in their order with a token that has no kid, until one verifies", () => {
      expect(judge(token(a))).toBe("accepted a");
      expect(judge(token(c))).toBe("accepted a b c");
    });

    test("are each tried once with a token of none of them", () => {
      expect(judge(token(stranger))).toBe("signature_invalid a b c");
    });

    test("are tried with no token whose kid is no string", () => {
      for (const kid of [null, 0, true, [], ["a"], { a: "a" }]) {
        expect(judge(token(a, kid))).toBe("header_unsupported");
      }
    });
  });

  describe("of which some have no kid", () => {
    const { judge } = ringOf(algorithm, unnamed(a), named(b), unnamed(c));

    test("are those without one that an unknown kid is tried with: its signer may call them so", () => {
      expect(judge(token(a, "x"))).toBe("accepted a");
      expect(judge(token(c, "x"))).toBe("accepted a c");
    });

    test("refuse a token under an unknown kid of a key that has another", () => {
      expect(judge(token(b, "x"))).toBe("key_not_found a c");
      expect(judge(token(stranger, "x"))).toBe("key_not_found a c");
    });

    test("are not tried with a token of a known kid", () => {
      expect(judge(token(a, "b"))).toBe("signature_invalid b");
    });
  });

  test("say which of them has verified a token", () => {
    const { codec, letterOf } = ringOf(algorithm, named(a), unnamed(b), unnamed(c));
    const verifiedBy = (text: string): unknown => {
      const outcome = codec.verify(text);
      return outcome instanceof InvalidTokenError ? outcome : letterOf(outcome.key);
    };
    expect([token(a), token(b), token(c), token(a, "a")].map(verifiedBy)).toEqual([
      "a",
      "b",
      "c",
      "a",
    ]);
  });

  test("refuse everything where there are none", () => {
    const { judge } = ringOf(algorithm);
    expect(judge(token(a))).toBe("signature_invalid");
    expect(judge(token(a, "a"))).toBe("key_not_found");
  });

  test("sign under the kid of the first, and without one where it has none", async () => {
    const headerOf = async ({ codec }: Ring): Promise<string> => {
      const [header = ""] = (await codec.sign({ sub: "42", aud: AUDIENCE })).split(".");
      return Buffer.from(header, "base64url").toString();
    };
    expect(await headerOf(ringOf(algorithm, named(a), named(b)))).toBe(
      `{"alg":"${algorithm}","typ":"JWT","kid":"a"}`,
    );
    expect(await headerOf(ringOf(algorithm, unnamed(a), named(b)))).toBe(
      `{"alg":"${algorithm}","typ":"JWT"}`,
    );
  });
});

describe("a kid", () => {
  const a = generatePair("HS256", "a");
  const b = generatePair("HS256", "b");

  test.each(["é", "ÿ\u0080", "日本", "😀", "\u2028", '"\\', "a\r\nb", "\0", "__proto__", " "])(
    "is written in UTF-8 whatever it is, and read again: %j",
    async (kid) => {
      const { codec, judge } = ringOf("HS256", named(a, kid), named(b));
      const token = await codec.sign({ sub: "42", aud: AUDIENCE, exp: 4e9 });
      const [header = "", payload = "", signature] = token.split(".");
      expect(Buffer.from(header, "base64url").toString("utf8")).toBe(
        JSON.stringify({ alg: "HS256", typ: "JWT", kid }),
      );
      expect(signature).toBe(
        createHmac("sha256", a.signing).update(`${header}.${payload}`).digest("base64url"),
      );
      expect(judge(token)).toBe("accepted a");
    },
  );
});
