import { randomInt, type KeyObject } from "node:crypto";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import type { JwtAlgorithm } from "express-jwt-strategy";
import fc from "fast-check";
import { jwtVerify } from "jose";
import jsonwebtoken from "jsonwebtoken";
import { createTokenCodec } from "../../lib/token/codec.ts";
import { createTokenReader } from "../../lib/token/reader.ts";
import { AUDIENCE, base64url, forge, goodClaims } from "../support/forge.ts";
import { hostileTokens } from "../support/hostile-tokens.ts";
import { harmlessTokens } from "../support/hostile/harmless.ts";
import { createTarget } from "../support/hostile/target.ts";
import { ALGORITHMS, signingKey, verifying } from "../support/keys.ts";
import { DIFFERENCES, findDifference } from "../support/second-opinions/differences.ts";
import { generateTokens, NOW } from "../support/second-opinions/generated-tokens.ts";

// jsonwebtoken and jose verify the same tokens with the same key, algorithm, audience and clock. A token
// that one of them refuses must be refused here. One that is refused only here must be in DIFFERENCES.

/** The number of tokens for each algorithm. jsonwebtoken verifies all of them. */
const GENERATED = 100_000;
/** jose is asynchronous and up to 20 times slower. It verifies a sample. */
const SAMPLE = 2_000;
/** A larger sample for Ed25519, which jsonwebtoken does not support. */
const SAMPLE_WITHOUT_JSONWEBTOKEN = 10_000;

/**
 * A failure prints its seed. To repeat it: `SEED=… npm run test:security -- second-opinions`. The keys
 * are new in each run; the token and the key of a failure are printed too.
 */
const seed = Number(process.env.SEED ?? randomInt(2 ** 31));

const MINUTES = 60_000;

beforeEach(() => {
  jest.spyOn(Date, "now").mockReturnValue(NOW * 1000);
});

afterEach(() => {
  jest.restoreAllMocks();
});

type Verdict = "accepted" | "refused";

function verifyWithJsonwebtoken(algorithm: JwtAlgorithm, key: KeyObject, token: string): Verdict {
  const algorithms = [algorithm as jsonwebtoken.Algorithm];
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0; // stack traces of so many errors are slow
  try {
    jsonwebtoken.verify(token, key, { algorithms, audience: AUDIENCE, clockTimestamp: NOW });
    return "accepted";
  } catch {
    return "refused";
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

async function verifyWithJose(
  algorithm: JwtAlgorithm,
  key: KeyObject,
  token: string,
): Promise<Verdict> {
  const currentDate = new Date(NOW * 1000);
  const requiredClaims = ["exp"];
  const options = { algorithms: [algorithm], audience: AUDIENCE, currentDate, requiredClaims };
  return jwtVerify(token, key, options).then(
    () => "accepted",
    () => "refused",
  );
}

/** A comparison of the verdicts of this package and another library. */
interface Comparison {
  accepted: number;
  /** Throws if the verdicts differ and no known difference explains it. */
  compare(token: string, verdict: Verdict): void;
}

function createComparison(algorithm: JwtAlgorithm, key: KeyObject): Comparison {
  const keySet = { algorithm, signingKey: undefined, verificationKeys: [{ key, kid: undefined }] };
  const config = {
    audiences: [AUDIENCE],
    issuers: undefined,
    requireExpiry: true,
    clockToleranceSeconds: 0,
    maxTokenAgeSeconds: undefined,
    tokenTypes: ["JWT"],
    maxTokenLength: 8192,
    cacheSize: 0,
  } as const;
  const read = createTokenReader(createTokenCodec(keySet, config), config);
  const fail = (problem: string, token: string): never => {
    const jwk = JSON.stringify(key.export({ format: "jwk" }));
    throw new Error(`${problem}\nseed: ${seed}\ntoken: ${token}\nkey: ${jwk}`);
  };
  return {
    accepted: 0,
    compare(token, verdict) {
      const outcome = read(token);
      if (typeof outcome !== "string") {
        this.accepted += 1;
        if (verdict === "refused") fail("we accept a token that another library refuses", token);
      } else if (verdict === "accepted" && findDifference(token, outcome) === undefined) {
        fail(`we refuse a token as ${outcome} that another library accepts`, token);
      }
    },
  };
}

describe.each(ALGORITHMS)("tokens of %s", (algorithm) => {
  const key = verifying(signingKey(algorithm));
  const hasJsonwebtoken = !algorithm.startsWith("Ed");

  /** The hostile and harmless tokens of the other tests, with the clock of these tests. */
  function collectTokens(): string[] {
    const target = createTarget(algorithm);
    return [...hostileTokens(target), ...harmlessTokens(target)].map(({ token }) => token);
  }

  if (hasJsonwebtoken) {
    test("have the same verdict as in jsonwebtoken: hostile and harmless ones", () => {
      const comparison = createComparison(algorithm, key);
      for (const token of collectTokens()) {
        comparison.compare(token, verifyWithJsonwebtoken(algorithm, key, token));
      }
      expect(comparison.accepted).toBeGreaterThan(20);
    });

    test(
      "have the same verdict as in jsonwebtoken: generated ones",
      () => {
        const comparison = createComparison(algorithm, key);
        fc.assert(
          fc.property(generateTokens(createTarget(algorithm), seed), (token) => {
            comparison.compare(token, verifyWithJsonwebtoken(algorithm, key, token));
          }),
          { numRuns: GENERATED, seed },
        );
        expect(comparison.accepted).toBeGreaterThan(GENERATED / 500);
      },
      20 * MINUTES,
    );
  }

  test(
    "have the same verdict as in jose: hostile and harmless ones",
    async () => {
      const comparison = createComparison(algorithm, key);
      for (const token of collectTokens()) {
        comparison.compare(token, await verifyWithJose(algorithm, key, token));
      }
      expect(comparison.accepted).toBeGreaterThan(20);
    },
    5 * MINUTES,
  );

  test(
    "have the same verdict as in jose: generated ones",
    async () => {
      const comparison = createComparison(algorithm, key);
      const numRuns = hasJsonwebtoken ? SAMPLE : SAMPLE_WITHOUT_JSONWEBTOKEN;
      await fc.assert(
        fc.asyncProperty(generateTokens(createTarget(algorithm), seed), async (token) => {
          comparison.compare(token, await verifyWithJose(algorithm, key, token));
        }),
        { numRuns, seed },
      );
      expect(comparison.accepted).toBeGreaterThan(0);
    },
    10 * MINUTES,
  );
});

describe("a token that this package refuses and another library accepts:", () => {
  const key = signingKey("HS256");
  const claimsAt = (changes: object): object => ({
    ...goodClaims({ exp: NOW + 3600 }),
    ...changes,
  });
  const sign = (payload: object | string | Buffer, header: object | string | Buffer = {}): string =>
    forge(
      "HS256",
      key,
      payload,
      typeof header === "string" || Buffer.isBuffer(header)
        ? header
        : { alg: "HS256", typ: "JWT", ...header },
    );
  const good = claimsAt({});
  const json = JSON.stringify(good);
  const invalidByte = (text: string): Buffer =>
    Buffer.concat([Buffer.from(`${text.slice(0, -1)},"x":"`), Buffer.of(0xff), Buffer.from('"}')]);
  const padded = sign(good).split(".");

  /** An example of each difference, and the libraries that accept it. */
  const EXAMPLES: readonly (readonly [name: string, token: string, by: readonly string[]])[] = [
    [
      "longer than maxTokenLength",
      sign(claimsAt({ x: "x".repeat(9000) })),
      ["jsonwebtoken", "jose"],
    ],
    [
      "base64url that is not canonical",
      [padded[0], padded[1], toOtherLastCharacter(padded[2] ?? "")].join("."),
      ["jose"],
    ],
    [
      "a header that is not UTF-8",
      sign(good, invalidByte('{"alg":"HS256","typ":"JWT"}')),
      ["jsonwebtoken"],
    ],
    ["a header after a byte order mark", sign(good, '\ufeff{"alg":"HS256","typ":"JWT"}'), ["jose"]],
    ["a payload that is not UTF-8", sign(invalidByte(json)), ["jsonwebtoken"]],
    ["a payload after a byte order mark", sign(`\ufeff${json}`), ["jose"]],
    ["crit", sign(good, { crit: ["exp"], exp: 1 }), ["jsonwebtoken"]],
    ["b64", sign(good, { b64: true }), ["jsonwebtoken", "jose"]],
    ["a typ that is not JWT", sign(good, { typ: "at+jwt" }), ["jsonwebtoken", "jose"]],
    ["a kid that is not a string", sign(good, { kid: 5 }), ["jsonwebtoken", "jose"]],
    ["a string of JSON as payload", sign(JSON.stringify(json)), ["jsonwebtoken"]],
    ["an own __proto__", sign(`{"__proto__":{},${json.slice(1)}`), ["jsonwebtoken", "jose"]],
    [
      "sub that is not a string, is empty or is not well-formed",
      sign(claimsAt({ sub: "" })),
      ["jsonwebtoken", "jose"],
    ],
    [
      "aud with a member that is not a string",
      sign(claimsAt({ aud: [AUDIENCE, 1] })),
      ["jsonwebtoken", "jose"],
    ],
    ["iss that is not a string", sign(claimsAt({ iss: ["us"] })), ["jsonwebtoken", "jose"]],
    ["jti that is not a string", sign(claimsAt({ jti: 5 })), ["jsonwebtoken", "jose"]],
    [
      "a time that is not a number of seconds until the year 9999",
      sign(claimsAt({ exp: NOW * 1000 })),
      ["jsonwebtoken", "jose"],
    ],
    ["no exp, although tokens must expire", sign(claimsAt({ exp: undefined })), ["jsonwebtoken"]],
    ["iat in the future", sign(claimsAt({ iat: NOW + 1 })), ["jsonwebtoken", "jose"]],
  ];

  test.each(EXAMPLES)("%s", async (name, token, by) => {
    const verdicts = [
      ["jsonwebtoken", verifyWithJsonwebtoken("HS256", key, token)],
      ["jose", await verifyWithJose("HS256", key, token)],
    ];
    expect(verdicts.filter(([, verdict]) => verdict === "accepted").map(([one]) => one)).toEqual(
      by,
    );
    const difference = DIFFERENCES.find((one) => one.name === name);
    expect(findDifference(token, difference?.reason ?? "malformed")).toBe(difference);
    createComparison("HS256", key).compare(token, "accepted");
  });

  // RFC 8017 section 8.1.2. One signature in 256 begins with a zero byte.
  test("a signature without its leading zero", () => {
    const target = createTarget("PS256");
    const publicKey = verifying(target.key);
    for (;;) {
      const [header, payload, signature = ""] = forge("PS256", target.key, good).split(".");
      const bytes = Buffer.from(signature, "base64url");
      if (bytes[0] !== 0) continue;
      const token = `${header}.${payload}.${base64url(bytes.subarray(1))}`;
      expect(verifyWithJsonwebtoken("PS256", publicKey, token)).toBe("accepted");
      expect(findDifference(token, "signature_invalid")?.name).toBe(
        "a signature without its leading zero",
      );
      createComparison("PS256", publicKey).compare(token, "accepted");
      return;
    }
  });

  test("each of the differences has an example", () => {
    const names = [...EXAMPLES.map(([name]) => name), "a signature without its leading zero"];
    expect(names.sort()).toEqual(DIFFERENCES.map(({ name }) => name).sort());
  });
});

/** Another encoding of the same bytes: the last of 43 characters has two unused bits. */
function toOtherLastCharacter(signature: string): string {
  return signature.slice(0, -1) + String.fromCharCode(signature.charCodeAt(42) + 1);
}
