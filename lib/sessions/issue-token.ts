import { hasValidClaimTypes } from "../token/claims.ts";
import type { IssuedClaims, TokenCodec } from "../token/codec.ts";
import type { Awaitable } from "../util/awaitable.ts";
import { handleRejectionsIn } from "../util/find-promises.ts";
import { checkFunction } from "../util/option-checks.ts";
import { getMember } from "../util/own-property.ts";
import { AUTH_TIME, getExpiry, type Session } from "./session.ts";
import type { TokenConfig } from "./token-options.ts";
import { joinClaims, type CreateUserClaims } from "./user-claims.ts";

/**
 * The id of a user: it becomes the `sub` of the token, as a string.
 * @inline
 */
export type UserId = string | number | bigint;

/** A user whose id is found without the option `userId`. */
export interface UserWithId {
  /** Becomes the `sub` of the token. */
  readonly id: UserId;
}

/** The option that finds the id of a user. */
export interface UserIdOptions<LoginUser> {
  /**
   * Returns the id that becomes the `sub` of a token, or a promise of it. Default `user.id`. It must be
   * a non-empty well-formed string, a safe integer or a bigint; any other value is a 500, and no token
   * is issued.
   */
  readonly userId?: ((user: LoginUser) => Awaitable<UserId>) | undefined;
}

export function resolveUserId(userId: unknown = getId): (user: never) => Awaitable<UserId> {
  checkFunction(userId, "userId");
  return userId as (user: never) => Awaitable<UserId>;
}

function getId(user: object): unknown {
  return getMember(user, "id");
}

/** A token, and how long it is valid. */
export interface IssuedToken {
  readonly token: string;
  readonly lifetimeSeconds: number | null;
}

/** Signs a token for a user with this id. */
export type IssueToken<User> = (user: User, sub: string, session: Session) => Promise<IssuedToken>;

export interface IssueTokenDeps<User> {
  readonly sign: TokenCodec["sign"];
  readonly createUserClaims: CreateUserClaims<User>;
}

/** Creates the function that signs a token: the claims of the options, then the claims of the user. */
export function createIssueToken<User>(
  {
    tokenAudience,
    issuers: [issuer] = [],
    lifetimeSeconds,
    maxTokenAgeSeconds,
    maxTokenLength,
  }: Omit<TokenConfig, "tokenTypes" | "clockToleranceSeconds" | "cacheSize">,
  { sign, createUserClaims }: IssueTokenDeps<User>,
): IssueToken<User> {
  return async function issueToken(user, sub, session) {
    const userClaims = await createUserClaims(user, sub, session);
    const now = Date.now() / 1000;
    const exp = lifetimeSeconds === null ? undefined : getExpiry(session, lifetimeSeconds, now);
    const claims: IssuedClaims = joinClaims(
      {
        sub,
        ...(tokenAudience !== null && { aud: tokenAudience }),
        ...(exp !== undefined && { exp }),
        ...(issuer !== undefined && { iss: issuer }),
        ...(maxTokenAgeSeconds !== undefined && { iat: Math.floor(now) }),
        ...(session.authTime !== undefined && { [AUTH_TIME]: session.authTime }),
      },
      userClaims,
      ["aud", "exp"], // even if the options write none
    );
    if (!hasValidClaimTypes(claims)) {
      throw new TypeError(
        "claims must return iss, nbf, iat and jti with the types of RFC 7519, or not at all",
      );
    }
    const token = await sign(claims);
    if (token.length > maxTokenLength) {
      throw new Error("The token is longer than maxTokenLength, so reading would refuse it");
    }
    return { token, lifetimeSeconds: exp === undefined ? null : exp - Math.floor(now) };
  };
}

/** Returns the id of a user as text, never "undefined" or "[object Object]". */
export function toSubject(id: unknown): string {
  const isId =
    typeof id === "string"
      ? id !== "" && id.isWellFormed()
      : typeof id === "bigint" || Number.isSafeInteger(id);
  if (!isId) {
    handleRejectionsIn(id);
    throw new TypeError(
      "The user's id must be a non-empty well-formed string, a safe integer or a bigint: if it is not " +
        "in user.id, or is an object, set the userId option, such as (user) => user._id.toString()",
    );
  }
  return String(id);
}
