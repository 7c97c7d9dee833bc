import { describe, expect, jest, test } from "@jest/globals";
import express from "express";
import request from "supertest";
import { KeysUnavailableError } from "../../../lib/errors/keys-unavailable-error.ts";
import type { KeySet } from "../../../lib/keys/key-set.ts";
import type { RemoteKeys } from "../../../lib/keys/remote-key-set.ts";
import type { TokenCodec, VerifiedToken, VerifyToken } from "../../../lib/token/codec.ts";
import {
  createRemoteTokenReader,
  createTokenReader,
  type ReadToken,
} from "../../../lib/token/reader.ts";
import { construct } from "../../support/expect-construction-error.ts";
import { expectRefusal } from "../../support/expect-refusal.ts";
import { base64url, forge, goodClaims } from "../../support/forge.ts";
import { hmacSecret, signingKey } from "../../support/keys.ts";
import { codecConfig } from "../../support/codec-config.ts";

const CLAIMS = { sub: "42", aud: "a" };
const VERIFIED: VerifiedToken = { claims: CLAIMS, appClaims: CLAIMS, key: signingKey("HS256") };

function createReader(
  maxTokenLength: number,
  cacheSize = 10,
): { read: ReadToken; verify: jest.Mock<VerifyToken> } {
  const verify = jest.fn<VerifyToken>(() => VERIFIED);
  const config = { ...codecConfig, maxTokenLength, cacheSize };
  return { read: createTokenReader({ verify }, config), verify };
}

describe("the length of a token", () => {
  test("is checked before the token is read", () => {
    const { read, verify } = createReader(10);
    expect(read("x".repeat(11))).toBe("token_too_long");
    expect(read("x.x.x".padEnd(11, "x"))).toBe("token_too_long");
    expect(verify).not.toHaveBeenCalled();
  });

  test("can be maxTokenLength", () => {
    expect(createReader(10).read("xxx.xxx.xx")).toBe(VERIFIED);
  });

  const token = forge("HS256", signingKey("HS256"));
  const options = { secret: hmacSecret, lifetimeSeconds: 3600 };

  test("is refused one character beyond maxTokenLength, even of a valid token", async () => {
    const exact = construct({ ...options, maxTokenLength: token.length });
    const shorter = construct({ ...options, maxTokenLength: token.length - 1 });
    expect(await exact.readToken(token)).toMatchObject({ sub: "42" });
    expect(await shorter.readToken(token)).toBeNull();
  });

  test("is refused like any invalid token", async () => {
    const app = express().use(construct(options).authenticate());
    const long = forge("HS256", signingKey("HS256"), goodClaims({ note: "x".repeat(8192) }));
    await expectRefusal(request(app).get("/").auth(long, { type: "bearer" }), 401, "invalid_token");
  });
});

describe("a string without two dots", () => {
  test.each([
    ["an empty string", ""],
    ["a letter", "x"],
    ["two segments", "a.b"],
    ["a dot", "."],
    ["a dot at the end", "a."],
  ])("is refused without a cache lookup: %s", (_name, text) => {
    const { read, verify } = createReader(10);
    expect(read(text)).toBe("malformed");
    expect(verify).not.toHaveBeenCalled();
  });

  test("is verified if it has two dots, even adjacent ones", () => {
    const { read, verify } = createReader(10);
    for (const text of ["a.b.c", "..", "a..", "..c"]) read(text);
    expect(verify.mock.calls).toEqual([["a.b.c"], [".."], ["a.."], ["..c"]]);
  });
});

describe("an accepted token", () => {
  test("is verified once", () => {
    const { read, verify } = createReader(10);
    expect([read("a.b.c"), read("a.b.c")]).toEqual([VERIFIED, VERIFIED]);
    expect(verify).toHaveBeenCalledTimes(1);
  });

  test("is verified each time with a cacheSize of 0", () => {
    const { read, verify } = createReader(10, 0);
    expect([read("a.b.c"), read("a.b.c")]).toEqual([VERIFIED, VERIFIED]);
    expect(verify).toHaveBeenCalledTimes(2);
  });
});

const NOT_STRINGS: readonly (readonly [string, unknown])[] = [
  ["undefined", undefined],
  ["null", null],
  ["a number", 42],
  ["a boolean", true],
  ["an object", {}],
  ["a list of a token", ["a.b.c"]],
  ["a String object", Object("a.b.c")],
];

describe("a value that is not a string", () => {
  test.each(NOT_STRINGS)("is refused: %s", async (_name, value) => {
    const { read, verify } = createReader(100);
    expect(read(value as undefined)).toBe("malformed");
    expect(verify).not.toHaveBeenCalled();
    const strategy = construct({ secret: hmacSecret, lifetimeSeconds: 60 });
    expect(await strategy.readToken(value as undefined)).toBeNull();
  });
});

describe("createRemoteTokenReader", () => {
  const createKeySet = (kid: string): KeySet => ({
    algorithm: "RS256",
    signingKey: undefined,
    verificationKeys: [{ key: VERIFIED.key, kid }],
  });
  const [oldKeySet, newKeySet] = [createKeySet("old"), createKeySet("new")];

  /** A token with this header and an invalid signature. */
  const tokenOf = (header: object | string): string =>
    [typeof header === "string" ? header : JSON.stringify(header), "{}", "signature"]
      .map(base64url)
      .join(".");
  const [OLD, NEW, UNKNOWN, BAD] = ["old", "new", "unknown", "bad"].map((kid) =>
    tokenOf({ alg: "RS256", typ: "JWT", kid }),
  ) as [string, string, string, string];

  /** A reader that accepts a token if its kid is in the key set. */
  function createReaderOf(
    keys: Partial<RemoteKeys>,
    maxTokenLength = 100,
  ): {
    readToken: ReadToken;
    createCodec: jest.Mock<(keySet: KeySet) => Pick<TokenCodec, "verify">>;
    verify: jest.Mock<VerifyToken>;
    fetch: jest.Mock<RemoteKeys["fetch"]>;
    fetchUnknown: jest.Mock<RemoteKeys["fetchUnknown"]>;
  } {
    const verify = jest.fn<VerifyToken>();
    const createCodec = jest.fn(({ verificationKeys: [key] }: KeySet) => ({
      verify(token: string) {
        verify(token);
        if (token === BAD) return "signature_invalid";
        const kid = key?.kid ?? "none";
        return token === tokenOf({ alg: "RS256", typ: "JWT", kid }) ? VERIFIED : "key_not_found";
      },
    }));
    const fetch = jest.fn(keys.fetch ?? (() => Promise.resolve(oldKeySet)));
    const fetchUnknown = jest.fn(keys.fetchUnknown ?? (() => Promise.resolve(oldKeySet)));
    const remoteKeys = { cached: keys.cached ?? (() => oldKeySet), fetch, fetchUnknown };
    const config = { ...codecConfig, maxTokenLength, cacheSize: 10 };
    const readToken = createRemoteTokenReader(remoteKeys, "RS256", createCodec, config);
    createCodec.mockClear(); // the codec without keys, which is created first
    return { readToken, createCodec, verify, fetch, fetchUnknown };
  }

  test("reads with the cached keys at once, and creates one codec for them", () => {
    const { readToken, createCodec, verify, fetch, fetchUnknown } = createReaderOf({});
    expect([readToken(OLD), readToken(OLD)]).toEqual([VERIFIED, VERIFIED]);
    expect(readToken(BAD)).toBe("signature_invalid");
    expect(createCodec.mock.calls).toEqual([[oldKeySet]]);
    expect(verify.mock.calls).toEqual([[OLD], [BAD]]);
    expect(fetch).not.toHaveBeenCalled();
    expect(fetchUnknown).not.toHaveBeenCalled();
  });

  test("fetches new keys once if a token names an unknown key", async () => {
    const { readToken, fetch, fetchUnknown } = createReaderOf({
      fetchUnknown: () => Promise.resolve(newKeySet),
    });
    expect(await readToken(NEW)).toBe(VERIFIED);
    expect(await readToken(UNKNOWN)).toBe("key_not_found");
    expect(fetchUnknown).toHaveBeenCalledTimes(2);
    expect(fetch).not.toHaveBeenCalled();
  });

  test("does not read again if there are no new keys", async () => {
    const { readToken, createCodec, verify } = createReaderOf({});
    expect(await readToken(NEW)).toBe("key_not_found");
    expect(createCodec).toHaveBeenCalledTimes(1);
    expect(verify).toHaveBeenCalledTimes(1);
  });

  test("empties the cache if the keys change", async () => {
    let keySet = oldKeySet;
    const { readToken, createCodec } = createReaderOf({
      cached: () => keySet,
      fetchUnknown: () => Promise.resolve(keySet),
    });
    expect(readToken(OLD)).toBe(VERIFIED);
    keySet = newKeySet;
    expect(await readToken(OLD)).toBe("key_not_found");
    expect(createCodec.mock.calls).toEqual([[oldKeySet], [newKeySet]]);
  });

  test("fetches the keys first if none are cached", async () => {
    const { readToken, fetch, fetchUnknown } = createReaderOf({ cached: () => undefined });
    expect(await readToken(OLD)).toBe(VERIFIED);
    expect(fetch).toHaveBeenCalledTimes(1);
    expect(fetchUnknown).not.toHaveBeenCalled();
  });

  test("fetches new keys after that if the token names an unknown key", async () => {
    const { readToken, fetch, fetchUnknown } = createReaderOf({
      cached: () => undefined,
      fetchUnknown: () => Promise.resolve(newKeySet),
    });
    expect(await readToken(NEW)).toBe(VERIFIED);
    expect([fetch.mock.calls.length, fetchUnknown.mock.calls.length]).toEqual([1, 1]);
    expect(await readToken(BAD)).toBe("signature_invalid");
    expect([fetch.mock.calls.length, fetchUnknown.mock.calls.length]).toEqual([2, 1]);
  });

  test("rejects if the keys are unavailable, and neither refuses nor accepts the token", async () => {
    const failure = new KeysUnavailableError("unreachable");
    const fail = (): Promise<KeySet> => Promise.reject(failure);
    const unavailable = createReaderOf({ cached: () => undefined, fetch: fail });
    await expect(unavailable.readToken(OLD)).rejects.toBe(failure);
    const outdated = createReaderOf({ fetchUnknown: fail });
    await expect(outdated.readToken(NEW)).rejects.toBe(failure);
    expect(outdated.readToken(OLD)).toBe(VERIFIED);
  });

  describe("without cached keys refuses without a fetch", () => {
    const [header = "", payload = "", signature = ""] = OLD.split(".");

    function expectRefusedWithoutFetch(token: unknown, reason: string, maxTokenLength = 100): void {
      const { readToken, verify, fetch, fetchUnknown } = createReaderOf(
        { cached: () => undefined },
        maxTokenLength,
      );
      expect(readToken(token as string)).toBe(reason);
      expect([verify, fetch, fetchUnknown].map(({ mock }) => mock.calls.length)).toEqual([0, 0, 0]);
    }

    test.each(NOT_STRINGS)("a value that is not a string: %s", (_name, value) => {
      expectRefusedWithoutFetch(value, "malformed");
    });

    test("a token longer than maxTokenLength", () => {
      expectRefusedWithoutFetch(OLD, "token_too_long", OLD.length - 1);
    });

    test.each([
      ["an empty string", ""],
      ["two segments", `${header}.${payload}`],
      ["four segments", `${OLD}.${signature}`],
      ["a token without a signature", `${header}.${payload}.`],
      ["a token without a payload", `${header}..${signature}`],
      ["a token without a header", `.${payload}.${signature}`],
      ["a token with padding", `${OLD}=`],
      ["a token with a space", `${OLD} `],
      ["a segment that is not canonical", `${header}.${payload}.AB`],
      ["a header that is not JSON", tokenOf("header")],
      ["a header that is a list", tokenOf("[]")],
      ["a header that is not UTF-8", `${base64url(Buffer.of(0x22, 0xff, 0x22))}.AAAA.AAAA`],
    ])("%s", (_name, token) => {
      expectRefusedWithoutFetch(token, "malformed");
    });

    test.each<[string, object, string]>([
      ["alg none", { alg: "none" }, "algorithm_mismatch"],
      ["no alg", { typ: "JWT" }, "algorithm_mismatch"],
      ["alg of an HMAC", { alg: "HS256" }, "algorithm_mismatch"],
      ["alg of another RSA algorithm", { alg: "RS512", kid: "old" }, "algorithm_mismatch"],
      ["crit", { alg: "RS256", crit: ["exp"] }, "header_unsupported"],
      ["b64", { alg: "RS256", b64: false }, "header_unsupported"],
      ["an unknown typ", { alg: "RS256", typ: "at+jwt" }, "header_unsupported"],
      ["a kid that is not a string", { alg: "RS256", kid: 5 }, "header_unsupported"],
    ])("a header with %s", (_name, parameters, reason) => {
      expectRefusedWithoutFetch(tokenOf(parameters), reason);
    });
  });
});
