import type { IncomingMessage } from "node:http";
import { createAuthenticate, judge, mayGoOn } from "./authenticate.ts";
import { resolveConditions, type AuthenticateOptions } from "./authenticate-options.ts";
import type { VerifiedClaims } from "./claims.ts";
import { createCurrent, type Current } from "./current.ts";
import type { Handler } from "./handler.ts";
import { publishAuthenticate } from "./events.ts";
import type { Identify, Identity, Verdict } from "./identify.ts";
import { Refusal } from "./refusal.ts";
import { createRequestSlot } from "./request-slot.ts";
import { toServerError } from "./server-error.ts";

/** Where a strategy keeps what strategies made of it need. */
export const CORE: unique symbol = Symbol("core");

/** What all that a strategy offers to requests is made of. */
export interface StrategyCore<User> {
  readonly identify: Identify<User>;
  /** `false` where the users are mere claims, and have no flags to ask for. */
  readonly hasUsers: boolean;
}

/** What every strategy offers to requests, whatever it is made of. */
export interface RequestStrategy<User> {
  /**
   * Makes the middleware that lets a request go on only with a valid token and the user it names, and
   * sets `req.user`. Throws a TypeError where the options are wrong.
   */
  readonly authenticate: (options?: AuthenticateOptions<User>) => Handler;
  /**
   * Makes the middleware that asks more of a request which `authenticate()` has let through already:
   * the token is not read again. Throws a TypeError where the options are wrong. A request that has
   * not been through `authenticate()` of this strategy is a 500.
   */
  readonly require: (options: AuthenticateOptions<User>) => Handler;
  /**
   * Like `authenticate()`, for a request without a response: a WebSocket upgrade, the context of
   * GraphQL. Sets what `currentUser` returns, but not `req.user`, and renews nothing. Resolves to
   * `null` for an anonymous request; rejects with an `AuthError` for a refused one, and with
   * another error where the app's own code fails.
   */
  readonly authenticateRequest: (
    req: IncomingMessage,
    options?: AuthenticateOptions<User>,
  ) => Promise<Identity<User> | null>;
  /** The user of a request that `authenticate()` has let through. */
  readonly currentUser: Current<User>;
  /** The verified claims of such a request's token, frozen. */
  readonly currentClaims: Current<VerifiedClaims>;
  /** Exchanges a username and a password for a token. */
  readonly login: Handler;
  /**
   * Answers a request that has a valid token, and revokes nothing: a JWT stays valid until it
   * expires.
   */
  readonly logout: Handler;
  /**
   * Answers a request that has a valid token with a new one, as a login would: the same user, the same
   * session. Who may not log in may not renew; past `maxSessionSeconds`, or without `auth_time` under
   * it, it is a 401. Touching it throws a TypeError without `findUser` or `secret`.
   */
  readonly refresh: Handler;
  /**
   * Publishes the public keys as a JSON Web Key Set (RFC 7517), for whoever verifies tokens
   * elsewhere; caches may keep it for 300 seconds. For RS*, PS* and ES* with keys of one's own;
   * otherwise touching it throws a TypeError.
   */
  readonly jwks: Handler;
  /** @internal */
  readonly [CORE]: StrategyCore<User>;
}

/** The handlers of a strategy. */
const HANDLER_NAMES = ["login", "logout", "refresh", "jwks"] as const;

/** Gives a handler when it is touched. Throws a TypeError where the strategy has none of this name. */
export type GetHandler = (name: (typeof HANDLER_NAMES)[number]) => Handler;

/** Makes all that a strategy offers to requests out of one step, {@link Identify}. */
export function createRequestStrategy<User>(
  core: StrategyCore<User>,
  getHandler: GetHandler,
): RequestStrategy<User> {
  const { identify, hasUsers } = core;
  const slot = createRequestSlot<Verdict<User>>();

  /** Also forgets what an earlier middleware of this strategy has found out: this may fail. */
  const identifyAnew: Identify<User> = (req) => {
    slot.set(req, undefined);
    return identify(req);
  };

  function recall(req: IncomingMessage): Verdict<User> {
    const verdict = slot.get(req);
    if (verdict !== undefined) return verdict;
    throw new TypeError(
      "require() asks more of a request that authenticate() of the same strategy has let through",
    );
  }

  const strategy = {
    authenticate: (options: AuthenticateOptions<User> = {}) =>
      createAuthenticate(identifyAnew, resolveConditions("authenticate", options, hasUsers), slot),

    require: (options: AuthenticateOptions<User>) =>
      createAuthenticate(recall, resolveConditions("require", options, hasUsers), slot),

    async authenticateRequest(req: IncomingMessage, options: AuthenticateOptions<User> = {}) {
      const { guard, optional } = resolveConditions("authenticateRequest", options, hasUsers);
      let verdict: Verdict<User>;
      try {
        verdict = await judge(identifyAnew, guard, req);
      } catch (thrown) {
        throw toServerError(thrown);
      }
      slot.set(req, verdict);
      const goesOn = mayGoOn(verdict, optional);
      publishAuthenticate(verdict, goesOn);
      if (!(verdict instanceof Refusal)) return { user: verdict.user, claims: verdict.claims };
      if (goesOn) return null;
      throw verdict.error;
    },

    currentUser: createCurrent(slot, "currentUser", ({ user }) => user),
    currentClaims: createCurrent(slot, "currentClaims", ({ claims }) => claims),
  };

  // Not enumerable: who spreads or prints a strategy without login must not be told off for it.
  for (const name of HANDLER_NAMES) {
    Object.defineProperty(strategy, name, { get: () => getHandler(name) });
  }
  return Object.defineProperty(strategy as RequestStrategy<User>, CORE, { value: core });
}

/** Whether a value was made by {@link createRequestStrategy}. */
export function isStrategy(value: unknown): boolean {
  return typeof value === "object" && value !== null && CORE in value;
}
