import type { IncomingMessage, ServerResponse } from "node:http";
import {
  AuthError,
  CredentialsRequiredError,
  InvalidTokenError,
  TokenExpiredError,
  type TokenRefusalReason,
} from "../errors/auth-errors.ts";
import { Refusal } from "../http/refusal.ts";
import type { RefusalConfig } from "../http/refusal-options.ts";
import type { VerifiedClaims } from "../token/claims.ts";
import type { VerifiedToken } from "../token/codec.ts";
import type { ReadToken } from "../token/reader.ts";
import { isUser } from "./user.ts";
import { checkProtectResult, type BoundTransport } from "../transports/transport.ts";
import { debug } from "../util/debug.ts";
import { andThen, checkSynchronous, isPromiseLike, type Awaitable } from "../util/awaitable.ts";

/** Finds the user of a token. */
export type FindUser<User, Claims = VerifiedClaims> = UserCallbacks<User, Claims>["findUser"];

/** As a method, so that TypeScript accepts callbacks whose `req` has Express's type. */
interface UserCallbacks<User, Claims> {
  findUser(
    id: string,
    claims: Claims,
    req: IncomingMessage | undefined,
  ): Awaitable<User | null | undefined | false>;
}

/** The option that finds users. */
export interface FindUserOptions<User, Claims = VerifiedClaims> {
  /**
   * Finds the user with an id, for every request. The id is the `sub` of the token: a string, even if
   * the ids of the app are numbers. `null`, or another falsy value, if there is no such user (any more):
   * a 401. An error that it throws is a 500, and so is an array, an Error or a function. `req` is `undefined` for
   * `readToken(token)`.
   */
  readonly findUser: FindUser<User, Claims>;
}

/** The user of a request and the claims of the token. */
export interface AuthenticatedUser<User, Claims = VerifiedClaims> {
  /** The user that `findUser` found; without `findUser`, the claims. */
  readonly user: User;
  /** The verified claims of the token, frozen; with `claimsSchema`, what it returned. */
  readonly claims: Claims;
}

/** The values that all requests of a strategy share. */
export interface AuthenticationConfig extends RefusalConfig {
  /** Whether `findUser` finds the users; otherwise, a user is the claims. */
  readonly loadsUsers: boolean;
  /** Adds a new token to the response if one is due; `undefined` without `renewAfterFraction`. */
  readonly renewIfDue: RenewIfDue | undefined;
}

export type RenewIfDue = (
  authenticated: Authenticated<unknown>,
  req: IncomingMessage,
  res: ServerResponse,
) => Promise<undefined> | undefined;

/** An authenticated request. */
export interface Authenticated<User> extends AuthenticatedUser<User> {
  /** What the app sees as the claims. `claims` are those of the token. */
  readonly appClaims: unknown;
  /** Returns the token. A function, because an inspection or JSON of this object must not show it. */
  readonly getToken: () => string;
  /** The strategy that authenticated the request. */
  readonly strategy: AuthenticationConfig;
}

export type AuthResult<User> = Authenticated<User> | Refusal;

/**
 * Finds the user of a request. A refusal is a result; what is thrown is a failure.
 *
 * @param options.unsafe the request changes state, whatever its method is (RFC 9110 section 9.2.1).
 */
export type Identify<User> = (
  req: IncomingMessage,
  options?: { readonly unsafe: boolean },
) => Awaitable<AuthResult<User>>;

/** Finds the user of a token. */
export type IdentifyToken<User> = (
  token: string | null | undefined,
  req: IncomingMessage | undefined,
) => Awaitable<AuthResult<User>>;

export interface IdentifyTokenDeps<User> {
  readonly readToken: ReadToken;
  readonly findUser: FindUser<User> | undefined;
  /** Checks a token again when its user is known; `undefined` without `securityStamp`. */
  readonly checkUser: CheckUser<User> | undefined;
}

/** Returns why a token is not valid for its user, or `undefined`. */
export type CheckUser<User> = (
  user: User,
  token: VerifiedToken,
) => Promise<TokenRefusalReason | undefined>;

/** token → claims → user */
export function createIdentifyToken<User>(
  { readToken, findUser, checkUser }: IdentifyTokenDeps<User>,
  strategy: AuthenticationConfig,
): IdentifyToken<User> {
  function refuse(reason: TokenRefusalReason, userId?: string): Refusal {
    const error =
      reason === "token_expired" ? new TokenExpiredError() : new InvalidTokenError(reason);
    return new Refusal(error, strategy, userId);
  }

  function identifyVerified(
    token: VerifiedToken | TokenRefusalReason,
    getToken: () => string,
    req: IncomingMessage | undefined,
  ): Awaitable<AuthResult<User>> {
    if (typeof token === "string") return refuse(token);
    const { claims, appClaims } = token;
    // Without findUser, the types of createJwtStrategy make User the type of the claims.
    if (findUser === undefined) {
      return { user: appClaims as User, claims, appClaims, getToken, strategy };
    }
    return andThen(findUser(claims.sub, appClaims as VerifiedClaims, req), (user) => {
      if (!isUser(user, "The result of findUser")) {
        debug("findUser found no user for the string %j", claims.sub);
        return refuse("user_not_found", claims.sub);
      }
      const authenticated = { user, claims, appClaims, getToken, strategy };
      return checkUser === undefined
        ? authenticated
        : refuseIf(checkUser(user, token), authenticated);
    });
  }

  async function refuseIf(
    checked: Promise<TokenRefusalReason | undefined>,
    authenticated: Authenticated<User>,
  ): Promise<AuthResult<User>> {
    const reason = await checked;
    return reason === undefined ? authenticated : refuse(reason, authenticated.claims.sub);
  }

  return function identifyToken(token, req) {
    const outcome = readToken(token);
    const getToken = (): string => String(token); // Only called if readToken has accepted it.
    return isPromiseLike(outcome)
      ? Promise.resolve(outcome).then((settled) => identifyVerified(settled, getToken, req))
      : identifyVerified(outcome, getToken, req);
  };
}

const SAFE = { unsafe: false };

/** request → token → claims → user */
export function createIdentify<User>(
  transport: BoundTransport,
  identifyToken: IdentifyToken<User>,
  strategy: AuthenticationConfig,
): Identify<User> {
  return function identify(req, { unsafe } = SAFE) {
    const refused: unknown = transport.protect?.(req, unsafe);
    if (refused !== undefined) {
      checkProtectResult(refused);
      return new Refusal(refused, strategy);
    }
    const token = transport.extractToken(req);
    if (typeof token === "string") return identifyToken(token, req);
    if (token === undefined) return new Refusal(new CredentialsRequiredError(), strategy);
    if (token instanceof AuthError) return new Refusal(token, strategy);
    checkSynchronous(token, "The transport's extractToken()");
    return identifyToken(token, req);
  };
}
