import { describe, expect, jest, test } from "@jest/globals";
import type { VerifiedClaims } from "../../../lib/token/claims.ts";
import { cacheVerifiedTokens } from "../../../lib/token/cache.ts";
import type { VerifyToken } from "../../../lib/token/codec.ts";
import { signingKey } from "../../support/keys.ts";
import { codecConfig } from "../../support/codec-config.ts";

const CLAIMS: VerifiedClaims = { sub: "42", aud: "a" };
const key = signingKey("HS256");

interface Recorder {
  /** Verifies with the cache under test. */
  readonly verifyWithCache: VerifyToken;
  /** Counts the calls of the verifier for these tokens, in this order. */
  readonly verifications: (...tokens: string[]) => number;
}

/** A cache with a verifier that refuses all tokens that begin with "bad". */
function createCache(size: number): Recorder {
  const verify = jest.fn<VerifyToken>((token) =>
    token.startsWith("bad")
      ? "signature_invalid"
      : { claims: { ...CLAIMS, token }, appClaims: token, key },
  );
  const verifyWithCache = cacheVerifiedTokens(verify, size, codecConfig);
  return {
    verifyWithCache,
    verifications(...tokens) {
      verify.mockClear();
      for (const token of tokens) verifyWithCache(token);
      return verify.mock.calls.length;
    },
  };
}

describe("cacheVerifiedTokens", () => {
  test("returns the same object for a cached token, without another verification", () => {
    const { verifyWithCache, verifications } = createCache(10);
    const first = verifyWithCache("token");
    expect(verifyWithCache("token")).toBe(first);
    if (typeof first === "string") throw new Error(first);
    expect(first.claims).toEqual({ ...CLAIMS, token: "token" });
    expect(first.key).toBe(key);
    expect(verifications("token", "token")).toBe(0);
  });

  test("does not cache refusals", () => {
    const { verifyWithCache, verifications } = createCache(10);
    expect(verifications("bad", "bad", "bad")).toBe(3);
    expect(verifyWithCache("bad")).toBe("signature_invalid");
  });

  test("evicts a token that has expired", () => {
    const verify = jest.fn<VerifyToken>(() => ({
      claims: { ...CLAIMS, exp: 1000 },
      appClaims: CLAIMS,
      key,
    }));
    const verifyWithCache = cacheVerifiedTokens(verify, 10, codecConfig);
    const clock = jest.spyOn(Date, "now").mockReturnValue(999_999);
    verifyWithCache("token");
    clock.mockReturnValue(1_000_000);
    expect(verifyWithCache("token")).toBe("token_expired");
    expect(verify).toHaveBeenCalledTimes(1);
    verifyWithCache("token");
    expect(verify).toHaveBeenCalledTimes(2);
    clock.mockRestore();
  });

  test("caches nothing with a size of 0", () => {
    expect(createCache(0).verifications("token", "token", "token")).toBe(3);
  });

  test("caches nothing if the verifier throws", () => {
    const verify = jest.fn<VerifyToken>(() => {
      throw new Error("out of memory");
    });
    const verifyWithCache = cacheVerifiedTokens(verify, 10, codecConfig);
    expect(() => verifyWithCache("token")).toThrow("out of memory");
    expect(() => verifyWithCache("token")).toThrow("out of memory");
    expect(verify).toHaveBeenCalledTimes(2);
  });
});

describe("a cached token", () => {
  test.each([
    ["the last character missing", "header.payload.signatur"],
    ["another last character", "header.payload.signaturf"],
    ["a space at the end", "header.payload.signature "],
    ["a segment in another case", "header.payload.SIGNATURE"],
    ["another payload", "header.paylobd.signature"],
    ["no signature", "header.payload."],
    ["a last character with the same low byte", "header.payload.signatur\u0165"],
  ])("is not found for a string with %s", (_difference, other) => {
    const { verifications } = createCache(10);
    expect(verifications("header.payload.signature")).toBe(1);
    expect(verifications(other)).toBe(1);
  });

  test.each([
    ["the name of a prototype", "__proto__"],
    ["the name of a constructor", "constructor"],
    ["the name of an inherited method", "toString"],
    ["the name of another inherited method", "hasOwnProperty"],
    ["the name of a member of caches", "size"],
    ["an empty string", ""],
  ])("can be %s, which is not found before it is verified", (_name, token) => {
    const { verifyWithCache, verifications } = createCache(10);
    expect(verifications(token)).toBe(1);
    expect(verifications(token)).toBe(0);
    expect(verifyWithCache(token)).toMatchObject({ claims: { token } });
  });

  test("is not found in another cache", () => {
    const one = createCache(10);
    const other = createCache(10);
    expect(one.verifications("token")).toBe(1);
    expect(other.verifications("token")).toBe(1);
  });
});

describe("the number of cached tokens", () => {
  test("is at most the size: the least recently used one is evicted", () => {
    const { verifications } = createCache(3);
    expect(verifications("a", "b", "c")).toBe(3);
    expect(verifications("a", "b", "c", "a")).toBe(0);
    expect(verifications("d")).toBe(1);
    expect(verifications("a", "c", "d")).toBe(0);
    expect(verifications("b")).toBe(1);
  });

  test("stays bounded with many accepted tokens", () => {
    const { verifications } = createCache(100);
    const flood = Array.from({ length: 10_000 }, (_, index) => `token ${index}`);
    expect(verifications(...flood)).toBe(10_000);
    expect(verifications(...flood.slice(-100))).toBe(0);
    expect(verifications(...flood.slice(0, 100))).toBe(100);
  });

  test("does not change with many refused tokens", () => {
    const { verifications } = createCache(1);
    const flood = Array.from({ length: 10_000 }, (_, index) => `bad ${index}`);
    expect(verifications("token", ...flood)).toBe(10_001);
    expect(verifications("token")).toBe(0);
  });
});

describe("the length of cached tokens", () => {
  const long = (name: string, length: number): string => name.padEnd(length, ".");

  test("counts as one token up to 1,024 characters", () => {
    const { verifications } = createCache(2);
    const tokens = [long("a", 1024), long("b", 1024)];
    expect(verifications(...tokens)).toBe(2);
    expect(verifications(...tokens)).toBe(0);
  });

  test("counts as more than one token beyond 1,024 characters", () => {
    const { verifications } = createCache(2);
    expect(verifications(long("a", 1024), long("b", 1025))).toBe(2);
    expect(verifications(long("b", 1025))).toBe(0);
    expect(verifications(long("a", 1024))).toBe(1);
  });

  test("lets a size of 8 cache eight tokens of 1 KB or one of 8 KB", () => {
    const { verifications } = createCache(8);
    const short = Array.from({ length: 8 }, (_, index) => long(`short ${index}`, 1024));
    expect(verifications(...short)).toBe(8);
    expect(verifications(...short)).toBe(0);
    expect(verifications(long("long", 8192))).toBe(1);
    expect(verifications(long("long", 8192))).toBe(0);
    expect(verifications(...short)).toBe(8);
  });

  test("does not cache a token longer than the whole cache, and evicts nothing for it", () => {
    const { verifications } = createCache(2);
    expect(verifications("a", "b")).toBe(2);
    expect(verifications(long("c", 2049), long("c", 2049))).toBe(2);
    expect(verifications("a", "b")).toBe(0);
  });
});
