import { inspect } from "node:util";
import { describe, expect, test } from "@jest/globals";
import {
  AuthError,
  BadCredentialsError,
  CredentialsRequiredError,
  CrossSiteRequestError,
  InsufficientScopeError,
  InvalidLoginRequestError,
  InvalidRequestError,
  InvalidTokenError,
  LoginError,
  SessionExpiredError,
  TokenExpiredError,
  UnsupportedGrantTypeError,
  UserNotVerifiedError,
} from "express-jwt-strategy";
import type { AuthErrorReason, TokenRefusalReason } from "../../../lib/errors/auth-errors.ts";

/** A record, so that TypeScript reports a missing reason. */
const TOKEN_REASONS: Record<
  Exclude<TokenRefusalReason, "token_expired" | "session_expired">,
  true
> = {
  token_too_long: true,
  malformed: true,
  header_unsupported: true,
  algorithm_mismatch: true,
  key_not_found: true,
  signature_invalid: true,
  claims_invalid: true,
  issuer_mismatch: true,
  audience_mismatch: true,
  expiry_missing: true,
  issue_time_missing: true,
  token_not_yet_valid: true,
  token_too_old: true,
  user_not_found: true,
  user_inactive: true,
  security_stamp_mismatch: true,
};

interface Refusal {
  readonly make: () => AuthError;
  readonly name: string;
  readonly family: readonly (abstract new (...args: never) => AuthError)[];
  readonly status: number;
  readonly code: string;
  readonly reason: AuthErrorReason;
  readonly detail: string;
  readonly description: string;
}

const refusals: readonly Refusal[] = [
  ...(["credentials_missing", "strategy_not_found"] as const).map((reason) => ({
    make: () => new CredentialsRequiredError(reason),
    name: "CredentialsRequiredError",
    family: [CredentialsRequiredError],
    status: 401,
    code: "credentials_required",
    reason,
    detail: "Unauthorized",
    description: "Unauthorized",
  })),
  ...(["authorization_malformed", "authorization_repeated"] as const).map((reason) => ({
    make: () => new InvalidRequestError(reason),
    name: "InvalidRequestError",
    family: [InvalidRequestError],
    status: 400,
    code: "invalid_request",
    reason,
    detail: "Bad Request",
    description: "The Authorization header is malformed",
  })),
  {
    make: () => new InvalidRequestError("cookie_repeated", "The cookie is sent more than once"),
    name: "InvalidRequestError",
    family: [InvalidRequestError],
    status: 400,
    code: "invalid_request",
    reason: "cookie_repeated",
    detail: "Bad Request",
    description: "The cookie is sent more than once",
  },
  ...(Object.keys(TOKEN_REASONS) as TokenRefusalReason[]).map((reason) => ({
    make: () => new InvalidTokenError(reason),
    name: "InvalidTokenError",
    family: [InvalidTokenError],
    status: 401,
    code: "invalid_token",
    reason,
    detail: "Unauthorized",
    description: "The access token is invalid",
  })),
  {
    make: () => new TokenExpiredError(),
    name: "TokenExpiredError",
    family: [TokenExpiredError, InvalidTokenError],
    status: 401,
    code: "invalid_token",
    reason: "token_expired",
    detail: "Unauthorized",
    description: "The access token expired",
  },
  {
    make: () => new SessionExpiredError(),
    name: "SessionExpiredError",
    family: [SessionExpiredError, InvalidTokenError],
    status: 401,
    code: "invalid_token",
    reason: "session_expired",
    detail: "Unauthorized",
    description: "The session expired",
  },
  ...(["user_not_verified", "user_not_superuser", "scope_missing", "not_authorized"] as const).map(
    (reason) => ({
      make: () => new InsufficientScopeError(reason),
      name: "InsufficientScopeError",
      family: [InsufficientScopeError],
      status: 403,
      code: "insufficient_scope",
      reason,
      detail: "Forbidden",
      description: "The user is not allowed to do this",
    }),
  ),
  {
    make: () => new CrossSiteRequestError(),
    name: "CrossSiteRequestError",
    family: [CrossSiteRequestError],
    status: 403,
    code: "cross_site_request",
    reason: "cross_site",
    detail: "Forbidden",
    description: "Requests from another site are refused",
  },
  ...(["credentials_invalid", "user_inactive"] as const).map((reason) => ({
    make: () => new BadCredentialsError(reason),
    name: "BadCredentialsError",
    family: [BadCredentialsError, LoginError],
    status: 400,
    code: "invalid_grant",
    reason,
    detail: "LOGIN_BAD_CREDENTIALS",
    description: "The username or password is incorrect",
  })),
  {
    make: () => new UserNotVerifiedError(),
    name: "UserNotVerifiedError",
    family: [UserNotVerifiedError, LoginError],
    status: 400,
    code: "invalid_grant",
    reason: "user_not_verified",
    detail: "LOGIN_USER_NOT_VERIFIED",
    description: "The user is not verified",
  },
  ...(["body_invalid", "username_or_password_invalid"] as const).map((reason) => ({
    make: () => new InvalidLoginRequestError(reason),
    name: "InvalidLoginRequestError",
    family: [InvalidLoginRequestError, LoginError],
    status: 400,
    code: "invalid_request",
    reason,
    detail: "Bad Request",
    description: "The request must carry one username and one password, as a form or as JSON",
  })),
  {
    make: () => new UnsupportedGrantTypeError(),
    name: "UnsupportedGrantTypeError",
    family: [UnsupportedGrantTypeError, LoginError],
    status: 400,
    code: "unsupported_grant_type",
    reason: "grant_type_unsupported",
    detail: "Bad Request",
    description: "The grant type must be password, or be left out",
  },
];

const CLASSES = new Set(refusals.flatMap(({ family }) => family));

describe.each(refusals)("$name ($reason)", (expected) => {
  const { make, name, family, status, code, reason, detail, description } = expected;

  test("also has its status as statusCode, which NestJS and Fastify read", () => {
    const error = make();
    expect(error.statusCode).toBe(status);
    expect(Object.keys(error)).not.toContain("statusCode");
  });

  test("has the message, code and reason for logs and error handlers", () => {
    expect(make()).toMatchObject({ name, status, code, reason, message: description });
    expect(make().expose).toBe(true);
  });

  test("is an instance of its own classes and of no other", () => {
    const error = make();

    expect(error).toBeInstanceOf(Error);
    expect(error).toBeInstanceOf(AuthError);
    for (const other of CLASSES) expect(error instanceof other).toBe(family.includes(other));
  });

  test("has the response body as its JSON, without the reason", () => {
    expect(JSON.stringify(make())).toBe(
      JSON.stringify(
        code === "credentials_required"
          ? { detail }
          : { detail, error: code, error_description: description },
      ),
    );
  });

  test("has a challenge with its code if another token could be accepted", () => {
    const bearer = 'Bearer realm="a realm"';
    const expectedChallenge =
      code === "credentials_required"
        ? bearer
        : `${bearer}, error="${code}", error_description="${description}"`;

    expect(make().challenge("a realm")).toBe(
      family.includes(LoginError) || family.includes(CrossSiteRequestError)
        ? undefined
        : expectedChallenge,
    );
  });

  test("has only characters that RFC 6750 section 3 allows", () => {
    const error = make();
    const { detail: text, error_description: errorDescription = text } = error.toJSON();

    for (const constant of [error.code, error.message, text, errorDescription]) {
      expect(constant).toMatch(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/);
    }
  });

  test("has a headers object of its own for error handlers", () => {
    const error = make();
    error.headers["WWW-Authenticate"] = "changed";

    expect(make().headers).toEqual({ "Cache-Control": "no-store" });
  });

  test("has no stack frames", () => {
    expect(make().stack).not.toMatch(/\n\s+at /);
  });

  test("shows its name when it is printed", () => {
    expect(String(make())).toBe(`${name}: ${description}`);
    expect(inspect(make())).toContain(reason);
  });
});

describe("InsufficientScopeError", () => {
  test("names the required scopes in its challenge (RFC 6750 section 3)", () => {
    const error = new InsufficientScopeError("scope_missing", ["read", "write"]);

    expect(error.challenge("api")).toBe(
      'Bearer realm="api", error="insufficient_scope", ' +
        'error_description="The user is not allowed to do this", scope="read write"',
    );
  });
});

describe("AuthError", () => {
  test("does not change Error.stackTraceLimit", () => {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 7;
    try {
      refusals.forEach(({ make }) => make());

      expect(Error.stackTraceLimit).toBe(7);
      expect(new Error("another").stack).toMatch(/\n\s+at /);
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  });
});
