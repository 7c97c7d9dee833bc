/** Why a token was refused. */
export type TokenRefusalReason =
  | "token_too_long"
  | "malformed"
  | "header_unsupported"
  | "algorithm_mismatch"
  | "signature_invalid"
  | "claims_invalid"
  | "audience_mismatch"
  | "expiry_missing"
  | "token_not_yet_valid"
  | "token_expired"
  | "user_not_found"
  | "user_inactive";

/** Why a request or a login was refused. For the server alone: a client never sees it. */
export type AuthErrorReason =
  | TokenRefusalReason
  | "credentials_missing"
  | "strategy_not_found"
  | "authorization_malformed"
  | "authorization_repeated"
  | "user_not_verified"
  | "user_not_superuser"
  | "credentials_invalid"
  | "body_invalid"
  | "username_or_password_invalid"
  | "grant_type_unsupported";

/** The body of a refusal: that of fastapi-users (`detail`) and that of OAuth 2 (RFC 6749 section 5.2) in one. */
export interface AuthErrorBody {
  /** What fastapi-users says: the status in words, or a `LOGIN_…` code. */
  readonly detail: string;
  /** The error code of RFC 6750 section 3.1 or RFC 6749 section 5.2. */
  readonly error?: string;
  /** A constant sentence for a human. */
  readonly error_description?: string;
}

/**
 * A refusal: the request, the token or the login is not good enough. Every text is a constant, so
 * nothing of a token, a key or a password can travel in one.
 *
 * Express's own error handler answers with its `status` and `headers`; `JSON.stringify` gives the body.
 */
export abstract class AuthError extends Error {
  /** What the client is told to be wrong: the `error` of RFC 6750 or RFC 6749, or `"credentials_required"`. */
  readonly code: string;
  /** The status of the answer. */
  readonly status: 400 | 401 | 403;
  /** What was wrong, for logs and counters on the server. */
  readonly reason: AuthErrorReason;
  /** The headers of the answer. The challenge joins them when the refusal meets its strategy. */
  readonly headers: Record<string, string | string[]> = { "Cache-Control": "no-store" };
  /** `message` is a constant and may be shown (the convention of http-errors). */
  readonly expose = true;
  readonly #detail: string;

  constructor(
    status: 400 | 401 | 403,
    code: string,
    reason: AuthErrorReason,
    description: string,
    detail: string = REASON_PHRASES[status],
  ) {
    // A refusal is no bug: where it was made says nothing, and an attacker would pay for none of it.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(description);
    Error.stackTraceLimit = stackTraceLimit;
    this.status = status;
    this.code = code;
    this.reason = reason;
    this.#detail = detail;
  }

  /** The body of the answer. Leaves `reason` out, and `error` where `code` is no error of an RFC. */
  toJSON(): AuthErrorBody {
    return { detail: this.#detail, error: this.code, error_description: this.message };
  }

  /**
   * The value of `WWW-Authenticate` (RFC 6750 section 3), or `undefined` where no challenge belongs.
   * @internal
   */
  challenge(realm: string): string | undefined {
    return `Bearer realm="${realm}", error="${this.code}", error_description="${this.message}"`;
  }
}

const REASON_PHRASES = { 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden" } as const;

/** 401 without an error code: the request carries no credentials (RFC 6750 section 3.1). */
export class CredentialsRequiredError extends AuthError {
  static {
    this.prototype.name = "CredentialsRequiredError";
  }

  constructor(reason: "credentials_missing" | "strategy_not_found" = "credentials_missing") {
    super(401, "credentials_required", reason, "Unauthorized");
  }

  override toJSON(): AuthErrorBody {
    return { detail: this.message };
  }

  /** @internal */
  override challenge(realm: string): string {
    return `Bearer realm="${realm}"`;
  }
}

/** 400 `invalid_request`: the credentials are not written as RFC 6750 section 2.1 says. */
export class InvalidRequestError extends AuthError {
  static {
    this.prototype.name = "InvalidRequestError";
  }

  constructor(reason: "authorization_malformed" | "authorization_repeated") {
    super(400, "invalid_request", reason, "The Authorization header is malformed");
  }
}

/** 401 `invalid_token`: the token, or the user it names, is refused (RFC 6750 section 3.1). */
export class InvalidTokenError extends AuthError {
  static {
    this.prototype.name = "InvalidTokenError";
  }

  constructor(reason: TokenRefusalReason, description = "The access token is invalid") {
    super(401, "invalid_token", reason, description);
  }
}

/** 401 `invalid_token`: nothing is wrong with the token but its age. */
export class TokenExpiredError extends InvalidTokenError {
  static {
    this.prototype.name = "TokenExpiredError";
  }

  constructor() {
    super("token_expired", "The access token expired");
  }
}

/** 403 `insufficient_scope`: a good token, whose user may not do this (RFC 6750 section 3.1). */
export class InsufficientScopeError extends AuthError {
  static {
    this.prototype.name = "InsufficientScopeError";
  }

  constructor(reason: "user_not_verified" | "user_not_superuser") {
    super(403, "insufficient_scope", reason, "The user is not allowed to do this");
  }
}

/** 400: a login is refused (RFC 6749 section 5.2). Carries no challenge: a browser would open its password dialog. */
export abstract class LoginError extends AuthError {
  constructor(code: string, reason: AuthErrorReason, description: string, detail?: string) {
    super(400, code, reason, description, detail);
  }

  /** @internal */
  override challenge(): undefined {
    return undefined;
  }
}

/** 400 `invalid_grant`, `LOGIN_BAD_CREDENTIALS`: wrong password, unknown user or inactive user, all alike. */
export class BadCredentialsError extends LoginError {
  static {
    this.prototype.name = "BadCredentialsError";
  }

  constructor(reason: "credentials_invalid" | "user_inactive") {
    super(
      "invalid_grant",
      reason,
      "The username or password is incorrect",
      "LOGIN_BAD_CREDENTIALS",
    );
  }
}

/** 400 `invalid_grant`, `LOGIN_USER_NOT_VERIFIED`: the right password of a user still to be verified. */
export class UserNotVerifiedError extends LoginError {
  static {
    this.prototype.name = "UserNotVerifiedError";
  }

  constructor() {
    super(
      "invalid_grant",
      "user_not_verified",
      "The user is not verified",
      "LOGIN_USER_NOT_VERIFIED",
    );
  }
}

/** 400 `invalid_request`: the login's body is not one well-formed username and password. */
export class InvalidLoginRequestError extends LoginError {
  static {
    this.prototype.name = "InvalidLoginRequestError";
  }

  constructor(reason: "body_invalid" | "username_or_password_invalid") {
    super(
      "invalid_request",
      reason,
      "The request must carry one username and one password, as a form or as JSON",
    );
  }
}

/** 400 `unsupported_grant_type`: a `grant_type` other than `password`. */
export class UnsupportedGrantTypeError extends LoginError {
  static {
    this.prototype.name = "UnsupportedGrantTypeError";
  }

  constructor() {
    super(
      "unsupported_grant_type",
      "grant_type_unsupported",
      "The grant type must be password, or be left out",
    );
  }
}
