import { checkFunction } from "../util/option-checks.ts";
import { handleRejections, isPromiseLike, type Awaitable } from "../util/awaitable.ts";
import { handleRejectionsIn } from "../util/find-promises.ts";
import { isPlainObject } from "../util/own-property.ts";
import type { Session } from "./session.ts";

/** Returns more claims for the tokens of a user. */
export type GetClaims<LoginUser> = (
  user: LoginUser,
) => Awaitable<Readonly<Record<string, unknown>> | undefined>;

/** The option that adds claims. */
export interface ClaimsOptions<User> {
  /**
   * Returns more claims for the tokens of a user, such as `{ scope: "read" }`: a plain object, or
   * `undefined` for none. They follow `sub`, `aud` and `exp`, and cannot replace these, nor the claims
   * that `issuer`, `maxTokenAgeSeconds`, `maxSessionSeconds` and `securityStamp` write. `iss`, `nbf`,
   * `iat` and `jti` must have the types of RFC 7519. The claims of a token are not secret: its client can read them. What it throws
   * is a 500. For a renewal it is called with the user that `findUser` found. Default: none.
   */
  readonly claims?: GetClaims<User> | undefined;
}

export function resolveClaims<User>(claims: unknown): GetClaims<User> | undefined {
  checkFunction(claims, "claims");
  return claims as GetClaims<User> | undefined;
}

/** Creates the claims of a user's token that are not the same for all tokens of a session. */
export type CreateUserClaims<User> = (user: User, sub: string, session: Session) => Promise<object>;

/** Makes the function that calls the option `claims` and returns its result as JSON will contain it. */
export function createUserClaims<User>(
  getClaims: GetClaims<User> | undefined,
): CreateUserClaims<User> {
  return async function getUserClaims(user) {
    const claims: unknown = getClaims && (await getClaims(user));
    if (claims === undefined) return {};
    handleRejectionsIn(claims);
    const copy: unknown = isPlainObject(claims) ? JSON.parse(stringify(claims) ?? "null") : null;
    if (!isPlainObject(copy)) throw new TypeError("claims must return an object");
    return copy;
  };
}

/** JSON would turn a promise that is not awaited into `{}`. */
function stringify(claims: object): string | undefined {
  const promises: unknown[] = [];
  const text = JSON.stringify(claims, (_name, value: unknown) => {
    if (isPromiseLike(value)) promises.push(value);
    return value;
  });
  handleRejections(promises);
  if (promises.length > 0) throw new TypeError("claims must not contain a promise: await it");
  return text;
}

/**
 * Joins claims that the strategy writes and claims that follow them, which must not replace any.
 *
 * @param reserved more names that the following claims must not have.
 */
export function joinClaims<Written extends object>(
  written: Written,
  following: object,
  reserved: readonly string[] = [],
): Written {
  const replaced = [...Object.keys(written), ...reserved].find((name) =>
    Object.hasOwn(following, name),
  );
  if (replaced !== undefined) {
    throw new TypeError(`claims must not return ${replaced}: the strategy's own options write it`);
  }
  return { ...written, ...following };
}
