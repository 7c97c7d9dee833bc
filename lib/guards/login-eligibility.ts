import { InsufficientScopeError, InvalidTokenError } from "../errors/auth-errors.ts";
import type { AuthError } from "../errors/auth-errors.ts";
import type { Authenticated } from "../authentication/identify.ts";
import { isDeactivated, isVerified } from "./flags.ts";

/** Says why a user of a valid token may not do what follows a login, or `undefined`. */
export type CheckLoginEligibility = (
  authenticated: Authenticated<unknown>,
) => AuthError | undefined;

/** Who may log out or renew a token: whoever may log in. Of mere claims nothing is asked. */
export function createLoginEligibility(requiresVerification: boolean): CheckLoginEligibility {
  return function guardMayLogIn({ user, isLoadedUser }) {
    if (!isLoadedUser) return undefined;
    if (isDeactivated(user)) return new InvalidTokenError("user_inactive");
    return requiresVerification && !isVerified(user)
      ? new InsufficientScopeError("user_not_verified")
      : undefined;
  };
}
