import crypto, { createHmac, type KeyObject } from "node:crypto";
import { afterEach, describe, expect, jest, test } from "@jest/globals";
import type { JwtAlgorithm } from "express-jwt-strategy";
import { createTokenCodec, type TokenCodec } from "../../../lib/token/codec.ts";
import { codecConfig } from "../../support/codec-config.ts";
import { AUDIENCE, forge, goodClaims } from "../../support/forge.ts";
import { generateSigningKey, verifying } from "../../support/keys.ts";

/** A signing key and its verification key, with a letter as their name in these tests. */
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

/** A key with its letter as its kid. */
const named = (pair: Pair, kid = pair.letter): Member => ({ ...pair, kid });
const unnamed = (pair: Pair): Member => ({ ...pair, kid: undefined });

/** A codec of several keys. The first one signs. */
interface KeySetCodec {
  readonly codec: TokenCodec;
  /** The verdict, followed by the letters of the keys that the signature was checked with. */
  readonly judge: (token: string) => string;
  /** The letter of a key. Jest considers all KeyObjects equal. */
  readonly letterOf: (key: unknown) => string | undefined;
}

function createKeySetCodec(algorithm: JwtAlgorithm, ...members: readonly Member[]): KeySetCodec {
  const [first] = members;
  const codec = createTokenCodec(
    {
      algorithm,
      signingKey: first && { key: first.signing, kid: first.kid },
      verificationKeys: members.map(({ verifying: key, kid }) => ({ key, kid })),
    },
    codecConfig,
  );
  const letterOf = (key: unknown): string | undefined =>
    members.find(({ verifying: own }) => own === key)?.letter;
  return {
    codec,
    letterOf,
    judge(token) {
      const hmacs = jest.spyOn(crypto, "createHmac").mockClear();
      const verify = jest.spyOn(crypto, "verify").mockClear();
      const outcome = codec.verify(token);
      const keys = [
        ...hmacs.mock.calls.map(([, key]) => key),
        ...verify.mock.calls.map(([, , options]) => (options as { key: unknown }).key),
      ];
      const verdict = typeof outcome === "string" ? outcome : "accepted";
      return [verdict, ...keys.map(letterOf)].join(" ");
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
  const otherSigner = generatePair(algorithm, "stranger");

  /** A valid token whose header has this `kid`, if it is given. */
  const token = ({ signing }: Pair, kid?: unknown): string =>
    forge(algorithm, signing, goodClaims(), { alg: algorithm, typ: "JWT", kid });

  describe("with a kid each", () => {
    const { judge } = createKeySetCodec(algorithm, named(a), named(b), named(c));

    test("verify a token that names their kid, and no other key is tried", () => {
      expect(judge(token(a, "a"))).toBe("accepted a");
      expect(judge(token(c, "c"))).toBe("accepted c");
    });

    test("refuse a token that names their kid but was signed by another key of the set", () => {
      expect(judge(token(b, "a"))).toBe("signature_invalid a");
      expect(judge(token(otherSigner, "a"))).toBe("signature_invalid a");
    });

    test("check no signature for an unknown kid", () => {
      for (const kid of ["d", "A", "a ", "", "__proto__", "k".repeat(4096)]) {
        expect(judge(token(a, kid))).toBe("key_not_found");
      }
    });

    test("are tried in their order for a token without a kid, until one verifies it", () => {
      expect(judge(token(a))).toBe("accepted a");
      expect(judge(token(c))).toBe("accepted a b c");
    });

    test("are each tried once for a token without a kid that none of them signed", () => {
      expect(judge(token(otherSigner))).toBe("signature_invalid a b c");
    });

    test("are not tried if the kid is not a string", () => {
      for (const kid of [null, 0, true, [], ["a"], { a: "a" }]) {
        expect(judge(token(a, kid))).toBe("header_unsupported");
      }
    });
  });

  describe("if only one has a kid", () => {
    const { judge } = createKeySetCodec(algorithm, unnamed(a), named(b), unnamed(c));

    test("are tried for an unknown kid if they have none, because the signer may know them by this kid", () => {
      expect(judge(token(a, "x"))).toBe("accepted a");
      expect(judge(token(c, "x"))).toBe("accepted a c");
    });

    test("refuse a token with an unknown kid that was signed by a key with another kid", () => {
      expect(judge(token(b, "x"))).toBe("key_not_found a c");
      expect(judge(token(otherSigner, "x"))).toBe("key_not_found a c");
    });

    test("are not tried for a token with the kid of another key", () => {
      expect(judge(token(a, "b"))).toBe("signature_invalid b");
    });
  });

  test("are returned with the claims that they verified", () => {
    const { codec, letterOf } = createKeySetCodec(algorithm, named(a), unnamed(b), unnamed(c));
    const verifiedBy = (text: string): unknown => {
      const outcome = codec.verify(text);
      return typeof outcome === "string" ? outcome : letterOf(outcome.key);
    };
    expect([token(a), token(b), token(c), token(a, "a")].map(verifiedBy)).toEqual([
      "a",
      "b",
      "c",
      "a",
    ]);
  });

  test("verify a token with a usual header and a known kid without parsing the header", () => {
    const { judge } = createKeySetCodec(algorithm, named(a), unnamed(b));
    const parsed = (text: string): string[] => {
      const parse = jest.spyOn(JSON, "parse").mockClear();
      expect(judge(text)).toMatch(/^accepted/);
      return parse.mock.calls.map(([json]) => json);
    };
    expect(parsed(token(a, "a"))).toHaveLength(1); // the payload
    expect(parsed(token(b))).toHaveLength(1);
    expect(parsed(token(b, "x"))).toHaveLength(2);
  });

  test("refuse every token if there are none", () => {
    const { judge } = createKeySetCodec(algorithm);
    expect(judge(token(a))).toBe("signature_invalid");
    expect(judge(token(a, "a"))).toBe("key_not_found");
  });

  test("sign with the kid of the first key, if it has one", async () => {
    const headerOf = async ({ codec }: KeySetCodec): Promise<string> => {
      const [header = ""] = (await codec.sign({ sub: "42", aud: AUDIENCE })).split(".");
      return Buffer.from(header, "base64url").toString();
    };
    expect(await headerOf(createKeySetCodec(algorithm, named(a), named(b)))).toBe(
      `{"alg":"${algorithm}","typ":"JWT","kid":"a"}`,
    );
    expect(await headerOf(createKeySetCodec(algorithm, unnamed(a), named(b)))).toBe(
      `{"alg":"${algorithm}","typ":"JWT"}`,
    );
  });
});

describe("a kid", () => {
  const a = generatePair("HS256", "a");
  const b = generatePair("HS256", "b");

  test.each([
    ["with Latin-1 characters", "é"],
    ["with the first and last non-ASCII characters of Latin-1", "ÿ\u0080"],
    ["with Japanese characters", "日本"],
    ["with a character beyond U+FFFF", "😀"],
    ["with a line separator", "\u2028"],
    ["with characters that JSON escapes", '"\\'],
    ["with a line break", "a\r\nb"],
    ["with a NUL", "\0"],
    ["named like a prototype", "__proto__"],
    ["with only a space", " "],
  ])("%s is written and read in UTF-8", async (_name, kid) => {
    const { codec, judge } = createKeySetCodec("HS256", named(a, kid), named(b));
    const token = await codec.sign({ sub: "42", aud: AUDIENCE, exp: 4e9 });
    const [header = "", payload = "", signature] = token.split(".");
    expect(Buffer.from(header, "base64url").toString("utf8")).toBe(
      JSON.stringify({ alg: "HS256", typ: "JWT", kid }),
    );
    expect(signature).toBe(
      createHmac("sha256", a.signing).update(`${header}.${payload}`).digest("base64url"),
    );
    expect(judge(token)).toBe("accepted a");
  });
});
