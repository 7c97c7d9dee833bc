import { chain } from "./awaitable.ts";
import type { Handler } from "./handler.ts";
import type { Identify } from "./identify.ts";
import { check } from "./option-checks.ts";
import { Refusal } from "./refusal.ts";
import { createRequestStrategy, IDENTIFY, type RequestStrategy } from "./request-strategy.ts";

/** The user of a strategy. */
export type UserOf<Strategy> = Strategy extends RequestStrategy<infer User> ? User : never;

/**
 * Makes a strategy of several, asked in their order: the first that finds a user wins, and only its
 * user meets the guards. A bad token, or a cross-site request, at one does not stop the next. Where
 * none finds a user, the first refusal that is more than "no credentials" is answered, with a challenge
 * for each realm.
 *
 * It has no `login` and no `logout`: each strategy has its own way to carry a token.
 */
export function anyOf<const Strategies extends readonly RequestStrategy<unknown>[]>(
  ...strategies: Strategies
): RequestStrategy<UserOf<Strategies[number]>> {
  type User = UserOf<Strategies[number]>;
  check(
    strategies.length > 0 && strategies.every(isStrategy),
    "The arguments of anyOf",
    "strategies of this package",
  );
  const identifiers = strategies.map((strategy) => strategy[IDENTIFY] as Identify<User>);

  const identify: Identify<User> = (req) => {
    const refusals: Refusal[] = [];
    const ask = ([first, ...rest]: readonly Identify<User>[]): ReturnType<Identify<User>> => {
      if (first === undefined) return strongest(refusals);
      return chain(first(req), (outcome): ReturnType<Identify<User>> => {
        if (!(outcome instanceof Refusal)) return outcome;
        refusals.push(outcome);
        return ask(rest);
      });
    };
    return ask(identifiers);
  };

  return createRequestStrategy(
    identify,
    { login: () => noHandler("login"), logout: () => noHandler("logout") },
    true,
  );
}

function isStrategy(value: unknown): boolean {
  return typeof value === "object" && value !== null && IDENTIFY in value;
}

function noHandler(name: "login" | "logout"): Handler {
  throw new TypeError(`anyOf has no ${name}: mount that of each of its strategies`);
}

/** The refusal that says most, with the challenges of the others, one for each realm. */
function strongest(refusals: readonly Refusal[]): Refusal {
  const chosen = refusals.reduce((best, next) =>
    best.error.reason === "credentials_missing" ? next : best,
  );
  const byRealm = new Map<string, string>();
  for (const { error, terms } of [chosen, ...refusals]) {
    const challenge = error.challenge(terms.realm);
    if (challenge !== undefined && !byRealm.has(terms.realm)) byRealm.set(terms.realm, challenge);
  }
  if (byRealm.size > 0) chosen.error.headers["WWW-Authenticate"] = [...byRealm.values()];
  return chosen;
}
