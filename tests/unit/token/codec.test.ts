import crypto, { createSecretKey, randomBytes, type KeyObject } from "node:crypto";
import { afterEach, describe, expect, jest, test } from "@jest/globals";
import type { JwtAlgorithm } from "express-jwt-strategy";
import fc from "fast-check";
import type { VerifiedClaims } from "../../../lib/token/claims.ts";
import type { KeyEntry } from "../../../lib/keys/key-entry.ts";
import { createTokenCodec, type TokenCodec } from "../../../lib/token/codec.ts";
import { codecConfig } from "../../support/codec-config.ts";
import { AUDIENCE, forge, goodClaims, isSignedBy } from "../../support/forge.ts";
import { ALGORITHMS, signingKey, verifying } from "../../support/keys.ts";

function verificationKey(algorithm: JwtAlgorithm): KeyObject {
  return verifying(signingKey(algorithm));
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
    codecConfig,
  );
}

/** The claims of a token that a codec accepts. */
function read(codec: TokenCodec, token: string): VerifiedClaims {
  const outcome = codec.verify(token);
  if (typeof outcome === "string") throw new Error(outcome);
  return outcome.claims;
}

/** The reason for the refusal of a token, or "accepted". */
function judge(codec: TokenCodec, token: string): string {
  const outcome = codec.verify(token);
  return typeof outcome === "string" ? outcome : "accepted";
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
  test.each(ALGORITHMS)(
    "creates a signature of %s that node:crypto verifies",
    async (algorithm) => {
      const token = await codecFor(algorithm).sign({ sub: "42", aud: AUDIENCE });
      expect(decode(token.split(".")[0])).toBe(`{"alg":"${algorithm}","typ":"JWT"}`);
      expect(isSignedBy(algorithm, verificationKey(algorithm), token)).toBe(true);
    },
  );

  test.each([
    ["a list of audiences", { sub: "42", aud: ["a", "b"], exp: 5 }],
    ["one audience", { sub: "42", aud: "a", exp: 5 }],
    ["no expiry", { sub: "42", aud: ["a"] }],
  ])("writes the claims in their order and adds no iat (%s)", async (_name, claims) => {
    const [, payload] = (await hs256.sign(claims)).split(".");
    expect(decode(payload)).toBe(JSON.stringify(claims));
  });

  // The output of Python's `json.dumps(..., separators=(",", ":"))`.
  test.each([
    ["a letter of Latin-1", "é", "\\u00e9"],
    ["the last letter of Latin-1 and the next one", "ÿĀ", "\\u00ff\\u0100"],
    ["a surrogate pair", "😀", "\\ud83d\\ude00"],
    ["line separators", "\u2028\u2029", "\\u2028\\u2029"],
    ["U+FFFF", "\uffff", "\\uffff"],
    ["the end of ASCII", "~\u007f\u0080", "~\\u007f\\u0080"],
    ["control characters", "\0\u001f", "\\u0000\\u001f"],
    ["control characters with a short form", "\b\f\n\r\t", "\\b\\f\\n\\r\\t"],
    ["punctuation", "\"\\/<>&'", "\\\"\\\\/<>&'"],
  ])("escapes %s in an ID as Python does", async (_name, id, escaped) => {
    const [, payload] = (await issue(id)).split(".");
    expect(decode(payload)).toBe(`{"sub":"${escaped}","aud":"${AUDIENCE}","exp":${IN_AN_HOUR}}`);
  });

  test("writes only ASCII, for any ID", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary", minLength: 1 }), async (id) => {
        const [, payload] = (await issue(id)).split(".");
        expect(decode(payload)).toMatch(/^[ -~]+$/);
      }),
    );
  });

  test("throws a TypeError without a signing key", () => {
    const verificationKeys = [unnamed(verificationKey("RS256"))];
    const codec = createTokenCodec(
      { algorithm: "RS256", signingKey: undefined, verificationKeys },
      codecConfig,
    );
    expect(() => codec.sign({ sub: "42", aud: AUDIENCE })).toThrow(
      new TypeError("secret is required to sign tokens"),
    );
  });
});

describe("verify", () => {
  test.each(ALGORITHMS)("accepts its own tokens of %s", async (algorithm) => {
    const codec = codecFor(algorithm);
    const claims = { sub: "42", aud: [AUDIENCE], exp: IN_AN_HOUR };
    expect(read(codec, await codec.sign(claims))).toEqual(claims);
  });

  test.each(ALGORITHMS)("returns all claims of another issuer of %s", (algorithm) => {
    const claims = goodClaims({ iat: 5, nbf: 5, jti: "x", iss: "us", roles: ["a"], é: "😀" });
    const token = forge(algorithm, signingKey(algorithm), claims);
    expect(read(codecFor(algorithm), token)).toEqual(claims);
  });

  test("returns any well-formed ID unchanged", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary", minLength: 1 }), async (id) => {
        expect(read(hs256, await issue(id))).toMatchObject({ sub: id });
      }),
    );
  });

  test("freezes the claims recursively", () => {
    const claims = read(hs256, forge("HS256", signingKey("HS256"), goodClaims({ a: [{}] })));
    const { a } = claims as unknown as { a: [object] };
    expect([claims, a, a[0]].map((part) => Object.isFrozen(part))).toEqual([true, true, true]);
  });

  test("returns a new object of claims at each call", async () => {
    const token = await issue("42");
    expect(read(hs256, token)).not.toBe(read(hs256, token));
  });

  test.each(["HS256", "ES256", "RS256"] as const)(
    "refuses a token of %s with any single character changed",
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

  test("refuses any string that is not a token", () => {
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
    ["has two segments", "a.b", "malformed"],
    ["has padding", `${good}=`, "malformed"],
    ["has a header that is not JSON", forge("HS256", key, goodClaims(), "header"), "malformed"],
    [
      "has a payload that is not UTF-8",
      forge("HS256", key, Buffer.of(0x22, 0xff, 0x22)),
      "malformed",
    ],
    ["has a payload that is not JSON", forge("HS256", key, "claims"), "malformed"],
    ["has an empty object as payload", forge("HS256", key, "{}"), "claims_invalid"],
    ["has no alg", forge("HS256", key, {}, { typ: "JWT" }), "algorithm_mismatch"],
    ["has another alg", forge("HS256", key, {}, { alg: "HS384" }), "algorithm_mismatch"],
    ["has crit", forge("HS256", key, {}, { ...header, crit: ["exp"] }), "header_unsupported"],
    ["is signed with another key", forge("HS256", otherSecret()), "signature_invalid"],
    ["has null as payload", forge("HS256", key, "null"), "claims_invalid"],
    ["has an array as payload", forge("HS256", key, "[]"), "claims_invalid"],
    ["has a string as payload", forge("HS256", key, '"42"'), "claims_invalid"],
    [
      "has a string of JSON with claims as payload",
      forge("HS256", key, JSON.stringify(JSON.stringify(goodClaims()))),
      "claims_invalid",
    ],
    ["has no sub", forge("HS256", key, goodClaims({ sub: undefined })), "claims_invalid"],
    ["is for another audience", forge("HS256", key, goodClaims({ aud: "x" })), "audience_mismatch"],
    ["never expires", forge("HS256", key, goodClaims({ exp: undefined })), "expiry_missing"],
    ["has expired", forge("HS256", key, goodClaims({ exp: 5 })), "token_expired"],
    ["is not yet valid", forge("HS256", key, goodClaims({ iat: 4e9 })), "token_not_yet_valid"],
  ])("returns the reason if a token %s", (_name, token, reason) => {
    expect(judge(hs256, token)).toBe(reason);
  });

  test("returns signature_invalid for an ECDSA signature of another length", () => {
    const token = forge("ES256", signingKey("ES256"));
    const dot = token.lastIndexOf(".");
    const shorter = Buffer.from(token.slice(dot + 1), "base64url").subarray(0, -1);
    expect(
      judge(codecFor("ES256"), `${token.slice(0, dot)}.${shorter.toString("base64url")}`),
    ).toBe("signature_invalid");
  });

  test.each([
    ["is not JSON", "claims"],
    ["is not UTF-8", Buffer.of(0x22, 0xff, 0x22)],
    ["has no sub", goodClaims({ sub: undefined })],
    ["is for another audience", goodClaims({ aud: "x" })],
    ["has expired", goodClaims({ exp: 5 })],
  ])(
    "returns signature_invalid if the payload %s and the signature is invalid too",
    (_name, payload) => {
      expect(judge(hs256, forge("HS256", otherSecret(), payload))).toBe("signature_invalid");
    },
  );

  // RFC 8017 sections 8.1.2 and 8.2.2: a signature is as long as the modulus. Otherwise it would have two encodings.
  test.each(["RS256", "PS256"] as const)(
    "refuses a signature of %s without its leading zero",
    (algorithm) => {
      const codec = codecFor(algorithm);
      const [input, signature] = signatureWithLeadingZero(algorithm);
      expect(judge(codec, `${input}.${signature.toString("base64url")}`)).toBe("accepted");
      const shorter = signature.subarray(1).toString("base64url");
      expect(judge(codec, `${input}.${shorter}`)).toBe("signature_invalid");
    },
  );

  test("does not change Error.stackTraceLimit if it refuses a token", () => {
    const { stackTraceLimit } = Error;
    for (const token of ["a.b.c", forge("HS256", otherSecret()), forge("HS256", key, "claims")]) {
      expect(judge(hs256, token)).not.toBe("accepted");
      expect(Error.stackTraceLimit).toBe(stackTraceLimit);
    }
  });

  test.each(ALGORITHMS)("accepts a long token of %s", (algorithm) => {
    const claims = goodClaims({ note: "x".repeat(3000) });
    const token = forge(algorithm, signingKey(algorithm), claims);
    expect(codecFor(algorithm).verify(token)).toMatchObject({ claims });
  });

  test("uses only the configured algorithm and key, not the header", () => {
    const headers = [header, { alg: "HS256" }, { ...header, kid: "k" }, { ...header, typ: "jwt" }];
    const good = headers.map((each) => forge("HS256", key, goodClaims(), each));
    const bad = ["none", "HS512", "RS256"].map((alg) => forge("HS256", key, {}, { alg }));
    const hmacs = jest.spyOn(crypto, "createHmac");
    for (const token of [...good, ...bad]) hs256.verify(token);
    expect(hmacs.mock.calls.map(([hash]) => hash)).toEqual(headers.map(() => "sha256"));
    for (const [, used] of hmacs.mock.calls) expect(key.equals(used as KeyObject)).toBe(true);
  });
});

describe.each(ALGORITHMS)("before the signature of %s is verified", (algorithm) => {
  const codec = codecFor(algorithm);
  const key = signingKey(algorithm);

  /** The verdict, followed by all strings that were parsed as JSON. */
  function judgeAndListParsed(token: string): string[] {
    const parse = jest.spyOn(JSON, "parse").mockClear();
    const verdict = judge(codec, token);
    return [verdict, ...parse.mock.calls.map(([text]) => text)];
  }

  function withOtherPayload(token: string): string {
    return token.replace(/\../, (start) => (start === ".A" ? ".B" : ".A"));
  }

  test.each([
    ["short claims", goodClaims()],
    ["long claims", goodClaims({ note: "x".repeat(3000) })],
    ["many open brackets", "[".repeat(3000)],
    ["text that is not JSON", "claims"],
    ["bytes that are not UTF-8", Buffer.of(0x22, 0xff, 0x22)],
  ])("no payload is parsed: %s", (_name, payload) => {
    const forgery = withOtherPayload(forge(algorithm, key, payload));
    expect(judgeAndListParsed(forgery)).toEqual(["signature_invalid"]);
  });

  test("only an unusual header is parsed", () => {
    const header = JSON.stringify({ typ: "JWT", alg: algorithm });
    const forgery = withOtherPayload(forge(algorithm, key, goodClaims(), header));
    expect(judgeAndListParsed(forgery)).toEqual(["signature_invalid", header]);
  });

  test.each([
    ["with a kid that is not a string", { kid: 5 }, "header_unsupported"],
    ["with crit", { crit: ["exp"] }, "header_unsupported"],
    ["with another alg", { alg: "none" }, "algorithm_mismatch"],
  ])("only a header %s is parsed, not the payload", (_name, parameters, reason) => {
    const header = JSON.stringify({ alg: algorithm, typ: "JWT", ...parameters });
    const token = forge(algorithm, key, goodClaims(), header);
    expect(judgeAndListParsed(token)).toEqual([reason, header]);
  });

  test("nothing is parsed if the encoding is not canonical", () => {
    expect(judgeAndListParsed(`${forge(algorithm, key)}=`)).toEqual(["malformed"]);
  });

  test("nothing else is parsed; the payload of a valid token is parsed once", () => {
    const claims = JSON.stringify(goodClaims());
    expect(judgeAndListParsed(forge(algorithm, key, claims))).toEqual(["accepted", claims]);
  });
});

function otherSecret(): KeyObject {
  return createSecretKey(randomBytes(64));
}

/** Signs until the signature begins with a zero byte, as one in 256 does. */
function signatureWithLeadingZero(algorithm: "RS256" | "PS256"): readonly [string, Buffer] {
  for (let jti = 0; ; jti += 1) {
    const token = forge(algorithm, signingKey(algorithm), goodClaims({ jti: String(jti) }));
    const dot = token.lastIndexOf(".");
    const signature = Buffer.from(token.slice(dot + 1), "base64url");
    if (signature[0] === 0) return [token.slice(0, dot), signature];
  }
}
