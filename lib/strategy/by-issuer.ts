import { readUnverifiedIssuer } from "../token/unverified-issuer.ts";
import { checkSynchronous } from "../util/awaitable.ts";
import { check } from "../util/option-checks.ts";
import type { InferClaims, InferUser } from "./any-of.ts";
import { createChoice } from "./dynamic-strategy.ts";
import type { JwtStrategy } from "./jwt-strategy.ts";
import { INTERNALS, isStrategy, type RequestStrategy } from "./request-strategy.ts";

/**
 * Chooses a strategy by the `iss` of the token, and verifies the token only with that strategy: no key of
 * one issuer verifies a token of another. A token without `iss`, or of an issuer without a strategy, is a
 * 401 without an error code and with the realm `"api"`. The transport of the first strategy reads the
 * token for the choice, up to its `maxTokenLength`: give all strategies the same transport. A request
 * without a token is answered by the first strategy. `logout` clears the cookies of all strategies.
 *
 * @param strategies strategies of `createJwtStrategy()`, by the exact `iss` of their tokens.
 *
 * Throws a TypeError for no strategy, or one that `createJwtStrategy()` has not made.
 */
export function byIssuer<
  const Strategies extends Readonly<Record<string, JwtStrategy<unknown, never, unknown>>>,
>(
  strategies: Strategies,
): RequestStrategy<
  InferUser<Strategies[keyof Strategies]>,
  InferClaims<Strategies[keyof Strategies]>
> {
  type User = InferUser<Strategies[keyof Strategies]>;
  type Claims = InferClaims<Strategies[keyof Strategies]>;
  const given: unknown = strategies;
  check(typeof given === "object" && given !== null, "The argument of byIssuer", "an object");
  const byIss = new Map(Object.entries(given as Record<string, RequestStrategy<User, Claims>>));
  const [first] = byIss.values();
  const reader = first !== undefined && isStrategy(first) ? first[INTERNALS].reader : undefined;
  check(
    first !== undefined &&
      reader !== undefined &&
      [...byIss.values()].every((one) => isStrategy(one) && one[INTERNALS].reader !== undefined),
    "The members of byIssuer's argument",
    "strategies made by createJwtStrategy()",
  );

  const candidates = [...byIss.values()].map((one) => one[INTERNALS]);

  return createChoice<User, Claims>((req) => {
    const token: unknown = reader.extractToken(req);
    checkSynchronous(token, "The transport's extractToken()");
    if (typeof token !== "string") return first;
    const iss = readUnverifiedIssuer(token, reader.maxTokenLength);
    return iss === undefined ? null : byIss.get(iss);
  }, candidates);
}
