import { describe } from "@jest/globals";
import type { ClaimsStrategyOptions, JwtAlgorithm } from "express-jwt-strategy";
import { z } from "zod";
import { addToGoodClaims, forge, goodClaims, nowInSeconds } from "../support/forge.ts";
import { inProcess } from "../support/hostile/client.ts";
import { harmlessTokens } from "../support/hostile/harmless.ts";
import { testAttack } from "../support/hostile/suite.ts";
import { createTarget, type HostileToken, type Target } from "../support/hostile/target.ts";
import { hostileTokens } from "../support/hostile-tokens.ts";

const ISSUER = "https://issuer.example/";

// All forged tokens have the required claims, unless the test removes them.
addToGoodClaims(() => ({ iss: ISSUER, iat: nowInSeconds() }));

/** Tokens with a valid signature that only one of the options refuses. */
function* refusedByOptions({ algorithm, key }: Target): Generator<HostileToken> {
  const now = nowInSeconds();
  const claims: Record<string, Record<string, unknown>> = {
    "no iss": { iss: undefined },
    "another iss": { iss: "https://other.example/" },
    "iss without its slash": { iss: ISSUER.slice(0, -1) },
    "iss in a list": { iss: [ISSUER] },
    "a claim that does not fit the schema": { plan: "all" },
    "no iat": { iat: undefined },
    "iat an hour ago": { iat: now - 3600 },
  };
  for (const [name, change] of Object.entries(claims)) {
    yield { name, token: forge(algorithm, key, goodClaims(change)) };
  }
}

function options({ algorithm, key }: Target): ClaimsStrategyOptions<{ id: string }> {
  return {
    algorithm,
    secret: key,
    lifetimeSeconds: 3600,
    tokenAudience: null,
    issuer: ISSUER,
    tokenType: ["x-test+jwt", "JWT"],
    maxTokenAgeSeconds: 3600,
    claimsSchema: z.looseObject({ sub: z.string(), plan: z.literal("free").optional() }),
  };
}

describe.each<JwtAlgorithm>(["HS256", "ES256"])(
  "authenticate() with all options for tokens of other issuers and %s",
  (algorithm) => {
    testAttack(() => {
      const target = createTarget(algorithm);
      // Without tokenAudience, any audience is accepted.
      const hostile = [...hostileTokens(target)].filter(({ name }) => !/\baud\b/.test(name));
      return {
        target,
        options: options(target),
        hostile: [...hostile, ...refusedByOptions(target)],
        harmless: [...harmlessTokens(target)],
      };
    }, inProcess);
  },
);
