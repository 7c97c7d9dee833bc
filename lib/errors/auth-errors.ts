import { setName } from "./set-name.ts";
import { startChallenge, type ChallengeFormat } from "./challenge.ts";
import type {
  AuthErrorReason,
  CredentialsRequiredReason,
  InsufficientScopeReason,
  InvalidRequestReason,
  TokenRefusalReason,
} from "./reasons.ts";

export type { AuthErrorReason, TokenRefusalReason } from "./reasons.ts";

/**
 * The body of a refusal: the members of fastapi-users (`detail`) and those of OAuth 2 (RFC 6749
 * section 5.2).
 * @inline
 */
export interface AuthErrorBody {
  /** As in fastapi-users: the reason phrase of the status, or a `LOGIN_…` code. */
  readonly detail: string;
  /**
   * The error code of RFC 6750 section 3.1 or RFC 6749 section 5.2, or `"cross_site_request"`.
   * Absent if the request has no credentials.
   */
  readonly error?: string;
  /** A constant sentence for a human. */
  readonly error_description?: string;
}

/**
 * A refusal of a request, a token or a login. Every text is a constant: an error contains no part of
 * a token, a key or a password.
 *
 * Express's default error handler responds with its `status` and `headers`; `JSON.stringify` returns
 * the body.
 */
export abstract class AuthError extends Error {
  /**
   * The error code for the client: the `error` of RFC 6750 or RFC 6749, `"cross_site_request"`, or
   * `"credentials_required"` (absent from the body).
   */
  readonly code: string;
  /** The status of the response. */
  readonly status: 400 | 401 | 403;
  /** The same as `status`: NestJS and Fastify read this name. */
  get statusCode(): 400 | 401 | 403 {
    return this.status;
  }
  /** Why it was refused, for logs and counters on the server. */
  readonly reason: AuthErrorReason;
  /** The headers of the response. The challenge is added when the refusal is answered. */
  readonly headers: Record<string, string | string[]> = { "Cache-Control": "no-store" };
  /** `message` is a constant and may be sent to the client (the convention of http-errors). */
  readonly expose = true;
  readonly #detail: string;

  /**
   * @param description the constant `message`. Like `code`, it is a quoted string in the challenge:
   * printable ASCII without quotes and backslashes, and no part of the request.
   * @param detail the `detail` of the body. Default: the reason phrase of the status.
   */
  constructor(
    status: 400 | 401 | 403,
    code: string,
    reason: AuthErrorReason,
    description: string,
    detail: string = REASON_PHRASES[status],
  ) {
    // A refusal is not a bug: its stack is useless, and capturing it makes a bad request expensive.
    // An assignment would throw if the app has frozen Error.
    const { stackTraceLimit } = Error;
    Reflect.set(Error, "stackTraceLimit", 0);
    super(description);
    Reflect.set(Error, "stackTraceLimit", stackTraceLimit);
    this.status = status;
    this.code = code;
    this.reason = reason;
    this.#detail = detail;
  }

  /**
   * Returns the body of the response: without `reason`, and for a `CredentialsRequiredError` without
   * `error` and `error_description`.
   */
  toJSON(): AuthErrorBody {
    return { detail: this.#detail, error: this.code, error_description: this.message };
  }

  /**
   * The value of `WWW-Authenticate` (RFC 6750 section 3), or `undefined` if the response has no
   * challenge.
   * @internal
   */
  challenge(realm: string, format?: ChallengeFormat): string | undefined {
    return `${startChallenge(realm, format)}, error="${this.code}", error_description="${this.message}"`;
  }
}

const REASON_PHRASES = { 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden" } as const;

/** 401 without an error code: the request has no credentials (RFC 6750 section 3.1). */
export class CredentialsRequiredError extends AuthError {
  static {
    setName(this, "CredentialsRequiredError");
  }

  constructor(reason: CredentialsRequiredReason = "credentials_missing") {
    super(401, "credentials_required", reason, "Unauthorized");
  }

  override toJSON(): AuthErrorBody {
    return { detail: this.message };
  }

  /** @internal */
  override challenge(realm: string, format?: ChallengeFormat): string {
    return startChallenge(realm, format);
  }
}

/** 400 `invalid_request`: the credentials are malformed or repeated (RFC 6750 section 3.1). */
export class InvalidRequestError extends AuthError {
  static {
    setName(this, "InvalidRequestError");
  }

  constructor(reason: InvalidRequestReason, description = "The Authorization header is malformed") {
    super(400, "invalid_request", reason, description);
  }
}

/** 401 `invalid_token`: the token or its user is refused (RFC 6750 section 3.1). */
export class InvalidTokenError extends AuthError {
  static {
    setName(this, "InvalidTokenError");
  }

  constructor(reason: TokenRefusalReason, description = "The access token is invalid") {
    super(401, "invalid_token", reason, description);
  }
}

/** 401 `invalid_token`: the token is expired and otherwise valid. */
export class TokenExpiredError extends InvalidTokenError {
  static {
    setName(this, "TokenExpiredError");
  }

  constructor() {
    super("token_expired", "The access token expired");
  }
}

/**
 * 401 `invalid_token`: the token is valid but cannot be renewed, because its session has reached
 * `maxSessionSeconds`.
 */
export class SessionExpiredError extends InvalidTokenError {
  static {
    setName(this, "SessionExpiredError");
  }

  constructor() {
    super("session_expired", "The session expired");
  }
}

/** 403 `insufficient_scope`: the token is valid, but does not permit this (RFC 6750 section 3.1). */
export class InsufficientScopeError extends AuthError {
  static {
    setName(this, "InsufficientScopeError");
  }

  readonly #scopes: readonly string[];

  /** @param scopes the required scopes, for the challenge (RFC 6750 section 3). */
  constructor(reason: InsufficientScopeReason, scopes: readonly string[] = []) {
    super(403, "insufficient_scope", reason, "The user is not allowed to do this");
    this.#scopes = scopes;
  }

  /** @internal */
  override challenge(realm: string, format?: ChallengeFormat): string | undefined {
    const challenge = super.challenge(realm, format);
    return this.#scopes.length === 0
      ? challenge
      : `${challenge}, scope="${this.#scopes.join(" ")}"`;
  }
}

/**
 * 403 `cross_site_request`: a browser sent the request from another site (cookie transport). Neither
 * token nor body was read.
 */
export class CrossSiteRequestError extends AuthError {
  static {
    setName(this, "CrossSiteRequestError");
  }

  constructor() {
    super(403, "cross_site_request", "cross_site", "Requests from another site are refused");
  }

  /** @internal */
  override challenge(): undefined {
    return undefined;
  }
}
