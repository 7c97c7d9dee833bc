import { setName } from "./set-name.ts";
import { AuthError } from "./auth-errors.ts";
import type {
  AuthErrorReason,
  BadCredentialsReason,
  InvalidLoginRequestReason,
  UserNotVerifiedReason,
} from "./reasons.ts";

/**
 * 400: a login is refused (RFC 6749 section 5.2). It has no challenge: a browser would open its
 * password dialog.
 */
export abstract class LoginError extends AuthError {
  constructor(code: string, reason: AuthErrorReason, description: string, detail?: string) {
    super(400, code, reason, description, detail);
  }

  /** @internal */
  override challenge(): undefined {
    return undefined;
  }
}

/** 400 `invalid_grant`, `LOGIN_BAD_CREDENTIALS`: the same for a wrong password, an unknown and an inactive user. */
export class BadCredentialsError extends LoginError {
  static {
    setName(this, "BadCredentialsError");
  }

  declare readonly reason: BadCredentialsReason;

  constructor(reason: BadCredentialsReason) {
    super(
      "invalid_grant",
      reason,
      "The username or password is incorrect",
      "LOGIN_BAD_CREDENTIALS",
    );
  }
}

/** 400 `invalid_grant`, `LOGIN_USER_NOT_VERIFIED`: the password is correct, but the user is not verified. */
export class UserNotVerifiedError extends LoginError {
  static {
    setName(this, "UserNotVerifiedError");
  }

  declare readonly reason: UserNotVerifiedReason;

  constructor() {
    super(
      "invalid_grant",
      "user_not_verified",
      "The user is not verified",
      "LOGIN_USER_NOT_VERIFIED",
    );
  }
}

/** 400 `invalid_request`: the body does not contain one well-formed username and password. */
export class InvalidLoginRequestError extends LoginError {
  static {
    setName(this, "InvalidLoginRequestError");
  }

  constructor(reason: InvalidLoginRequestReason) {
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
    setName(this, "UnsupportedGrantTypeError");
  }

  constructor() {
    super(
      "unsupported_grant_type",
      "grant_type_unsupported",
      "The grant type must be password, or be left out",
    );
  }
}
