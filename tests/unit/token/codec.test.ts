import { createSecretKey, randomBytes, type KeyObject } from "node:crypto";
import { afterEach, describe, expect, jest, test } from "@jest/globals";
import { InvalidTokenError, TokenExpiredError, type JwtAlgorithm } from "express-jwt-strategy";
import fc from "fast-check";
import type { ClaimRules } from "../../../lib/token/claim-rules.ts";
import type { VerifiedClaims } from "../../../lib/token/claims.ts";
import type { KeyEntry } from "../../../lib/keys/key-entry.ts";
import { createTokenCodec, type TokenCodec } from "../../../lib/token/codec.ts";
import { AUDIENCE, forge, goodClaims, isSignedBy } from "../../support/forge.ts";
import { ALGORITHMS, keyPair, signingKey } from "../../support/keys.ts";

const rules: ClaimRules = { audiences: [AUDIENCE], requireExpiry: true, clockToleranceSeconds: 0 };

function verificationKey(algorithm: JwtAlgorithm): KeyObject {
  const isHmac = algorithm === "HS256" || algorithm === "HS384" || algorithm === "HS512";
  return isHmac ? signingKey(algorithm) : keyPair(algorithm).publicKey;
}

const unnamed = (key: KeyObject): KeyEntry => ({ key, kid: undefined });

/** A codec that signs and verifies with the key of the run. */
function codecFor(algorithm: JwtAlgorithm): TokenCodec {
  return createTokenCodec(
    {
      algorithm,
      signingKey: unnamed(signingKey(algorithm)),
      verificationKeys: [unnamed(verificationKey(algorithm))],
    },
    rules,
  );
}

/** The claims that a codec reads in a token that it accepts. */
function read(codec: TokenCodec, token: string): VerifiedClaims {
  const outcome = codec.verify(token);
  if (outcome instanceof InvalidTokenError) throw outcome;
  return outcome.claims;
}

/** Why a codec refuses a token, or "accepted". */
function judge(codec: TokenCodec, token: string): string {
  const outcome = codec.verify(token);
  return outcome instanceof InvalidTokenError ? outcome.reason : "accepted";
}

function decode(segment = ""): string {
  return Buffer.from(segment, "base64url").toString("latin1");
}

const IN_AN_HOUR = Math.floor(Date.now() / 1000) + 3600;
const hs256 = codecFor("HS256");

async function issue(sub: string): Promise<string> {
  return hs256.sign({ sub, aud: AUDIENCE, exp: IN_AN_HOUR });
}

afterEach(() => {
  jest.restoreAllMocks();
});

describe("sign", () => {
  test.each(ALGORITHMS)("makes a signature of %s that node:crypto verifies", async (algorithm) => {
    const token = await codecFor(algorithm).sign({ sub: "42", aud: AUDIENCE });
    expect(decode(token.split(".")[0])).toBe(`{"alg":"${algorithm}","typ":"JWT"}`);
    expect(isSignedBy(algorithm, verificationKey(algorithm), token)).toBe(true);
  });

  test.each([
    ["a list of audiences", { sub: "42", aud: ["a", "b"], exp: 5 }],
    ["one audience", { sub: "42", aud: "a", exp: 5 }],
    ["no expiry", { sub: "42", aud: ["a"] }],
  ])("writes the claims in the order given, and no iat (%s)", async (_name, claims) => {
    const [, payload] = (await hs256.sign(claims)).split(".");
    expect(decode(payload)).toBe(JSON.stringify(claims));
  });

  // What `json.dumps(..., separators=(",", ":"))` writes.
  test.each([
    ["é", "\\u00e9"],
    ["ÿĀ", "\\u00ff\\u0100"],
    ["😀", "\\ud83d\\ude00"],
    ["\u2028\u2029", "\\u2028\\u2029"],
    ["\uffff", "\\uffff"],
    ["~\u007f\u0080", "~\\u007f\\u0080"],
    ["\0\u001f", "\\u0000\\u001f"],
    ["\b\f\n\r\t", "\\b\\f\\n\\r\\t"],
    ["\"\\/<>&'", "\\\"\\\\/<>&'"],
  ])("escapes the id %j as Python does", async (id, escaped) => {
    const [, payload] = (await issue(id)).split(".");
    expect(decode(payload)).toBe(`{"sub":"${escaped}","aud":"${AUDIENCE}","exp":${IN_AN_HOUR}}`);
  });

  test("writes ASCII alone, whatever the id", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary", minLength: 1 }), async (id) => {
        const [, payload] = (await issue(id)).split(".");
        expect(decode(payload)).toMatch(/^[ -~]+$/);
      }),
    );
  });

  test("throws a TypeError without a key that signs", () => {
    const verificationKeys = [unnamed(verificationKey("RS256"))];
    const codec = createTokenCodec(
      { algorithm: "RS256", signingKey: undefined, verificationKeys },
      rules,
    );
    expect(() => codec.sign({ sub: "42", aud: AUDIENCE })).toThrow(
      new TypeError("secret is needed to sign tokens"),
    );
  });
});

describe("verify", () => {
  test.each(ALGORITHMS)("reads what it has signed with %s", async (algorithm) => {
    const codec = codecFor(algorithm);
    const claims = { sub: "42", aud: [AUDIENCE], exp: IN_AN_HOUR };
    expect(read(codec, await codec.sign(claims))).toEqual(claims);
  });

  test.each(ALGORITHMS)("reads the claims of a foreign issuer of %s, all of them", (algorithm) => {
    const claims = goodClaims({ iat: 5, nbf: 5, jti: "x", iss: "us", roles: ["a"], é: "😀" });
    const token = forge(algorithm, signingKey(algorithm), claims);
    expect(read(codecFor(algorithm), token)).toEqual(claims);
  });

  test("gives any well-formed id back to the letter", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary", minLength: 1 }), async (id) => {
        expect(read(hs256, await issue(id))).toMatchObject({ sub: id });
      }),
    );
  });

  test("freezes the claims all the way down", () => {
    const claims = read(hs256, forge("HS256", signingKey("HS256"), goodClaims({ a: [{}] })));
    const { a } = claims as unknown as { a: [object] };
    expect([claims, a, a[0]].map((part) => Object.isFrozen(part))).toEqual([true, true, true]);
  });

  test("gives claims of their own at every call", async () => {
    const token = await issue("42");
    expect(read(hs256, token)).not.toBe(read(hs256, token));
  });

  test.each(["HS256", "ES256", "RS256"] as const)(
    "refuses a token of %s with any one character changed",
    (algorithm) => {
      const codec = codecFor(algorithm);
      const token = forge(algorithm, signingKey(algorithm));
      const position = fc.nat({ max: token.length - 1 });
      const character = fc.oneof(
        fc.string({
          unit: fc.constantFrom("A", "Q", "g", "w", "-", "_", ".", "0", "z"),
          minLength: 1,
          maxLength: 1,
        }),
        fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
      );
      fc.assert(
        fc.property(position, character, (index, other) => {
          const changed = token.slice(0, index) + other + token.slice(index + 1);
          fc.pre(changed !== token);
          expect(judge(codec, changed)).not.toBe("accepted");
        }),
        { numRuns: 300 },
      );
    },
  );

  test("refuses any text that it has not signed", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.base64String()),
        (text) => {
          expect(judge(hs256, text)).toBe("malformed");
        },
      ),
    );
  });

  const key = signingKey("HS256");
  const good = forge("HS256", key);
  const header = { alg: "HS256", typ: "JWT" };

  test.each([
    ["is no three segments", "a.b", "malformed"],
    ["has padding", `${good}=`, "malformed"],
    ["has a header that is no JSON", forge("HS256", key, goodClaims(), "header"), "malformed"],
    [
      "has a payload that is no UTF-8",
      forge("HS256", key, Buffer.of(0x22, 0xff, 0x22)),
      "malformed",
    ],
    ["has a payload that is no JSON", forge("HS256", key, "claims"), "malformed"],
    ["has another alg", forge("HS256", key, {}, { alg: "HS384" }), "algorithm_mismatch"],
    ["has crit", forge("HS256", key, {}, { ...header, crit: ["exp"] }), "header_unsupported"],
    ["is signed with another key", forge("HS256", otherSecret()), "signature_invalid"],
    ["has a null payload", forge("HS256", key, "null"), "malformed"],
    ["has a list for a payload", forge("HS256", key, "[]"), "claims_invalid"],
    ["has a string for a payload", forge("HS256", key, '"42"'), "claims_invalid"],
    ["has no sub", forge("HS256", key, goodClaims({ sub: undefined })), "claims_invalid"],
    ["is for others", forge("HS256", key, goodClaims({ aud: "x" })), "audience_mismatch"],
    ["never expires", forge("HS256", key, goodClaims({ exp: undefined })), "expiry_missing"],
    ["has expired", forge("HS256", key, goodClaims({ exp: 5 })), "token_expired"],
    ["is from the future", forge("HS256", key, goodClaims({ iat: 4e9 })), "token_not_yet_valid"],
  ])("says why it refuses a token that %s", (_name, token, reason) => {
    expect(judge(hs256, token)).toBe(reason);
  });

  test("calls a signature of a length that ECDSA does not have malformed", () => {
    const token = forge("ES256", signingKey("ES256"));
    expect(judge(codecFor("ES256"), token.slice(0, -4))).toBe("malformed");
  });

  // RFC 8017 sections 8.1.2 and 8.2.2: a signature is as long as the modulus. Else it has two spellings.
  test.each(["RS256", "PS256"] as const)(
    "refuses a signature of %s that leaves its leading zero out",
    (algorithm) => {
      const codec = codecFor(algorithm);
      const [input, signature] = signatureWithLeadingZero(algorithm);
      expect(judge(codec, `${input}.${signature.toString("base64url")}`)).toBe("accepted");
      const shorter = signature.subarray(1).toString("base64url");
      expect(judge(codec, `${input}.${shorter}`)).toBe("signature_invalid");
    },
  );

  test("judges no claim of a token whose signature is bad", () => {
    const expired = forge("HS256", otherSecret(), goodClaims({ exp: 5 }));
    expect(hs256.verify(expired)).not.toBeInstanceOf(TokenExpiredError);
  });

  test("says nothing of a token in its refusals", () => {
    const token = forge("HS256", key, "the-payload");
    const refusal = hs256.verify(token) as unknown as InvalidTokenError;
    expect(refusal.message).toBe("The access token is invalid");
    expect(refusal.cause).toBeUndefined();
  });

  test.each(ALGORITHMS)("reads a long token of %s", (algorithm) => {
    const claims = goodClaims({ note: "x".repeat(3000) });
    const token = forge(algorithm, signingKey(algorithm), claims);
    expect(codecFor(algorithm).verify(token)).toMatchObject({ claims });
  });

  test.each(ALGORITHMS)(
    "parses nothing of a long payload whose signature of %s is bad",
    (algorithm) => {
      const codec = codecFor(algorithm);
      const parse = jest.spyOn(JSON, "parse");
      const token = forge(algorithm, signingKey(algorithm), "[".repeat(3000));
      const [header, payload = "", signature] = token.split(".");
      const forgery = `${header}.${payload.replace(/^W/, "X")}.${signature}`;
      expect(judge(codec, forgery)).toBe("signature_invalid");
      expect(parse).not.toHaveBeenCalled();
    },
  );

  test("tells jsonwebtoken the one algorithm, whatever the header says", () => {
    const library = jest.requireActual<{ verify: (...args: unknown[]) => unknown }>("jsonwebtoken");
    const verifyCall = jest.spyOn(library, "verify");
    const headers = [header, { alg: "HS256" }, { ...header, kid: "k" }, { ...header, typ: "jwt" }];
    for (const each of headers) hs256.verify(forge("HS256", key, goodClaims(), each));
    for (const alg of ["none", "HS512", "RS256"]) hs256.verify(forge("HS256", key, {}, { alg }));
    const options = { algorithms: ["HS256"], ignoreExpiration: true, ignoreNotBefore: true };
    expect(verifyCall.mock.calls.map((call) => call[2])).toEqual(headers.map(() => options));
    for (const call of verifyCall.mock.calls) expect(key.equals(call[1] as KeyObject)).toBe(true);
  });
});

function otherSecret(): KeyObject {
  return createSecretKey(randomBytes(64));
}

/** One signature in 256 begins with a zero. */
function signatureWithLeadingZero(algorithm: "RS256" | "PS256"): readonly [string, Buffer] {
  for (let jti = 0; ; jti += 1) {
    const token = forge(algorithm, signingKey(algorithm), goodClaims({ jti: String(jti) }));
    const dot = token.lastIndexOf(".");
    const signature = Buffer.from(token.slice(dot + 1), "base64url");
    if (signature[0] === 0) return [token.slice(0, dot), signature];
  }
}
