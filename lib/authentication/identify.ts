import type { IncomingMessage, ServerResponse } from "node:http";
import { andThen, type Awaitable } from "../util/awaitable.ts";
import type { VerifiedClaims } from "../token/claims.ts";
import {
  AuthError,
  CredentialsRequiredError,
  InvalidTokenError,
  TokenExpiredError,
  type TokenRefusalReason,
} from "../errors/auth-errors.ts";
import type { SecurityStamp } from "../sessions/security-stamp.ts";
import type { FindUser } from "../strategy/options.ts";
import { Refusal, type RefusalTerms } from "../http/refusal.ts";
import type { ReadToken } from "../token/reader.ts";
import type { VerifiedToken } from "../token/codec.ts";
import type { BoundTransport } from "../transports/transport.ts";

/** Who makes a request, and by which token. */
export interface AuthenticatedUser<User> {
  /** What `findUser` found, or the claims where there is no `findUser`. */
  readonly user: User;
  /** The verified claims of the token, frozen. */
  readonly claims: VerifiedClaims;
}

/** The same, for the steps that follow. */
export interface Authenticated<User> extends AuthenticatedUser<User> {
  /** Whether `findUser` found the user; otherwise it is the claims. */
  readonly isLoadedUser: boolean;
  /** How the strategy that authenticated them refuses. */
  readonly terms: RefusalTerms;
  /**
   * What a renewal of the token says of a text of the user; left out where that strategy ties
   * tokens to none.
   */
  readonly securityStamp?: string;
  /** Gives the client a new token where that strategy renews on the way. */
  readonly renew?: RenewIfDue | undefined;
}

/** Gives a client a new token along with the answer to its request, if it is time to. */
export type RenewIfDue = (
  authenticated: Authenticated<unknown>,
  req: IncomingMessage,
  res: ServerResponse,
) => Awaitable<void>;

/** What has been found out about a request: who makes it, or why nobody does. */
export type AuthResult<User> = Authenticated<User> | Refusal;

/**
 * Finds out who makes a request. A refusal is a value; what is thrown is always a failure of the
 * application's own code.
 */
export type Identify<User> = (req: IncomingMessage) => Awaitable<AuthResult<User>>;

/** Finds out whose a token is. */
export type IdentifyToken<User> = (
  token: string | null | undefined,
  req: IncomingMessage | undefined,
) => Awaitable<AuthResult<User>>;

/** What it takes to find out whose a token is. */
export interface IdentifyTokenParts<User> {
  readonly readToken: ReadToken;
  readonly findUser: FindUser<User> | undefined;
  /** Left out where tokens are not tied to a text of their user. */
  readonly securityStamp?: SecurityStamp<User> | undefined;
  readonly terms: RefusalTerms;
  /** Left out where nothing is renewed on the way. */
  readonly renew?: RenewIfDue | undefined;
}

/** token → claims → user */
export function createIdentifyToken<User>(parts: IdentifyTokenParts<User>): IdentifyToken<User> {
  const { readToken, findUser, securityStamp, terms, renew } = parts;

  function judgeToken(
    token: VerifiedToken | TokenRefusalReason,
    req: IncomingMessage | undefined,
  ): Awaitable<AuthResult<User>> {
    if (typeof token === "string") return new Refusal(toTokenError(token), terms);
    const { claims } = token;
    if (findUser === undefined) {
      // The types of createJwtStrategy make User the claims here.
      return { user: claims as User, claims, isLoadedUser: false, terms, renew };
    }
    return andThen(findUser(claims.sub, claims, req), (user) =>
      user === null || user === undefined || user === false
        ? new Refusal(new InvalidTokenError("user_not_found"), terms, claims.sub)
        : judgeUser(user, token),
    );
  }

  function judgeUser(user: User, token: VerifiedToken): Awaitable<AuthResult<User>> {
    const { claims } = token;
    const authenticated = { user, claims, isLoadedUser: true, terms, renew };
    if (securityStamp === undefined) return authenticated;
    return andThen(securityStamp.compare(user, token), (renewed) =>
      renewed === undefined
        ? new Refusal(new InvalidTokenError("security_stamp_mismatch"), terms, claims.sub)
        : { ...authenticated, securityStamp: renewed },
    );
  }

  return (token, req) => andThen(readToken(token), (outcome) => judgeToken(outcome, req));
}

function toTokenError(reason: TokenRefusalReason): InvalidTokenError {
  return reason === "token_expired" ? new TokenExpiredError() : new InvalidTokenError(reason);
}

/**
 * request → token → claims → user
 *
 * @param changesState the request changes something, whatever its method says.
 */
export function createIdentify<User>(
  { protect, extractToken }: BoundTransport,
  identifyToken: IdentifyToken<User>,
  terms: RefusalTerms,
  changesState = false,
): Identify<User> {
  return function identify(req) {
    const refused = protect(req, changesState);
    if (refused !== undefined) return new Refusal(refused, terms);
    const token = extractToken(req);
    if (token instanceof AuthError) return new Refusal(token, terms);
    return token === undefined
      ? new Refusal(new CredentialsRequiredError(), terms)
      : identifyToken(token, req);
  };
}
