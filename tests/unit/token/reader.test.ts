import { describe, expect, jest, test } from "@jest/globals";
import express from "express";
import request from "supertest";
import { InvalidTokenError } from "../../../lib/errors/auth-errors.ts";
import type { KeySet } from "../../../lib/keys/key-set.ts";
import type { ChangingKeys } from "../../../lib/keys/remote-key-set.ts";
import { KeysUnavailableError } from "../../../lib/errors/keys-unavailable-error.ts";
import {
  createChangingTokenReader,
  createTokenReader,
  type ReadToken,
} from "../../../lib/token/reader.ts";
import type { VerifiedToken, VerifyToken } from "../../../lib/token/codec.ts";
import { construct } from "../../support/expect-construction-error.ts";
import { expectRefusal } from "../../support/expect-refusal.ts";
import { forge, goodClaims } from "../../support/forge.ts";
import { hmacSecret, signingKey } from "../../support/keys.ts";

const VERIFIED: VerifiedToken = { claims: { sub: "42", aud: "a" }, key: signingKey("HS256") };

function readerOf(
  maxTokenLength: number,
  cacheSize = 10,
): { read: ReadToken; verify: jest.Mock<VerifyToken> } {
  const verify = jest.fn<VerifyToken>(() => VERIFIED);
  const codec = { verify, sign: () => "" };
  const limits = { maxTokenLength, cacheSize, clockToleranceSeconds: 0 };
  return { read: createTokenReader(codec, limits), verify };
}

describe("a token's length", () => {
  test("is judged before anything looks at the text", () => {
    const { read, verify } = readerOf(10);
    const refusal = read("x".repeat(11));
    expect(refusal).toBeInstanceOf(InvalidTokenError);
    expect(refusal).toMatchObject({ reason: "token_too_long", status: 401, code: "invalid_token" });
    expect(verify).not.toHaveBeenCalled();
  });

  test("may be maxTokenLength", () => {
    expect(readerOf(10).read("xxx.xxx.xx")).toBe(VERIFIED);
  });

  const token = forge("HS256", signingKey("HS256"));
  const options = { secret: hmacSecret, lifetimeSeconds: 3600 };

  test("is refused one character beyond maxTokenLength, however well signed", async () => {
    const exact = construct({ ...options, maxTokenLength: token.length });
    const shorter = construct({ ...options, maxTokenLength: token.length - 1 });
    expect(await exact.readToken(token)).toMatchObject({ sub: "42" });
    expect(await shorter.readToken(token)).toBeNull();
  });

  test("is refused as any bad token is", async () => {
    const app = express().use(construct(options).authenticate());
    const long = forge("HS256", signingKey("HS256"), goodClaims({ note: "x".repeat(8192) }));
    await expectRefusal(request(app).get("/").auth(long, { type: "bearer" }), 401, "invalid_token");
  });
});

test.each(["", "x", "a.b", "."])(
  "the text %j, which has no two dots, is not even looked up",
  (text) => {
    const { read, verify } = readerOf(10);
    expect(read(text)).toMatchObject({ reason: "malformed" });
    expect(verify).not.toHaveBeenCalled();
  },
);

describe("a token that was accepted", () => {
  test("is verified once", () => {
    const { read, verify } = readerOf(10);
    expect([read("a.b.c"), read("a.b.c")]).toEqual([VERIFIED, VERIFIED]);
    expect(verify).toHaveBeenCalledTimes(1);
  });

  test("is verified each time with a cacheSize of 0", () => {
    const { read, verify } = readerOf(10, 0);
    expect([read("a.b.c"), read("a.b.c")]).toEqual([VERIFIED, VERIFIED]);
    expect(verify).toHaveBeenCalledTimes(2);
  });
});

describe("what is no token at all", () => {
  test.each([undefined, null, 42, true, {}, ["a token in a list"], Object("a token in an object")])(
    "is refused unread: %p",
    async (value) => {
      const { read, verify } = readerOf(100);
      expect(read(value as undefined)).toMatchObject({ reason: "malformed", status: 401 });
      expect(verify).not.toHaveBeenCalled();
      const strategy = construct({ secret: hmacSecret, lifetimeSeconds: 60 });
      expect(await strategy.readToken(value as undefined)).toBeNull();
    },
  );
});

describe("a reader whose keys change", () => {
  const ringOf = (kid: string): KeySet => ({
    algorithm: "HS256",
    signingKey: undefined,
    verificationKeys: [{ key: VERIFIED.key, kid }],
  });
  const [old, fresh] = [ringOf("old"), ringOf("new")];

  /** A reader under which a token is good where the ring has a key of its name. */
  function changing(keys: ChangingKeys): {
    readToken: ReadToken;
    createReader: jest.Mock<(ring: KeySet) => ReadToken>;
  } {
    const createReader = jest.fn(({ verificationKeys: [key] }: KeySet): ReadToken => (token) => {
      if (token === "bad") return new InvalidTokenError("signature_invalid");
      return token === key?.kid ? VERIFIED : new InvalidTokenError("key_not_found");
    });
    return { readToken: createChangingTokenReader(keys, createReader), createReader };
  }

  test("reads with the keys as they are known, at once, and is made once for them", () => {
    const renewed = jest.fn(() => old);
    const { readToken, createReader } = changing({ current: () => old, renewed });
    expect([readToken("old"), readToken("old")]).toEqual([VERIFIED, VERIFIED]);
    expect(readToken("bad")).toMatchObject({ reason: "signature_invalid" });
    expect(createReader).toHaveBeenCalledTimes(1);
    expect(renewed).not.toHaveBeenCalled();
  });

  test("asks once for new keys where a token names an unknown one", () => {
    const renewed = jest.fn(() => fresh);
    const { readToken } = changing({ current: () => old, renewed });
    expect(readToken("new")).toBe(VERIFIED);
    expect(readToken("unknown")).toMatchObject({ reason: "key_not_found", status: 401 });
    expect(renewed).toHaveBeenCalledTimes(2);
  });

  test("does not read again where there are no new ones", () => {
    const { readToken, createReader } = changing({ current: () => old, renewed: () => old });
    expect(readToken("new")).toMatchObject({ reason: "key_not_found" });
    expect(createReader).toHaveBeenCalledTimes(1);
  });

  test("forgets what the keys of before have verified", () => {
    let ring = old;
    const { readToken, createReader } = changing({ current: () => ring, renewed: () => ring });
    expect(readToken("old")).toBe(VERIFIED);
    ring = fresh;
    expect(readToken("old")).toMatchObject({ reason: "key_not_found" });
    expect(createReader.mock.calls).toEqual([[old], [fresh]]);
  });

  test("waits for keys that must be fetched first", async () => {
    const later = changing({ current: () => Promise.resolve(old), renewed: () => fresh });
    expect(await later.readToken("old")).toBe(VERIFIED);
    expect(await later.readToken("new")).toBe(VERIFIED);
    const renewing = changing({ current: () => old, renewed: () => Promise.resolve(fresh) });
    expect(await renewing.readToken("new")).toBe(VERIFIED);
  });

  test("fails where nobody knows the keys: it refuses nothing, and accepts nothing", async () => {
    const failure = new KeysUnavailableError("unreachable");
    const fail = (): Promise<KeySet> => Promise.reject(failure);
    const unknown = changing({ current: fail, renewed: fail });
    await expect(unknown.readToken("old")).rejects.toBe(failure);
    const outdated = changing({ current: () => old, renewed: fail });
    await expect(outdated.readToken("new")).rejects.toBe(failure);
    expect(outdated.readToken("old")).toBe(VERIFIED);
  });
});
