import type { AuthResult, Identify } from "../authentication/identify.ts";
import { Refusal } from "../http/refusal.ts";
import { andThen, type Awaitable } from "../util/awaitable.ts";
import { check } from "../util/option-checks.ts";
import {
  createRequestStrategy,
  INTERNALS,
  isStrategy,
  type RequestStrategy,
  type StrategyInternals,
} from "./request-strategy.ts";

/** The user of a strategy. */
export type InferUser<Strategy> = Strategy extends RequestStrategy<infer User> ? User : never;

/**
 * Combines strategies, which are tried in this order: the first that finds a user wins, and only its user
 * is passed to the guards. An invalid token, or a cross-site request, at one strategy does not stop the
 * next. If none finds a user, the response is the first refusal other than "no credentials", with a
 * challenge for each realm.
 *
 * Reading a handler (`login`, `logout`, `refresh`, `jwks`) throws a TypeError: each strategy has its own
 * transport. Throws a TypeError for no argument, or one that is not a strategy.
 */
export function anyOf<const Strategies extends readonly RequestStrategy<unknown>[]>(
  ...strategies: Strategies
): RequestStrategy<InferUser<Strategies[number]>> {
  type User = InferUser<Strategies[number]>;
  check(
    strategies.length > 0 && strategies.every(isStrategy),
    "The arguments of anyOf",
    "strategies of this package",
  );
  const members = strategies.map((strategy) => strategy[INTERNALS] as StrategyInternals<User>);

  function identifyFrom(
    index: number,
    refusals: readonly Refusal[],
    ...args: Parameters<Identify<User>>
  ): Awaitable<AuthResult<User>> {
    const member = members[index];
    if (member === undefined) return selectRefusal(refusals);
    return andThen(member.identify(...args), (result) =>
      result instanceof Refusal ? identifyFrom(index + 1, [...refusals, result], ...args) : result,
    );
  }

  return createRequestStrategy(
    {
      identify: (req, options) => identifyFrom(0, [], req, options),
      loadsUsers: members.some(({ loadsUsers }) => loadsUsers),
      renews: members.some(({ renews }) => renews),
    },
    (name) => {
      throw new TypeError(
        `anyOf() has no ${name} handler; mount the ${name} handler of each strategy`,
      );
    },
  );
}

/** Returns the most specific refusal, the first of these, and keeps the others for their challenges. */
function selectRefusal(refusals: readonly Refusal[]): Refusal {
  const { error, strategy, userId } = refusals.reduce((best, next) =>
    getSpecificity(next) > getSpecificity(best) ? next : best,
  );
  const others = refusals.flatMap((refusal) => [refusal, ...refusal.others]);
  return new Refusal(
    error,
    strategy,
    userId,
    others.filter((other) => other.error !== error),
  );
}

/** Invalid credentials are more specific than none, and these more than a missing strategy. */
function getSpecificity({ error }: Refusal): number {
  if (error.code !== "credentials_required") return 2;
  return error.reason === "credentials_missing" ? 1 : 0;
}
