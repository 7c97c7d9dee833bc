/** @inline */
export type CredentialsRequiredReason = "credentials_missing" | "strategy_not_found";

/** @inline */
export type InvalidRequestReason =
  "authorization_malformed" | "authorization_repeated" | "cookie_repeated";

/** @inline */
export type TokenRefusalReason =
  | "token_too_long"
  | "malformed"
  | "header_unsupported"
  | "algorithm_mismatch"
  | "key_not_found"
  | "signature_invalid"
  | "claims_invalid"
  | "issuer_mismatch"
  | "audience_mismatch"
  | "expiry_missing"
  | "issue_time_missing"
  | "token_not_yet_valid"
  | "token_too_old"
  | "token_expired"
  | "session_expired"
  | "user_not_found"
  | "user_inactive"
  | "security_stamp_mismatch";

/** @inline */
export type InsufficientScopeReason =
  "user_not_verified" | "user_not_superuser" | "scope_missing" | "not_authorized";

/** @inline */
export type CrossSiteReason = "cross_site";

/** @inline */
export type BadCredentialsReason = "credentials_invalid" | "user_inactive";

/** @inline */
export type UserNotVerifiedReason = "user_not_verified";

/** @inline */
export type InvalidLoginRequestReason = "body_invalid" | "username_or_password_invalid";

/** @inline */
export type UnsupportedGrantTypeReason = "grant_type_unsupported";

/** Why a request or a login was refused. For logs and counters on the server. */
export type AuthErrorReason =
  | CredentialsRequiredReason
  | InvalidRequestReason
  | TokenRefusalReason
  | InsufficientScopeReason
  | CrossSiteReason
  | BadCredentialsReason
  | UserNotVerifiedReason
  | InvalidLoginRequestReason
  | UnsupportedGrantTypeReason;
