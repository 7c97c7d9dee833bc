/** Why a token was refused. */
export type TokenRefusalReason =
  | "token_too_long"
  | "malformed"
  | "header_unsupported"
  | "algorithm_mismatch"
  | "key_not_found"
  | "signature_invalid"
  | "claims_invalid"
  | "audience_mismatch"
  | "expiry_missing"
  | "token_not_yet_valid"
  | "token_expired"
  | "session_expired"
  | "user_not_found"
  | "user_inactive"
  | "security_stamp_mismatch";

/** Why a request or a login was refused. For the server alone: a client never sees it. */
export type AuthErrorReason =
  | TokenRefusalReason
  | "credentials_missing"
  | "strategy_not_found"
  | "authorization_malformed"
  | "authorization_repeated"
  | "user_not_verified"
  | "user_not_superuser"
  | "scope_missing"
  | "not_authorized"
  | "cross_site"
  | "cookie_repeated"
  | "credentials_invalid"
  | "body_invalid"
  | "username_or_password_invalid"
  | "grant_type_unsupported";

/**
 * The body of a refusal: that of fastapi-users (`detail`) and that of OAuth 2 (RFC 6749 section
 * 5.2) in one.
 */
export interface AuthErrorBody {
  /** What fastapi-users says: the status in words, or a `LOGIN_…` code. */
  readonly detail: string;
  /**
   * The error code of RFC 6750 section 3.1 or RFC 6749 section 5.2, or `"cross_site_request"`. Left
   * out where the request carries no credentials.
   */
  readonly error?: string;
  /** A constant sentence for a human. */
  readonly error_description?: string;
}

/**
 * A refusal: the request, the token or the login is not good enough. Every text is a constant, so
 * nothing of a token, a key or a password can travel in one.
 *
 * Express's own error handler answers with its `status` and `headers`; `JSON.stringify` gives the
 * body.
 */
export abstract class AuthError extends Error {
  /**
   * What the client is told is wrong: the `error` of RFC 6750 or RFC 6749, `"cross_site_request"`,
   * or `"credentials_required"` (which the body leaves out).
   */
  readonly code: string;
  /** The status of the answer. */
  readonly status: 400 | 401 | 403;
  /** What was wrong, for logs and counters on the server. */
  readonly reason: AuthErrorReason;
  /** The headers of the answer. The challenge joins them where the strategy refuses. */
  readonly headers: Record<string, string | string[]> = { "Cache-Control": "no-store" };
  /** `message` is a constant and may be shown (the convention of http-errors). */
  readonly expose = true;
  readonly #detail: string;

  /**
   * @param description the constant `message`. It stands between quotes in the challenge, as `code`
   * does: printable ASCII without quotes and backslashes, and nothing of the request.
   * @param detail the body's `detail`. Default: the status in words.
   */
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

  /**
   * The body of the answer. Leaves `reason` out; a `CredentialsRequiredError` also leaves out
   * `error` and `error_description`.
   */
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

/**
 * 400 `invalid_request`: the credentials are not written as they must be, or more than once (RFC
 * 6750 section 3.1).
 */
export class InvalidRequestError extends AuthError {
  static {
    this.prototype.name = "InvalidRequestError";
  }

  constructor(
    reason: "authorization_malformed" | "authorization_repeated" | "cookie_repeated",
    description = "The Authorization header is malformed",
  ) {
    super(400, "invalid_request", reason, description);
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

/**
 * 401 `invalid_token`: a good token, which cannot be renewed any more: its session has lasted as
 * long as sessions may.
 */
export class SessionExpiredError extends InvalidTokenError {
  static {
    this.prototype.name = "SessionExpiredError";
  }

  constructor() {
    super("session_expired", "The session expired");
  }
}

/** 403 `insufficient_scope`: a good token, whose user may not do this (RFC 6750 section 3.1). */
export class InsufficientScopeError extends AuthError {
  static {
    this.prototype.name = "InsufficientScopeError";
  }

  readonly #scopes: readonly string[];

  /** @param scopes what the challenge says is needed (RFC 6750 section 3). */
  constructor(
    reason: "user_not_verified" | "user_not_superuser" | "scope_missing" | "not_authorized",
    scopes: readonly string[] = [],
  ) {
    super(403, "insufficient_scope", reason, "The user is not allowed to do this");
    this.#scopes = scopes;
  }

  /** @internal */
  override challenge(realm: string): string | undefined {
    const challenge = super.challenge(realm);
    return this.#scopes.length === 0
      ? challenge
      : `${challenge}, scope="${this.#scopes.join(" ")}"`;
  }
}

/**
 * 403 `cross_site_request`: a browser sent the request from another site (the cookie transport). No
 * token and no body was read.
 */
export class CrossSiteRequestError extends AuthError {
  static {
    this.prototype.name = "CrossSiteRequestError";
  }

  constructor() {
    super(403, "cross_site_request", "cross_site", "Requests from another site are refused");
  }

  /** @internal */
  override challenge(): undefined {
    return undefined;
  }
}
