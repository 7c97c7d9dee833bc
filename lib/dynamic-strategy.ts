import type { IncomingMessage } from "node:http";
import { resolveAuthenticateOptions } from "./authenticate.ts";
import { chain, type Awaitable } from "./awaitable.ts";
import { createCurrentUser, createRequestSlot, setUser } from "./current-user.ts";
import { CredentialsRequiredError } from "./errors.ts";
import { settle, type Handler } from "./handler.ts";
import { DEFAULT_REALM } from "./options.ts";
import { createRefuse } from "./refuse.ts";
import type { JwtStrategy } from "./strategy.ts";

/** What a strategy offers to requests. */
export type RequestStrategy<User> = Pick<
  JwtStrategy<User>,
  "authenticate" | "login" | "logout" | "currentUser"
>;

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
 * an error code, what it throws a 500. Return the same object for the same tenant: each strategy
 * remembers its own tokens.
 */
export function dynamicStrategy<User>(getStrategy: GetStrategy<User>): RequestStrategy<User> {
  const chosen = createRequestSlot<RequestStrategy<User>>();
  const refuse = createRefuse(DEFAULT_REALM, undefined);

  function delegate(
    pick: (strategy: RequestStrategy<User>) => Handler,
    isLenient: boolean,
  ): Handler {
    return function dynamicHandler(req, res, next) {
      settle(
        () => {
          setUser(req, undefined);
          return chain(getStrategy(req), (strategy) => {
            chosen.set(req, strategy ?? undefined);
            return strategy ? pick(strategy) : undefined;
          });
        },
        (handler) => {
          if (handler !== undefined) handler(req, res, next);
          else if (isLenient) next();
          else refuse(new CredentialsRequiredError("strategy_not_found"), req, res, next);
        },
        next,
      );
    };
  }

  const login = delegate((strategy) => strategy.login, false);
  const logout = delegate((strategy) => strategy.logout, false);

  return {
    authenticate(options) {
      const resolved = resolveAuthenticateOptions(options);
      const middlewares = new WeakMap<RequestStrategy<User>, Handler>();
      return delegate((strategy) => {
        const middleware = middlewares.get(strategy) ?? strategy.authenticate(resolved);
        middlewares.set(strategy, middleware);
        return middleware;
      }, resolved.optional === "lenient");
    },
    login,
    logout,
    currentUser: createCurrentUser((req) => {
      const user = chosen.get(req)?.currentUser(req, { optional: true });
      return user === undefined ? undefined : { user };
    }),
  };
}
