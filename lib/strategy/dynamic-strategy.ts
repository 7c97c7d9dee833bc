import type { IncomingMessage, ServerResponse } from "node:http";
import { andThen, type Awaitable } from "../util/awaitable.ts";
import { CredentialsRequiredError } from "../errors/auth-errors.ts";
import { runHandler, type Handler, type Next } from "../http/handler.ts";
import { check } from "../util/option-checks.ts";
import { DEFAULT_TERMS, Refusal, refuse } from "../http/refusal.ts";
import {
  INTERNALS,
  createRequestStrategy,
  isStrategy,
  type RequestStrategy,
} from "./request-strategy.ts";

/** Chooses the strategy of a request. */
export type GetStrategy<User> = Chooser<User>["getStrategy"];

/** As a method: TypeScript then lets `req` be annotated with Express's `Request`. */
interface Chooser<User> {
  getStrategy(req: IncomingMessage): Awaitable<RequestStrategy<User> | null | undefined>;
}

/**
 * Makes a strategy that depends on the request: a tenant's keys, a region's audience, a key set
 * reloaded without a restart.
 *
 * @param getStrategy asked at each request. `null` or `undefined` (no such tenant) is a 401 without
 * an error code, under the realm `"api"`; no strategy's `onAuthError` sees it. What it throws is a 500.
 * Return the same object for the same tenant: each strategy remembers its own tokens.
 *
 * Throws a TypeError where `getStrategy` is no function.
 */
export function dynamicStrategy<User>(getStrategy: GetStrategy<User>): RequestStrategy<User> {
  check(typeof getStrategy === "function", "getStrategy", "a function of the request");

  function choose<T>(
    req: IncomingMessage,
    use: (strategy: RequestStrategy<User>) => Awaitable<T>,
  ): Awaitable<T | Refusal> {
    return andThen(getStrategy(req), (strategy): Awaitable<T | Refusal> => {
      if (strategy === null || strategy === undefined) {
        return new Refusal(new CredentialsRequiredError("strategy_not_found"), DEFAULT_TERMS);
      }
      check(
        isStrategy(strategy),
        "What getStrategy returns",
        "a strategy of this package, or null",
      );
      return use(strategy);
    });
  }

  function delegate(pick: (strategy: RequestStrategy<User>) => Handler): Handler {
    const attempt = (req: IncomingMessage): Awaitable<Handler | Refusal> => choose(req, pick);

    return function dynamicHandler(req, res, next) {
      runHandler(attempt, handOn, req, res, next);
    };
  }

  const handlers = {
    login: delegate((strategy) => strategy.login),
    logout: delegate((strategy) => strategy.logout),
    refresh: delegate((strategy) => strategy.refresh),
    jwks: delegate((strategy) => strategy.jwks),
  };

  return createRequestStrategy(
    {
      identify: (req) => choose(req, (strategy) => strategy[INTERNALS].identify(req)),
      loadsUsers: true,
    },
    (name) => handlers[name],
  );
}

function handOn(
  handler: Handler | Refusal,
  req: IncomingMessage,
  res: ServerResponse,
  next: Next,
): void {
  if (handler instanceof Refusal) refuse(handler, req, res, next);
  else handler(req, res, next);
}
