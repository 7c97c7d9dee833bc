import type { Authenticated } from "../authentication/identify.ts";
import {
  InsufficientScopeError,
  InvalidTokenError,
  type AuthError,
} from "../errors/auth-errors.ts";
import { BadCredentialsError, UserNotVerifiedError } from "../errors/login-errors.ts";
import { checkBoolean } from "../util/option-checks.ts";
import { isDeactivated, isVerified } from "./flags.ts";

/** The option that restricts who may log in. */
export interface LoginEligibilityOptions {
  /**
   * `true`: login (otherwise a 400), logout and refresh (otherwise a 403) also require
   * that `user.isVerified` is set (see `verified`), and `renewAfterFraction` renews only tokens of such users. Without
   * `findUser`, logout does not check it. Default `false`.
   */
  readonly requiresVerification?: boolean;
}

export function resolveRequiresVerification(requiresVerification: unknown = false): boolean {
  checkBoolean(requiresVerification, "requiresVerification");
  return requiresVerification;
}

/** Checks whether a user may log in, for the login and for the handlers of valid tokens. */
export interface LoginEligibility {
  /** Returns the error that refuses a login, or `undefined`. */
  readonly checkLogin: (user: unknown) => BadCredentialsError | UserNotVerifiedError | undefined;
  /** A guard: a user who may not log in can neither log out nor renew a token. Claims are not checked. */
  readonly guard: (authenticated: Authenticated<unknown>) => AuthError | undefined;
}

export function createLoginEligibility(requiresVerification: boolean): LoginEligibility {
  function check(user: unknown): "user_inactive" | "user_not_verified" | undefined {
    if (isDeactivated(user)) return "user_inactive";
    return requiresVerification && !isVerified(user) ? "user_not_verified" : undefined;
  }

  return {
    checkLogin(user) {
      const reason = check(user);
      if (reason === undefined) return undefined;
      return reason === "user_inactive"
        ? new BadCredentialsError(reason)
        : new UserNotVerifiedError();
    },

    guard({ user, strategy }) {
      const reason = strategy.loadsUsers ? check(user) : undefined;
      if (reason === undefined) return undefined;
      return reason === "user_inactive"
        ? new InvalidTokenError(reason)
        : new InsufficientScopeError(reason);
    },
  };
}
