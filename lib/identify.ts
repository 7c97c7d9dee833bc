import type { IncomingMessage } from "node:http";
import { chain, type Awaitable } from "./awaitable.ts";
import type { VerifiedClaims } from "./claims.ts";
import { AuthError, CredentialsRequiredError, InvalidTokenError } from "./errors.ts";
import type { FindUser } from "./options.ts";
import { Refusal, type RefusalTerms } from "./refusal.ts";
import type { ReadToken } from "./token-reader.ts";
import type { Transport } from "./transports/transport.ts";

/** Who makes a request, and by which token. */
export interface Identity<User> {
  /** What `findUser` found, or the claims where there is no `findUser`. */
  readonly user: User;
  /** The verified claims of the token, frozen. */
  readonly claims: VerifiedClaims;
}

/** The same, for the steps that follow. */
export interface Authenticated<User> extends Identity<User> {
  /** Whether `findUser` found the user; otherwise it is the claims. */
  readonly hasUser: boolean;
  /** How the strategy that authenticated them refuses. */
  readonly terms: RefusalTerms;
}

/** What has been found out about a request: who makes it, or why nobody does. */
export type Verdict<User> = Authenticated<User> | Refusal;

/**
 * Finds out who makes a request. A refusal is a value; what is thrown is always a failure of the
 * application's own code.
 */
export type Identify<User> = (req: IncomingMessage) => Awaitable<Verdict<User>>;

/** Finds out whose a token is. */
export type IdentifyToken<User> = (
  token: string | null | undefined,
  req: IncomingMessage | undefined,
) => Awaitable<Verdict<User>>;

/** token → claims → user */
export function createIdentifyToken<User>(
  readToken: ReadToken,
  findUser: FindUser<User> | undefined,
  terms: RefusalTerms,
): IdentifyToken<User> {
  return function identifyToken(token, req) {
    const claims = readToken(token);
    if (claims instanceof AuthError) return new Refusal(claims, terms);
    if (findUser === undefined) {
      // The types of createJwtStrategy make User the claims here.
      return { user: claims as User, claims, hasUser: false, terms };
    }
    return chain(findUser(claims.sub, claims, req), (user) =>
      user === null || user === undefined || user === false
        ? new Refusal(new InvalidTokenError("user_not_found"), terms, claims.sub)
        : { user, claims, hasUser: true, terms },
    );
  };
}

/**
 * request → token → claims → user
 *
 * @param changesState the request changes something, whatever its method says.
 */
export function createIdentify<User>(
  { protect, extractToken }: Required<Transport>,
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
