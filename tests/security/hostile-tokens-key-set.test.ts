import { describe } from "@jest/globals";
import type { KeyObject } from "node:crypto";
import type { ClaimsStrategyOptions } from "express-jwt-strategy";
import { forge, goodClaims } from "../support/forge.ts";
import { inProcess } from "../support/hostile/client.ts";
import { harmlessTokens, type HarmlessToken } from "../support/hostile/harmless.ts";
import { testAttack } from "../support/hostile/suite.ts";
import {
  createTarget,
  forgedClaims,
  isHmac,
  type HostileToken,
  type Target,
} from "../support/hostile/target.ts";
import { hostileTokens } from "../support/hostile-tokens.ts";
import { ALGORITHMS, generateSigningKey, toJwk, verifying } from "../support/keys.ts";

/** The attacked key is between two other keys. */
function keySetOptions(
  { algorithm, key }: Target,
  [first, last]: readonly [KeyObject, KeyObject],
  write: (key: KeyObject, index: number) => unknown,
): ClaimsStrategyOptions<{ id: string }> {
  const keys = [first, key, last].map((each, index) => write(verifying(each), index));
  const options = { algorithm, [isHmac(algorithm) ? "secret" : "publicKey"]: keys };
  return { ...options, lifetimeSeconds: 3600 } as ClaimsStrategyOptions<{ id: string }>;
}

function generateOtherKeys({ algorithm }: Target): readonly [KeyObject, KeyObject] {
  return [generateSigningKey(algorithm), generateSigningKey(algorithm)];
}

describe.each(ALGORITHMS)("authenticate() with three keys of %s", (algorithm) => {
  testAttack(() => {
    const target = createTarget(algorithm);
    return {
      target,
      options: keySetOptions(target, generateOtherKeys(target), (key) => key),
      hostile: [...hostileTokens(target)],
      harmless: [...harmlessTokens(target)],
    };
  }, inProcess);
});

const KIDS = ["first", "second", "third"] as const;
const [FIRST, OWN, LAST] = KIDS;

describe.each(ALGORITHMS)("authenticate() with three keys of %s, each with a kid", (algorithm) => {
  testAttack(() => {
    const target = createTarget(algorithm, OWN);
    const otherKeys = generateOtherKeys(target);
    const unusual = [...harmlessTokens(target)];
    return {
      target,
      options: keySetOptions(target, otherKeys, (key, index) => toJwk(key, { kid: KIDS[index] })),
      hostile: [
        ...hostileTokens(target),
        // Valid except for an unknown kid.
        ...unusual.filter(hasKid),
        ...misnamed(target, otherKeys),
      ],
      harmless: unusual.filter((token) => !hasKid(token)),
    };
  }, inProcess);
});

function hasKid({ token }: HarmlessToken): boolean {
  const [header = ""] = token.split(".");
  return Object.hasOwn(JSON.parse(Buffer.from(header, "base64url").toString()) as object, "kid");
}

/** Tokens that are signed by one key of the set, with the kid of another. */
function* misnamed(
  { algorithm, key }: Target,
  [first, last]: readonly [KeyObject, KeyObject],
): Generator<HostileToken> {
  const pairs = [
    [first, OWN],
    [last, OWN],
    [key, FIRST],
    [key, LAST],
    [first, LAST],
  ] as const;
  for (const [signer, kid] of pairs) {
    const header = { alg: algorithm, typ: "JWT", kid };
    yield {
      name: `kid ${kid}, signed by another key`,
      token: forge(algorithm, signer, forgedClaims(), header),
    };
    yield {
      name: `kid ${kid}, signed by another key, expired`,
      token: forge(algorithm, signer, goodClaims({ exp: 5 }), header),
    };
  }
}
