import type { VerifiedClaims } from "../token/claims.ts";
import { InvalidTokenError, SessionExpiredError } from "../errors/auth-errors.ts";
import { getOwnProperty } from "../util/own-property.ts";

/** The claim that says when the user logged in (OpenID Connect Core 1.0 section 2). */
export const AUTH_TIME = "auth_time";

/** How long a session, a chain of tokens that began with a login, may last. */
export interface SessionRules {
  /** `undefined`: for ever, and tokens do not say when their session began. */
  readonly maxSessionSeconds: number | undefined;
  readonly clockToleranceSeconds: number;
  /** Whom new tokens are for. */
  readonly tokenAudience: string | readonly string[];
}

/** What a token owes to its session. */
export interface Session {
  /** When the user logged in, in seconds since 1970; `undefined` where tokens do not say so. */
  readonly authTime: number | undefined;
  /** When the session ends: no token outlives it. `Infinity` where no cap is set. */
  readonly endsAt: number;
}

const ENDLESS: Session = { authTime: undefined, endsAt: Infinity };

/** The session that begins with a login. */
export function beginSession({ maxSessionSeconds }: SessionRules): Session {
  if (maxSessionSeconds === undefined) return ENDLESS;
  const authTime = Math.floor(Date.now() / 1000);
  return { authTime, endsAt: authTime + maxSessionSeconds };
}

/**
 * The session of a token that is to be renewed. It is over, too, where the token does not say, or not
 * credibly, when it began.
 */
export function resumeSession(
  { maxSessionSeconds, clockToleranceSeconds, tokenAudience }: SessionRules,
  claims: VerifiedClaims,
): Session | InvalidTokenError {
  // No token becomes good for more than it was: reading accepts any overlap.
  const given: readonly unknown[] = [claims.aud].flat();
  if (![tokenAudience].flat().every((audience) => given.includes(audience))) {
    return new InvalidTokenError("audience_mismatch");
  }
  if (maxSessionSeconds === undefined) return ENDLESS;
  const now = Date.now() / 1000;
  const authTime = getOwnProperty(claims, AUTH_TIME);
  if (!isWholeNumber(authTime) || authTime > now + clockToleranceSeconds) {
    return new SessionExpiredError();
  }
  const endsAt = authTime + maxSessionSeconds;
  return endsAt > now ? { authTime, endsAt } : new SessionExpiredError();
}

/** When a token of this session that is signed now expires, in seconds since 1970. */
export function getExpiry({ endsAt }: Session, lifetimeSeconds: number, now: number): number {
  return Math.min(Math.floor(now + lifetimeSeconds), endsAt);
}

function isWholeNumber(value: unknown): value is number {
  return Number.isSafeInteger(value);
}
