import { hasValidForm } from "./claim-rules.ts";
import type { ClaimsOf, UserId } from "./options.ts";
import type { IssuedClaims, TokenCodec } from "./token.ts";

/** What every token of a strategy has in common, and what is a user's own. */
export interface TokenTerms<LoginUser> {
  readonly tokenAudience: string | readonly string[];
  readonly lifetimeSeconds: number | null;
  readonly maxTokenLength: number;
  readonly userId: (user: LoginUser) => UserId;
  readonly claims: ClaimsOf<LoginUser> | undefined;
}

/** A token, and whose it is. */
export interface IssuedToken {
  readonly token: string;
  readonly userId: string;
}

/** Makes the function that signs a token for a user: `sub`, `aud`, `exp`, in this order, then the app's own claims. */
export function createTokenWriter<LoginUser>(
  codec: TokenCodec,
  terms: TokenTerms<LoginUser>,
): (user: LoginUser) => Promise<IssuedToken> {
  const { tokenAudience, lifetimeSeconds, maxTokenLength } = terms;

  return async function issueToken(user) {
    const userId = toSubject(terms.userId(user));
    const custom = checkCustomClaims(await terms.claims?.(user));
    const claims: IssuedClaims = {
      sub: userId,
      aud: tokenAudience,
      ...(lifetimeSeconds === null ? {} : { exp: Math.floor(Date.now() / 1000 + lifetimeSeconds) }),
      ...custom,
    };
    if (!hasValidForm(claims)) {
      throw new TypeError(
        "claims must give nbf, iat and jti the types of RFC 7519, or leave them out",
      );
    }
    const token = codec.sign(claims);
    if (token.length > maxTokenLength) {
      throw new Error("The token is longer than maxTokenLength, so reading would refuse it");
    }
    return { token, userId };
  };
}

/** Never a token for "undefined" or "[object Object]". */
function toSubject(id: unknown): string {
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

const WRITTEN_CLAIMS = ["sub", "aud", "exp"] as const;

/** The app's own claims, as JSON will have them. */
function checkCustomClaims(claims: unknown = {}): object {
  const custom: unknown = isPlainObject(claims)
    ? JSON.parse(JSON.stringify(claims) || "null")
    : null;
  if (!isPlainObject(custom)) throw new TypeError("claims must return an object");
  const overridden = WRITTEN_CLAIMS.find((name) => Object.hasOwn(custom, name));
  if (overridden !== undefined) {
    throw new TypeError(
      `claims must not return ${overridden}: the strategy's own options write it`,
    );
  }
  return custom;
}

/** A Map, a Date or an array would come out of JSON as something else. */
function isPlainObject(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
