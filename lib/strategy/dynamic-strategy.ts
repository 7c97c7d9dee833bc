import type { IncomingMessage, ServerResponse } from "node:http";
import type { AuthResult, Identify } from "../authentication/identify.ts";
import { CredentialsRequiredError } from "../errors/auth-errors.ts";
import { createLogout } from "../handlers/logout.ts";
import { runHandler, type Handler, type Next } from "../http/handler.ts";
import { logRefusal, Refusal, refuse } from "../http/refusal.ts";
import { DEFAULT_REFUSAL_CONFIG } from "../http/refusal-options.ts";
import type { VerifiedClaims } from "../token/claims.ts";
import { andThen, type Awaitable } from "../util/awaitable.ts";
import { check } from "../util/option-checks.ts";
import {
  createRequestStrategy,
  HANDLER_NAMES,
  INTERNALS,
  isStrategy,
  joinLogoutMembers,
  type HandlerName,
  type RequestStrategy,
  type StrategyInternals,
} from "./request-strategy.ts";

/** Returns the strategy for a request. */
export type GetStrategy<User, Claims = VerifiedClaims> = StrategyCallbacks<
  User,
  Claims
>["getStrategy"];

/** As a method, so that TypeScript accepts callbacks whose `req` has Express's type. */
interface StrategyCallbacks<User, Claims> {
  getStrategy(req: IncomingMessage): Awaitable<RequestStrategy<User, Claims> | null | undefined>;
}

/**
 * Makes a strategy that depends on the request, such as on its tenant or region, or whose keys are
 * replaced without a restart.
 *
 * @param getStrategy called for each request. `null` or `undefined` (no such tenant) is a 401 without an
 * error code and with the realm `"api"`; no `onAuthError` is called. An error that it throws is a 500. Return the
 * same object for the same tenant: each strategy has its own cache of tokens.
 *
 * Throws a TypeError if `getStrategy` is not a function.
 */
export function dynamicStrategy<User, Claims = VerifiedClaims>(
  getStrategy: GetStrategy<User, Claims>,
): RequestStrategy<User, Claims> {
  check(typeof getStrategy === "function", "getStrategy", "a function of the request");
  return createChoice(getStrategy);
}

/**
 * Makes a strategy that chooses another one for each request.
 *
 * @param candidates all strategies that can be chosen, if they are known: `logout` clears the cookies of all.
 */
export function createChoice<User, Claims>(
  getStrategy: GetStrategy<User, Claims>,
  candidates?: readonly StrategyInternals<User>[],
): RequestStrategy<User, Claims> {
  /** Those of all strategies that can be chosen, or have been: the choice may depend on any of them. */
  const tokenHeaders = new Set(candidates?.flatMap((one) => one.getTokenHeaders()));

  function checkStrategy(
    strategy: RequestStrategy<User, Claims> | null | undefined,
  ): RequestStrategy<User, Claims> | Refusal {
    if (strategy === null || strategy === undefined) {
      const error = new CredentialsRequiredError("strategy_not_found");
      return new Refusal(error, DEFAULT_REFUSAL_CONFIG);
    }
    check(isStrategy(strategy), "The result of getStrategy", "a strategy of this package, or null");
    return strategy;
  }

  function createHandler(name: HandlerName): Handler {
    async function chooseHandler(req: IncomingMessage): Promise<Handler | Refusal> {
      const strategy = checkStrategy(await getStrategy(req));
      return strategy instanceof Refusal ? strategy : strategy[name];
    }

    return function dynamicHandler(req, res, next) {
      runHandler(chooseHandler, callHandler, req, res, next);
    };
  }

  const identify: Identify<User> = (req, options) =>
    andThen(getStrategy(req), (chosen): Awaitable<AuthResult<User>> => {
      const strategy = checkStrategy(chosen);
      if (strategy instanceof Refusal) return strategy;
      const internals = strategy[INTERNALS];
      for (const name of internals.getTokenHeaders()) tokenHeaders.add(name);
      return internals.identify(req, options);
    });
  const logoutMembers = candidates && joinLogoutMembers(candidates);
  const handlers = {
    ...Object.fromEntries(HANDLER_NAMES.map((name) => [name, createHandler(name)])),
    ...(logoutMembers && { logout: createLogout(identify, logoutMembers) }),
  } as Record<HandlerName, Handler>;

  return createRequestStrategy(
    {
      identify,
      getTokenHeaders: () => [...tokenHeaders],
      logoutMembers,
      loadsUsers: true,
      renews: true,
    },
    (name) => handlers[name],
  );
}

function callHandler(
  handler: Handler | Refusal,
  req: IncomingMessage,
  res: ServerResponse,
  next: Next,
): void {
  if (handler instanceof Refusal) {
    logRefusal(handler);
    refuse(handler, req, res, next);
  } else {
    handler(req, res, next);
  }
}
