import { describe, expect, jest, test } from "@jest/globals";
import type { VerifiedClaims } from "../../../lib/token/claims.ts";
import { InvalidTokenError } from "../../../lib/errors/auth-errors.ts";
import { cacheVerifiedTokens } from "../../../lib/token/cache.ts";
import type { VerifyToken } from "../../../lib/token/codec.ts";
import { signingKey } from "../../support/keys.ts";

const CLAIMS: VerifiedClaims = { sub: "42", aud: "a" };
const key = signingKey("HS256");

interface Recorder {
  /** The function under test: verifies, or recalls that it has. */
  readonly getEarlierResult: VerifyToken;
  /** How often each of these tokens was verified, asked for in this order. */
  readonly verifications: (...tokens: string[]) => number;
}

/** Remembers around a verifier that refuses every token which begins with "bad". */
function remembering(size: number): Recorder {
  const verify = jest.fn<VerifyToken>((token) =>
    token.startsWith("bad")
      ? new InvalidTokenError("signature_invalid")
      : { claims: { ...CLAIMS, token }, key },
  );
  const getEarlierResult = cacheVerifiedTokens(verify, size, 0);
  return {
    getEarlierResult,
    verifications(...tokens) {
      verify.mockClear();
      for (const token of tokens) getEarlierResult(token);
      return verify.mock.calls.length;
    },
  };
}

describe("what is remembered", () => {
  test("is each accepted token, with the very claims it had and the key that verified it", () => {
    const { getEarlierResult, verifications } = remembering(10);
    const first = getEarlierResult("token");
    expect(getEarlierResult("token")).toBe(first);
    if (first instanceof InvalidTokenError) throw first;
    expect(first.claims).toEqual({ ...CLAIMS, token: "token" });
    expect(first.key).toBe(key);
    expect(verifications("token", "token")).toBe(0);
  });

  test("is no refused token", () => {
    const { getEarlierResult, verifications } = remembering(10);
    expect(verifications("bad", "bad", "bad")).toBe(3);
    expect(getEarlierResult("bad")).toMatchObject({ reason: "signature_invalid" });
  });

  test("is nothing with a size of 0", () => {
    expect(remembering(0).verifications("token", "token", "token")).toBe(3);
  });

  test("is nothing where the verifier throws", () => {
    const verify = jest.fn<VerifyToken>(() => {
      throw new Error("out of memory");
    });
    const getEarlierResult = cacheVerifiedTokens(verify, 10, 0);
    expect(() => getEarlierResult("token")).toThrow("out of memory");
    expect(() => getEarlierResult("token")).toThrow("out of memory");
    expect(verify).toHaveBeenCalledTimes(2);
  });
});

describe("a remembered token", () => {
  test.each([
    ["its last character missing", "header.payload.signatur"],
    ["another last character", "header.payload.signaturf"],
    ["a blank after it", "header.payload.signature "],
    ["another case", "header.payload.SIGNATURE"],
    ["another payload", "header.paylobd.signature"],
    ["no signature", "header.payload."],
    ["a character beyond one byte with the same low byte", "header.payload.signatur\u0165"],
  ])("is another one with %s", (_difference, other) => {
    const { verifications } = remembering(10);
    expect(verifications("header.payload.signature")).toBe(1);
    expect(verifications(other)).toBe(1);
  });

  test.each(["__proto__", "constructor", "toString", "hasOwnProperty", "size", ""])(
    "may be called %j: no name is known before it was verified",
    (token) => {
      const { getEarlierResult, verifications } = remembering(10);
      expect(verifications(token)).toBe(1);
      expect(verifications(token)).toBe(0);
      expect(getEarlierResult(token)).toMatchObject({ claims: { token } });
    },
  );

  test("is known to its own cache alone", () => {
    const one = remembering(10);
    const other = remembering(10);
    expect(one.verifications("token")).toBe(1);
    expect(other.verifications("token")).toBe(1);
  });
});

describe("the number of remembered tokens", () => {
  test("is at most the size: the one not used for longest is forgotten", () => {
    const { verifications } = remembering(3);
    expect(verifications("a", "b", "c")).toBe(3);
    expect(verifications("a", "b", "c", "a")).toBe(0);
    expect(verifications("d")).toBe(1);
    expect(verifications("a", "c", "d")).toBe(0);
    expect(verifications("b")).toBe(1);
  });

  test("stays bounded under a flood of accepted tokens", () => {
    const { verifications } = remembering(100);
    const flood = Array.from({ length: 10_000 }, (_, index) => `token ${index}`);
    expect(verifications(...flood)).toBe(10_000);
    expect(verifications(...flood.slice(-100))).toBe(0);
    expect(verifications(...flood.slice(0, 100))).toBe(100);
  });

  test("is not touched by a flood of refused tokens", () => {
    const { verifications } = remembering(1);
    const flood = Array.from({ length: 10_000 }, (_, index) => `bad ${index}`);
    expect(verifications("token", ...flood)).toBe(10_001);
    expect(verifications("token")).toBe(0);
  });
});

describe("the length of remembered tokens", () => {
  const long = (name: string, length: number): string => name.padEnd(length, ".");

  test("counts up to 1,024 characters as one token", () => {
    const { verifications } = remembering(2);
    const tokens = [long("a", 1024), long("b", 1024)];
    expect(verifications(...tokens)).toBe(2);
    expect(verifications(...tokens)).toBe(0);
  });

  test("counts for more beyond that", () => {
    const { verifications } = remembering(2);
    expect(verifications(long("a", 1024), long("b", 1025))).toBe(2);
    expect(verifications(long("b", 1025))).toBe(0);
    expect(verifications(long("a", 1024))).toBe(1);
  });

  test("lets eight tokens of 1 KB or one of 8 KB in, and never more than fit", () => {
    const { verifications } = remembering(8);
    const short = Array.from({ length: 8 }, (_, index) => long(`short ${index}`, 1024));
    expect(verifications(...short)).toBe(8);
    expect(verifications(...short)).toBe(0);
    expect(verifications(long("long", 8192))).toBe(1);
    expect(verifications(long("long", 8192))).toBe(0);
    expect(verifications(...short)).toBe(8);
  });

  test("keeps out what is longer than all the room there is, and forgets nothing for it", () => {
    const { verifications } = remembering(2);
    expect(verifications("a", "b")).toBe(2);
    expect(verifications(long("c", 2049), long("c", 2049))).toBe(2);
    expect(verifications("a", "b")).toBe(0);
  });
});
