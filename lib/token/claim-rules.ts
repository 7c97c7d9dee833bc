import type { VerifiedClaims } from "./claims.ts";
import { debug } from "../util/debug.ts";
import {
  InvalidTokenError,
  TokenExpiredError,
  type TokenRefusalReason,
} from "../errors/auth-errors.ts";

export interface ClaimRules {
  /** A token is for us when its `aud` has any of these. */
  readonly audiences: readonly string[];
  /** Whether a token without `exp` is refused. */
  readonly requireExpiry: boolean;
  readonly clockToleranceSeconds: number;
}

/** Judges a payload whose signature is good. What is wrong with its form outranks its age. */
export function checkClaims(
  payload: unknown,
  rules: ClaimRules,
): VerifiedClaims | InvalidTokenError {
  if (!hasValidClaimTypes(payload)) return new InvalidTokenError("claims_invalid");
  const reason = checkAudience(payload.aud, rules.audiences) ?? checkExpiry(payload, rules);
  return reason === undefined
    ? (checkTimes(payload, rules.clockToleranceSeconds) ?? payload)
    : new InvalidTokenError(reason);
}

/**
 * Compares `exp`, `nbf` and `iat` with the clock, which is not rounded (RFC 7519 sections 4.1.4 to 4.1.6).
 * A remembered token goes through this at every use.
 */
export function checkTimes(
  { exp = Infinity, nbf = -Infinity, iat = -Infinity }: VerifiedClaims,
  toleranceSeconds: number,
): InvalidTokenError | undefined {
  const now = Date.now() / 1000;
  if (Math.max(nbf, iat) > now + toleranceSeconds) {
    return new InvalidTokenError("token_not_yet_valid");
  }
  return exp + toleranceSeconds <= now ? new TokenExpiredError() : undefined;
}

/** Whether the registered claims have the types of RFC 7519 section 4.1. */
export function hasValidClaimTypes(payload: unknown): payload is VerifiedClaims {
  return (
    typeof payload === "object" &&
    payload !== null &&
    !Array.isArray(payload) &&
    // JSON.parse makes it an own member, and whoever copies the claims would set a prototype with it.
    !Object.hasOwn(payload, "__proto__") &&
    Object.hasOwn(payload, "sub") &&
    Object.hasOwn(payload, "aud") &&
    isSubject((payload as VerifiedClaims).sub) &&
    isAbsentOr(isNumericDate, payload, "exp") &&
    isAbsentOr(isNumericDate, payload, "nbf") &&
    isAbsentOr(isNumericDate, payload, "iat") &&
    isAbsentOr(isString, payload, "jti")
  );
}

/** A string and nothing else: an object such as `{"$ne":null}` would become part of a database query. */
function isSubject(sub: unknown): boolean {
  return typeof sub === "string" && sub !== "" && sub.isWellFormed();
}

/** The end of the year 9999. A time in milliseconds lies far behind it, and would never come. */
const LAST_NUMERIC_DATE = 253_402_300_799;

/** RFC 7519 section 2: a number of seconds. `1e999` is `Infinity` in JSON. */
function isNumericDate(value: unknown): boolean {
  return typeof value === "number" && Number.isFinite(value) && value <= LAST_NUMERIC_DATE;
}

function isString(value: unknown): boolean {
  return typeof value === "string";
}

/** Own members only: what stands on a polluted `Object.prototype` is not the token's. */
function isAbsentOr(isValid: (value: unknown) => boolean, payload: object, name: string): boolean {
  const value = (payload as Record<string, unknown>)[name];
  return Object.hasOwn(payload, name) ? isValid(value) : value === undefined;
}

function checkAudience(aud: unknown, audiences: readonly string[]): TokenRefusalReason | undefined {
  const given: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  if (!given.every(isString)) return "claims_invalid";
  if (audiences.some((audience) => given.includes(audience))) return undefined;
  debug("audience is %O, expected %O", aud, audiences);
  return "audience_mismatch";
}

function checkExpiry(
  { exp }: VerifiedClaims,
  { requireExpiry }: ClaimRules,
): TokenRefusalReason | undefined {
  return requireExpiry && exp === undefined ? "expiry_missing" : undefined;
}
