import type { TokenRefusalReason } from "../errors/auth-errors.ts";
import { debug } from "../util/debug.ts";

/**
 * The claims of a token whose signature and claims are verified (RFC 7519 section 4). Frozen
 * recursively, and shared by all requests that carry the same token.
 */
export interface VerifiedClaims {
  /** The user's ID (RFC 7519 section 4.1.2). */
  readonly sub: string;
  /** The issuer of the token (section 4.1.1). */
  readonly iss?: string | undefined;
  /** The services that the token is for (section 4.1.3). Absent only with `tokenAudience: null`. */
  readonly aud?: string | readonly string[] | undefined;
  /** When the token expires, in seconds since 1970 (section 4.1.4). */
  readonly exp?: number | undefined;
  /** When the token becomes valid, in seconds since 1970 (section 4.1.5). */
  readonly nbf?: number | undefined;
  /** When the token was issued, in seconds since 1970 (section 4.1.6). */
  readonly iat?: number | undefined;
  /** The token's own ID (section 4.1.7). */
  readonly jti?: string | undefined;
  readonly [name: string]: unknown;
}

export interface ClaimsConfig {
  /** The `aud` of a token must contain one of these. `null` does not require `aud`. */
  readonly audiences: readonly string[] | null;
  /** The `iss` of a token must be one of these. `undefined` accepts any. */
  readonly issuers: readonly string[] | undefined;
  /** `true` refuses a token without `exp`. */
  readonly requireExpiry: boolean;
  readonly clockToleranceSeconds: number;
  /** A token without `iat`, or with an older one, is refused. `undefined` accepts any age. */
  readonly maxTokenAgeSeconds: number | undefined;
}

/**
 * Checks a payload whose signature is valid. Returns the reason for which it is refused, or
 * `undefined`. Type errors are reported before expiry.
 */
export function checkClaims(
  payload: unknown,
  config: ClaimsConfig,
): TokenRefusalReason | undefined {
  if (!hasValidClaimTypes(payload)) return "claims_invalid";
  return (
    checkIssuer(payload, config.issuers) ??
    checkAudience(payload, config.audiences) ??
    checkPresence(payload, config) ??
    checkTimes(payload, config)
  );
}

/** The settings by which the times of a token are compared with the clock. */
export type TimesConfig = Pick<ClaimsConfig, "clockToleranceSeconds" | "maxTokenAgeSeconds">;

/**
 * Compares `exp`, `nbf` and `iat` with the clock, which is not rounded (RFC 7519 sections 4.1.4 to
 * 4.1.6). Runs at each use of a cached token too.
 */
export function checkTimes(
  { exp = Infinity, nbf = -Infinity, iat = -Infinity }: VerifiedClaims,
  { clockToleranceSeconds, maxTokenAgeSeconds = Infinity }: TimesConfig,
): "token_not_yet_valid" | "token_too_old" | "token_expired" | undefined {
  const now = Date.now() / 1000;
  if (Math.max(nbf, iat) > now + clockToleranceSeconds) return "token_not_yet_valid";
  if (iat + maxTokenAgeSeconds + clockToleranceSeconds <= now) return "token_too_old";
  return exp + clockToleranceSeconds <= now ? "token_expired" : undefined;
}

/** Whether the registered claims have the types of RFC 7519 section 4.1. */
export function hasValidClaimTypes(payload: unknown): payload is VerifiedClaims {
  return (
    typeof payload === "object" &&
    payload !== null &&
    !Array.isArray(payload) &&
    // JSON.parse makes it an own member. Code that copies the claims would set a prototype with it.
    !Object.hasOwn(payload, "__proto__") &&
    Object.hasOwn(payload, "sub") &&
    isSubject((payload as VerifiedClaims).sub) &&
    isAbsentOr(isString, payload, "iss") &&
    isAbsentOr(isAudience, payload, "aud") &&
    isAbsentOr(isNumericDate, payload, "exp") &&
    isAbsentOr(isNumericDate, payload, "nbf") &&
    isAbsentOr(isNumericDate, payload, "iat") &&
    isAbsentOr(isString, payload, "jti")
  );
}

/** A string only: an object such as `{"$ne":null}` would become part of a database query. */
function isSubject(sub: unknown): boolean {
  return typeof sub === "string" && sub !== "" && sub.isWellFormed();
}

/** The end of the year 9999. A time in milliseconds is far later, and would never be reached. */
const LAST_NUMERIC_DATE = 253_402_300_799;

/** RFC 7519 section 2: a number of seconds. `1e999` is `Infinity` in JSON. */
function isNumericDate(value: unknown): boolean {
  return typeof value === "number" && Number.isFinite(value) && value <= LAST_NUMERIC_DATE;
}

function isString(value: unknown): boolean {
  return typeof value === "string";
}

/** Ignores inherited properties: prototype pollution cannot add claims. */
function isAbsentOr(isValid: (value: unknown) => boolean, payload: object, name: string): boolean {
  const value = (payload as Record<string, unknown>)[name];
  return Object.hasOwn(payload, name) ? isValid(value) : value === undefined;
}

function isAudience(value: unknown): boolean {
  return isString(value) || (Array.isArray(value) && value.every(isString));
}

/** Compared with the string itself: a list in `iss` is never accepted (CVE-2025-30144). */
function checkIssuer(
  { iss }: VerifiedClaims,
  issuers: ClaimsConfig["issuers"],
): "issuer_mismatch" | undefined {
  if (issuers === undefined || (iss !== undefined && issuers.includes(iss))) return undefined;
  debug("issuer is %O, expected one of %O", iss, issuers);
  return "issuer_mismatch";
}

function checkAudience(
  { aud }: VerifiedClaims,
  audiences: ClaimsConfig["audiences"],
): "claims_invalid" | "audience_mismatch" | undefined {
  if (audiences === null) return undefined;
  if (aud === undefined) return "claims_invalid";
  const given = [aud].flat();
  if (audiences.some((audience) => given.includes(audience))) return undefined;
  debug("audience is %O, expected one of %O", aud, audiences);
  return "audience_mismatch";
}

function checkPresence(
  { exp, iat }: VerifiedClaims,
  { requireExpiry, maxTokenAgeSeconds }: ClaimsConfig,
): "expiry_missing" | "issue_time_missing" | undefined {
  if (requireExpiry && exp === undefined) return "expiry_missing";
  return maxTokenAgeSeconds !== undefined && iat === undefined ? "issue_time_missing" : undefined;
}
