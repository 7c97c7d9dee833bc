import type { Awaitable } from "../util/awaitable.ts";
import { hasValidClaimTypes } from "../token/claims.ts";
import { STAMP } from "./security-stamp.ts";
import type { GetClaims } from "../strategy/options.ts";
import { AUTH_TIME, getExpiry, type Session } from "./session.ts";
import type { IssuedClaims, TokenCodec } from "../token/codec.ts";

/** What every token of a strategy has in common, and what is a user's own. */
export interface TokenTerms<User> {
  readonly tokenAudience: string | readonly string[];
  readonly lifetimeSeconds: number | null;
  readonly maxTokenLength: number;
  readonly claims: GetClaims<User> | undefined;
  /** Left out where tokens have no fingerprint. */
  readonly writeSecurityStamp?: ((user: User, sub: string) => Awaitable<string>) | undefined;
}

/** A token, and how long it is valid. */
export interface IssuedToken {
  readonly token: string;
  readonly lifetimeSeconds: number | null;
}

/**
 * Signs a token for a user of this id.
 *
 * @param renewedSecurityStamp what the token before it has been compared with; a first token has none.
 */
export type IssueToken<User> = (
  user: User,
  sub: string,
  session: Session,
  renewedSecurityStamp?: string,
) => Promise<IssuedToken>;

/**
 * Makes the function that signs a token: `sub`, `aud` and `exp`, in this order, then what options add,
 * then the app's own claims.
 */
export function createTokenWriter<User>(
  codec: TokenCodec,
  terms: TokenTerms<User>,
): IssueToken<User> {
  const { tokenAudience, lifetimeSeconds, maxTokenLength, writeSecurityStamp } = terms;

  return async function issueToken(user, sub, session, renewedSecurityStamp) {
    const securityStamp = renewedSecurityStamp ?? (await writeSecurityStamp?.(user, sub));
    const custom = toCustomClaims(await terms.claims?.(user));
    const now = Date.now() / 1000;
    const exp = lifetimeSeconds === null ? undefined : getExpiry(session, lifetimeSeconds, now);
    const written: IssuedClaims = {
      sub,
      aud: tokenAudience,
      ...(exp !== undefined && { exp }),
      ...(session.authTime !== undefined && { [AUTH_TIME]: session.authTime }),
      ...(securityStamp !== undefined && { [STAMP]: securityStamp }),
    };
    checkOverrides(custom, written);
    const claims = { ...written, ...custom };
    if (!hasValidClaimTypes(claims)) {
      throw new TypeError(
        "claims must give nbf, iat and jti the types of RFC 7519, or leave them out",
      );
    }
    const token = await codec.sign(claims);
    if (token.length > maxTokenLength) {
      throw new Error("The token is longer than maxTokenLength, so reading would refuse it");
    }
    return { token, lifetimeSeconds: exp === undefined ? null : exp - Math.floor(now) };
  };
}

/** The text of a user's id. Never a token for "undefined" or "[object Object]". */
export function toSubject(id: unknown): string {
  const isId =
    typeof id === "string"
      ? id !== "" && id.isWellFormed()
      : typeof id === "bigint" || Number.isSafeInteger(id);
  if (!isId) {
    throw new TypeError(
      "The user's id must be a non-empty well-formed string, a safe integer or a bigint: " +
        "give createJwtStrategy the userId option if it is not in user.id",
    );
  }
  return String(id);
}

/** The app's own claims, as JSON will have them. */
function toCustomClaims(claims: unknown = {}): object {
  const custom: unknown = isPlainObject(claims)
    ? JSON.parse(JSON.stringify(claims) || "null")
    : null;
  if (!isPlainObject(custom)) throw new TypeError("claims must return an object");
  return custom;
}

/** `exp` is the strategy's own where tokens have none, too. */
function checkOverrides(custom: object, written: IssuedClaims): void {
  const overridden = Object.keys({ ...written, exp: undefined }).find((name) =>
    Object.hasOwn(custom, name),
  );
  if (overridden !== undefined) {
    throw new TypeError(
      `claims must not return ${overridden}: the strategy's own options write it`,
    );
  }
}

/** A Map, a Date or an array would come out of JSON as something else. */
function isPlainObject(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
