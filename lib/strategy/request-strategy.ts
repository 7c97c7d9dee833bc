import type { IncomingMessage } from "node:http";
import { createAuthenticate, judge, isAllowed } from "../handlers/authenticate.ts";
import { resolveConditions, type AuthenticateOptions } from "../handlers/authenticate-options.ts";
import type { VerifiedClaims } from "../token/claims.ts";
import type { DescribedConfig } from "../openapi/describe.ts";
import { createRequestGetter, type RequestGetter } from "./current.ts";
import type { Handler } from "../http/handler.ts";
import { publishAuthenticate } from "../authentication/events.ts";
import type { Identify, AuthenticatedUser, AuthResult } from "../authentication/identify.ts";
import { Refusal } from "../http/refusal.ts";
import { createRequestSlot } from "../http/request-slot.ts";
import { toServerError } from "../errors/server-error.ts";

/** Where a strategy keeps what strategies made of it need. */
export const INTERNALS: unique symbol = Symbol("core");

/** What all that a strategy offers to requests is made of. */
export interface StrategyInternals<User> {
  readonly identify: Identify<User>;
  /** `false` where the users are mere claims, and have no flags to ask for. */
  readonly loadsUsers: boolean;
  /** Data for `describeStrategy()`; `undefined` for a strategy that is made of others. */
  readonly described?: DescribedConfig | undefined;
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
  readonly authorize: (options: AuthenticateOptions<User>) => Handler;
  /**
   * Like `authenticate()`, for a request without a response: a WebSocket upgrade, the context of
   * GraphQL. Sets what `currentUser` returns, but not `req.user`, and renews nothing. Resolves to
   * `null` for an anonymous request; rejects with an `AuthError` for a refused one, and with
   * another error where the app's own code fails.
   */
  readonly authenticateRequest: (
    req: IncomingMessage,
    options?: AuthenticateOptions<User>,
  ) => Promise<AuthenticatedUser<User> | null>;
  /** The user of a request that `authenticate()` has let through. */
  readonly currentUser: RequestGetter<User>;
  /** The verified claims of such a request's token, frozen. */
  readonly currentClaims: RequestGetter<VerifiedClaims>;
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
  readonly [INTERNALS]: StrategyInternals<User>;
}

/** The handlers of a strategy. */
const HANDLER_NAMES = ["login", "logout", "refresh", "jwks"] as const;

/** Gives a handler when it is touched. Throws a TypeError where the strategy has none of this name. */
export type GetHandler = (name: (typeof HANDLER_NAMES)[number]) => Handler;

/** Makes all that a strategy offers to requests out of one step, {@link Identify}. */
export function createRequestStrategy<User>(
  core: StrategyInternals<User>,
  getHandler: GetHandler,
): RequestStrategy<User> {
  const { identify, loadsUsers } = core;
  const slot = createRequestSlot<AuthResult<User>>();

  /** Also forgets what an earlier middleware of this strategy has found out: this may fail. */
  const identifyAgain: Identify<User> = (req) => {
    slot.set(req, undefined);
    return identify(req);
  };

  function getEarlierResult(req: IncomingMessage): AuthResult<User> {
    const verdict = slot.get(req);
    if (verdict !== undefined) return verdict;
    throw new TypeError(
      "authorize() asks more of a request that authenticate() of the same strategy has let through",
    );
  }

  const strategy = {
    authenticate: (options: AuthenticateOptions<User> = {}) =>
      createAuthenticate(
        identifyAgain,
        resolveConditions("authenticate", options, loadsUsers),
        slot,
      ),

    authorize: (options: AuthenticateOptions<User>) =>
      createAuthenticate(
        getEarlierResult,
        resolveConditions("authorize", options, loadsUsers),
        slot,
      ),

    async authenticateRequest(req: IncomingMessage, options: AuthenticateOptions<User> = {}) {
      const { guard, optional } = resolveConditions("authenticateRequest", options, loadsUsers);
      let verdict: AuthResult<User>;
      try {
        verdict = await judge(identifyAgain, guard, req);
      } catch (thrown) {
        throw toServerError(thrown);
      }
      slot.set(req, verdict);
      const goesOn = isAllowed(verdict, optional);
      publishAuthenticate(verdict, goesOn);
      if (!(verdict instanceof Refusal)) return { user: verdict.user, claims: verdict.claims };
      if (goesOn) return null;
      throw verdict.error;
    },

    currentUser: createRequestGetter(slot, "currentUser", ({ user }) => user),
    currentClaims: createRequestGetter(slot, "currentClaims", ({ claims }) => claims),
  };

  // Not enumerable: who spreads or prints a strategy without login must not be told off for it.
  for (const name of HANDLER_NAMES) {
    Object.defineProperty(strategy, name, { get: () => getHandler(name) });
  }
  return Object.defineProperty(strategy as RequestStrategy<User>, INTERNALS, { value: core });
}

/** Whether a value was made by {@link createRequestStrategy}. */
export function isStrategy(value: unknown): boolean {
  return typeof value === "object" && value !== null && INTERNALS in value;
}
