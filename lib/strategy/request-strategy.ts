import type { IncomingMessage } from "node:http";
import { authorizeRequest, isAllowed } from "../authentication/authorize-request.ts";
import type { AuthenticatedUser, AuthResult, Identify } from "../authentication/identify.ts";
import { toServerError } from "../errors/server-error.ts";
import { createAuthenticate } from "../handlers/authenticate.ts";
import {
  resolveAuthenticateOptions,
  type AuthenticateOptions,
} from "../handlers/authenticate-options.ts";
import type { LogoutMember } from "../handlers/logout.ts";
import type { Handler } from "../http/handler.ts";
import { addChallenges, Refusal } from "../http/refusal.ts";
import { createRequestSlot } from "../http/request-slot.ts";
import type { DescribedConfig } from "../openapi/describe.ts";
import type { VerifiedClaims } from "../token/claims.ts";
import type { BoundTransport } from "../transports/transport.ts";
import { createRequestGetter, type RequestGetter } from "./current.ts";

/** The key of a strategy's internals, for the strategies that use it. */
export const INTERNALS: unique symbol = Symbol("internals");

export interface StrategyInternals<User> {
  readonly identify: Identify<User>;
  /** Returns the request headers that contain tokens, for `Vary`. */
  readonly getTokenHeaders: () => readonly string[];
  /** `false` if the users are claims, which have no flags. */
  readonly loadsUsers: boolean;
  /** Whether `authenticate()` may renew tokens. */
  readonly renews: boolean;
  /** The strategies whose tokens `logout` accepts; `undefined` if they are not known before the request. */
  readonly logoutMembers?: readonly LogoutMember[] | undefined;
  /** Reads the token of a request, not verified; `undefined` for a strategy that is made of others. */
  readonly reader?: Pick<BoundTransport, "extractToken"> & { readonly maxTokenLength: number };
  /** Data for `describeStrategy()`; `undefined` for a strategy that is made of others. */
  readonly described?: DescribedConfig | undefined;
}

/** What every strategy offers for requests. */
export interface RequestStrategy<User, Claims = VerifiedClaims> {
  /**
   * Makes the middleware that continues a request only with a valid token and its user, and sets
   * `req.user`. Throws a TypeError if an option is invalid.
   */
  readonly authenticate: (options?: AuthenticateOptions<User>) => Handler;
  /**
   * Makes the middleware that checks more conditions for a request after `authenticate()`: the token is
   * not read again. Throws a TypeError if an option is invalid, or if no condition is given: one of
   * `active`, `verified`, `superuser`, `scopes`, `allow`, or `optional: false`. A request without `authenticate()` of
   * this strategy before it is a 500.
   */
  readonly authorize: (options: AuthenticateOptions<User>) => Handler;
  /**
   * Like `authenticate()`, for a request without a response: a WebSocket upgrade, the context of
   * GraphQL. Sets what `currentUser` returns, but not `req.user`, and renews nothing. Resolves to
   * `null` for an anonymous request; rejects with an `AuthError` for a refused one, and with
   * another error if the code of the app fails.
   */
  readonly authenticateRequest: (
    req: IncomingMessage,
    options?: AuthenticateOptions<User>,
  ) => Promise<AuthenticatedUser<User, Claims> | null>;
  /** Returns the user of a request after `authenticate()`. */
  readonly currentUser: RequestGetter<User>;
  /** Returns the verified claims of its token, frozen; with `claimsSchema`, what it returned. */
  readonly currentClaims: RequestGetter<Claims>;
  /**
   * Returns its token as it was sent, to call another service for the user. Anyone who has it can act as the
   * user: send it only to services that the token is for (`aud`), and write it to no log.
   */
  readonly currentToken: RequestGetter<string>;
  /** Exchanges a username and a password for a token. */
  readonly login: Handler;
  /** Answers a request with a valid token. It revokes nothing: a JWT is valid until it expires. */
  readonly logout: Handler;
  /**
   * Answers a request with a valid token with a new one, as a login would: the same user, the same
   * session. A user who may not log in is refused; after `maxSessionSeconds`, or without `auth_time` if
   * it is set, it is a 401. Reading it without `findUser` or `secret` throws a TypeError.
   */
  readonly refresh: Handler;
  /**
   * Publishes the public keys as a JSON Web Key Set (RFC 7517), for other services that verify tokens;
   * caches may store it for 300 seconds. Reading it throws a TypeError with HS* and `remoteJwks()`.
   */
  readonly jwks: Handler;
  /** @internal */
  readonly [INTERNALS]: StrategyInternals<User>;
}

/** The handlers of a strategy, which it may not have. */
export const HANDLER_NAMES = ["login", "logout", "refresh", "jwks"] as const;

export type HandlerName = (typeof HANDLER_NAMES)[number];

/** Returns a handler when it is read. Throws a TypeError if the strategy does not have it. */
export type GetHandler = (name: HandlerName) => Handler;

/** Makes what a strategy offers for requests. */
export function createRequestStrategy<User, Claims>(
  internals: StrategyInternals<User>,
  getHandler: GetHandler,
): RequestStrategy<User, Claims> {
  const { identify, getTokenHeaders, loadsUsers, renews } = internals;
  const slot = createRequestSlot<AuthResult<User>>();

  function getEarlierResult(req: IncomingMessage): AuthResult<User> {
    const result = slot.get(req);
    if (result !== undefined) return result;
    throw new TypeError("authorize() requires authenticate() of the same strategy before it");
  }

  const strategy = {
    authenticate: (options: AuthenticateOptions<User> = {}) =>
      createAuthenticate(resolveAuthenticateOptions("authenticate", options, loadsUsers), {
        identify,
        slot,
        getTokenHeaders,
        renews,
      }),

    authorize: (options: AuthenticateOptions<User>) =>
      createAuthenticate(
        resolveAuthenticateOptions("authorize", options, loadsUsers),
        { identify: getEarlierResult, slot, getTokenHeaders, renews },
        true,
      ),

    async authenticateRequest(req: IncomingMessage, options: AuthenticateOptions<User> = {}) {
      const config = resolveAuthenticateOptions("authenticateRequest", options, loadsUsers);
      const { optional, guards } = config;
      slot.set(req, undefined);
      let result: AuthResult<User>;
      try {
        result = await authorizeRequest(req, { optional }, { identify, guards });
      } catch (thrown) {
        throw toServerError(thrown);
      }
      slot.set(req, result);
      if (!(result instanceof Refusal)) return { user: result.user, claims: result.appClaims };
      if (isAllowed(result, optional)) return null;
      throw addChallenges(result);
    },

    currentUser: createRequestGetter(slot, "currentUser", ({ user }) => user),
    currentClaims: createRequestGetter(slot, "currentClaims", ({ appClaims }) => appClaims),
    currentToken: createRequestGetter(slot, "currentToken", ({ getToken }) => getToken()),
  };

  // Not enumerable: spreading or printing a strategy must not read a handler that throws.
  for (const name of HANDLER_NAMES) {
    Object.defineProperty(strategy, name, { get: () => getHandler(name) });
  }
  return Object.defineProperty(strategy as RequestStrategy<User, Claims>, INTERNALS, {
    value: internals,
  });
}

/** Whether {@link createRequestStrategy} made a value. */
export function isStrategy(value: unknown): boolean {
  return typeof value === "object" && value !== null && INTERNALS in value;
}

/** The strategies whose tokens a combination of strategies accepts; `undefined` if some are not known. */
export function joinLogoutMembers(
  strategies: readonly StrategyInternals<unknown>[],
): readonly LogoutMember[] | undefined {
  const lists = strategies.map(({ logoutMembers }) => logoutMembers);
  return lists.every((list) => list !== undefined) ? [...new Set(lists.flat())] : undefined;
}
