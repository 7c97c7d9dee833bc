import type { AuthResult, Identify } from "../authentication/identify.ts";
import { KeysUnavailableError } from "../errors/keys-unavailable-error.ts";
import { createLogout } from "../handlers/logout.ts";
import { Refusal } from "../http/refusal.ts";
import { andThen, isPromiseLike, type Awaitable } from "../util/awaitable.ts";
import { check } from "../util/option-checks.ts";
import {
  createRequestStrategy,
  INTERNALS,
  isStrategy,
  joinLogoutMembers,
  type RequestStrategy,
  type StrategyInternals,
} from "./request-strategy.ts";

/** The user of a strategy. */
export type InferUser<Strategy> =
  Strategy extends RequestStrategy<infer User, unknown> ? User : never;

/** The claims of a strategy. */
export type InferClaims<Strategy> =
  Strategy extends RequestStrategy<unknown, infer Claims> ? Claims : never;

/**
 * Combines strategies, which are tried in this order: the first that finds a user wins, and only its user
 * is passed to the guards. An invalid token, a cross-site request or unavailable keys at one strategy do
 * not stop the next. If none finds a user, the response is a 503 if keys are unavailable; otherwise, the
 * first refusal other than "no credentials", with a challenge for each realm.
 *
 * `logout` answers as the strategy that found the user, and clears the cookies of all. Reading another
 * handler (`login`, `refresh`, `jwks`) throws a TypeError, and so does `logout` if a strategy is a
 * `dynamicStrategy()`: each strategy has its own transport. Throws a TypeError for no argument, or one that is not a strategy.
 */
export function anyOf<const Strategies extends readonly RequestStrategy<unknown, unknown>[]>(
  ...strategies: Strategies
): RequestStrategy<InferUser<Strategies[number]>, InferClaims<Strategies[number]>> {
  type User = InferUser<Strategies[number]>;
  check(
    strategies.length > 0 && strategies.every(isStrategy),
    "The arguments of anyOf",
    "strategies of this package",
  );
  const members = strategies.map((strategy) => strategy[INTERNALS] as StrategyInternals<User>);

  function identifyFrom(
    index: number,
    rejections: readonly Rejection[],
    ...args: Parameters<Identify<User>>
  ): Awaitable<AuthResult<User>> {
    const member = members[index];
    if (member === undefined) return selectRefusal(rejections);
    return andThen(
      catchUnavailable(() => member.identify(...args)),
      (result) =>
        result instanceof Refusal || KeysUnavailableError.isOne(result)
          ? identifyFrom(index + 1, [...rejections, result], ...args)
          : result,
    );
  }

  const identify: Identify<User> = (req, options) => identifyFrom(0, [], req, options);
  const logoutMembers = joinLogoutMembers(members);
  const logout = logoutMembers && createLogout(identify, logoutMembers);

  return createRequestStrategy(
    {
      identify,
      getTokenHeaders: () => [...new Set(members.flatMap((member) => member.getTokenHeaders()))],
      logoutMembers,
      loadsUsers: members.some(({ loadsUsers }) => loadsUsers),
      renews: members.some(({ renews }) => renews),
    },
    (name) => {
      if (name === "logout" && logout !== undefined) return logout;
      throw new TypeError(
        `anyOf() has no ${name} handler; mount the ${name} handler of each strategy`,
      );
    },
  );
}

/** Why a strategy has not found a user. */
type Rejection = Refusal | KeysUnavailableError;

/** An issuer that is down must not keep the users of the other strategies out. */
function catchUnavailable<T>(
  identify: () => Awaitable<AuthResult<T>>,
): Awaitable<AuthResult<T> | KeysUnavailableError> {
  try {
    const result = identify();
    return isPromiseLike(result) ? Promise.resolve(result).catch(returnUnavailable) : result;
  } catch (thrown) {
    return returnUnavailable(thrown);
  }
}

function returnUnavailable(thrown: unknown): KeysUnavailableError {
  if (KeysUnavailableError.isOne(thrown)) return thrown;
  throw thrown;
}

/**
 * Returns the most specific refusal, the first of these, and keeps the others for their challenges.
 * Throws if keys are unavailable: with them, the token might have been accepted.
 */
function selectRefusal(rejections: readonly Rejection[]): Refusal {
  const refusals = rejections.map((rejection) => {
    if (rejection instanceof Refusal) return rejection;
    throw rejection;
  });
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
