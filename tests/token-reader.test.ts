import { describe, expect, jest, test } from "@jest/globals";
import request from "supertest";
import type { VerifiedClaims } from "../lib/claims.ts";
import { InvalidTokenError } from "../lib/errors.ts";
import type { VerifyToken } from "../lib/token-cache.ts";
import { createTokenReader, type ReadToken } from "../lib/token-reader.ts";
import { construct } from "./support/expect-construction-error.ts";
import { expectRefusal } from "./support/expect-refusal.ts";
import { expresses } from "./support/expresses.ts";
import { forge, goodClaims } from "./support/forge.ts";
import { hmacSecret, signingKey } from "./support/keys.ts";

const CLAIMS: VerifiedClaims = { sub: "42", aud: "a" };

function readerOf(
  maxTokenLength: number,
  cacheSize = 10,
): { read: ReadToken; verify: jest.Mock<VerifyToken> } {
  const verify = jest.fn<VerifyToken>(() => CLAIMS);
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
    expect(readerOf(10).read("x".repeat(10))).toBe(CLAIMS);
  });

  const token = forge("HS256", signingKey("HS256"));
  const options = { secret: hmacSecret, lifetimeSeconds: 3600 };

  test("is refused one character beyond maxTokenLength, however well signed", async () => {
    const exact = construct({ ...options, maxTokenLength: token.length });
    const shorter = construct({ ...options, maxTokenLength: token.length - 1 });
    expect(await exact.readToken(token)).toMatchObject({ sub: "42" });
    expect(await shorter.readToken(token)).toBeNull();
  });

  test.each(expresses)("is refused as any bad token is, under %s", async (_version, express) => {
    const app = express().use(construct(options).authenticate());
    const long = forge("HS256", signingKey("HS256"), goodClaims({ note: "x".repeat(8192) }));
    await expectRefusal(request(app).get("/").auth(long, { type: "bearer" }), 401, "invalid_token");
  });
});

describe("a token that was accepted", () => {
  test("is verified once", () => {
    const { read, verify } = readerOf(10);
    expect([read("token"), read("token")]).toEqual([CLAIMS, CLAIMS]);
    expect(verify).toHaveBeenCalledTimes(1);
  });

  test("is verified each time with a cacheSize of 0", () => {
    const { read, verify } = readerOf(10, 0);
    expect([read("token"), read("token")]).toEqual([CLAIMS, CLAIMS]);
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
