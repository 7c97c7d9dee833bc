import { andThen, type Awaitable } from "../util/awaitable.ts";
import type { Identify, AuthResult } from "../authentication/identify.ts";
import { check } from "../util/option-checks.ts";
import { parseRealm, Refusal } from "../http/refusal.ts";
import {
  INTERNALS,
  createRequestStrategy,
  isStrategy,
  type RequestStrategy,
  type StrategyInternals,
} from "./request-strategy.ts";

/** The user of a strategy. */
export type InferUser<Strategy> = Strategy extends RequestStrategy<infer User> ? User : never;

/**
 * Makes a strategy of several, asked in their order: the first that finds a user wins, and only its
 * user meets the guards. A bad token, or a cross-site request, at one does not stop the next. Where
 * none finds a user, the first refusal that is more than "no credentials" is answered, with a challenge
 * for each realm.
 *
 * Touching its handlers (`login`, `logout`, `refresh`, `jwks`) throws a TypeError: each strategy has
 * its own way to carry a token.
 * Throws a TypeError where it is given no strategy, or something else.
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
  const cores = strategies.map((strategy) => strategy[INTERNALS] as StrategyInternals<User>);

  const identify: Identify<User> = (req) => {
    const refusals: Refusal[] = [];
    const ask = ([first, ...rest]: readonly StrategyInternals<User>[]): Awaitable<
      AuthResult<User>
    > => {
      if (first === undefined) return mostSpecific(refusals);
      return andThen(first.identify(req), (outcome) => {
        if (!(outcome instanceof Refusal)) return outcome;
        refusals.push(outcome);
        return ask(rest);
      });
    };
    return ask(cores);
  };

  return createRequestStrategy(
    { identify, loadsUsers: cores.some(({ loadsUsers }) => loadsUsers) },
    (name) => {
      throw new TypeError(`anyOf has no ${name}: mount that of each of its strategies`);
    },
  );
}

/** The refusal that says most, the first of these, with the challenges of the others, one for each realm. */
function mostSpecific(refusals: readonly Refusal[]): Refusal {
  const chosen = refusals.reduce((best, next) => (weight(next) > weight(best) ? next : best));
  const byRealm = new Map<string | undefined, string>();
  for (const { error } of [chosen, ...refusals]) {
    for (const challenge of [error.headers["WWW-Authenticate"] ?? []].flat()) {
      const realm = parseRealm(challenge);
      if (!byRealm.has(realm)) byRealm.set(realm, challenge);
    }
  }
  if (byRealm.size > 0) chosen.error.headers["WWW-Authenticate"] = [...byRealm.values()];
  return chosen;
}

/** Bad credentials weigh more than none, and none more than a strategy that is not there. */
function weight({ error }: Refusal): number {
  if (error.code !== "credentials_required") return 2;
  return error.reason === "credentials_missing" ? 1 : 0;
}
