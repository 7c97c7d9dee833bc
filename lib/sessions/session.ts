import { InvalidTokenError, SessionExpiredError } from "../errors/auth-errors.ts";
import type { VerifiedClaims } from "../token/claims.ts";
import { check, checkInteger, ONE_HUNDRED_YEARS } from "../util/option-checks.ts";
import { getOwnProperty } from "../util/own-property.ts";

/** The claim with the time of the login (OpenID Connect Core 1.0 section 2). */
export const AUTH_TIME = "auth_time";

/** The option that ends sessions. */
export interface MaxSessionOptions {
  /**
   * The maximum duration of a session that `refresh` and `renewAfterFraction` extend, in whole seconds
   * from the login, from `lifetimeSeconds` to 100 years. The time of the login is in the claim
   * `auth_time` (OpenID Connect Core 1.0 section 2), and no token outlives its session; a token without
   * that claim cannot be renewed. Requires `findUser`, `secret` and a number for `lifetimeSeconds`.
   * Default: sessions can be extended without limit.
   */
  readonly maxSessionSeconds?: number;
}

/** Which other options an option for renewals requires. */
export interface RenewalRequirements {
  readonly lifetimeSeconds: number | null;
  readonly loadsUsers: boolean;
  readonly canSign: boolean;
}

export function resolveMaxSession(
  maxSessionSeconds: unknown,
  { lifetimeSeconds, loadsUsers, canSign }: RenewalRequirements,
): number | undefined {
  if (maxSessionSeconds === undefined) return undefined;
  check(lifetimeSeconds !== null, "lifetimeSeconds", "a number if maxSessionSeconds is set");
  check(loadsUsers, "findUser", "set if maxSessionSeconds is: without it, no token is renewed");
  check(canSign, "secret", "set if maxSessionSeconds is: it signs tokens");
  checkInteger(maxSessionSeconds, "maxSessionSeconds", lifetimeSeconds, ONE_HUNDRED_YEARS);
  return maxSessionSeconds;
}

/** The settings of sessions: a session is a login and the renewals that follow it. */
export interface SessionConfig {
  /** `undefined`: sessions do not end, and tokens have no `auth_time`. */
  readonly maxSessionSeconds: number | undefined;
  readonly clockToleranceSeconds: number;
  /** The audience of new tokens. */
  readonly tokenAudience: string | readonly string[] | null;
}

/** The session of a token that is issued. */
export interface Session {
  /** The time of the login, in seconds since 1970; `undefined` if tokens have no `auth_time`. */
  readonly authTime: number | undefined;
  /** The end of the session, in seconds since 1970: no token outlives it. `Infinity` without a maximum. */
  readonly endsAt: number;
  /** The claims of the token that is renewed; `undefined` after a login. */
  readonly renewed?: VerifiedClaims;
}

/** Begins the session of a login. */
export function beginSession({ maxSessionSeconds }: SessionConfig): Session {
  if (maxSessionSeconds === undefined) return { authTime: undefined, endsAt: Infinity };
  const authTime = Math.floor(Date.now() / 1000);
  return { authTime, endsAt: authTime + maxSessionSeconds };
}

/** Returns the session of a token that is to be renewed. It has ended if its `auth_time` is missing or invalid. */
export function resumeSession(
  { maxSessionSeconds, clockToleranceSeconds, tokenAudience }: SessionConfig,
  claims: VerifiedClaims,
): Session | InvalidTokenError {
  // A renewal must not widen the audience: for reading, any overlap is enough.
  const given: readonly unknown[] = [claims.aud].flat();
  if (![tokenAudience ?? []].flat().every((audience) => given.includes(audience))) {
    return new InvalidTokenError("audience_mismatch");
  }
  if (maxSessionSeconds === undefined) {
    return { authTime: undefined, endsAt: Infinity, renewed: claims };
  }
  const now = Date.now() / 1000;
  const authTime = getOwnProperty(claims, AUTH_TIME);
  if (!isWholeNumber(authTime) || authTime > now + clockToleranceSeconds) {
    return new SessionExpiredError();
  }
  const endsAt = authTime + maxSessionSeconds;
  return endsAt > now ? { authTime, endsAt, renewed: claims } : new SessionExpiredError();
}

/** When a token of this session expires that is signed now, in seconds since 1970. */
export function getExpiry({ endsAt }: Session, lifetimeSeconds: number, now: number): number {
  return Math.min(Math.floor(now + lifetimeSeconds), endsAt);
}

function isWholeNumber(value: unknown): value is number {
  return Number.isSafeInteger(value);
}
