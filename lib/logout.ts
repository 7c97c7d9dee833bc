import type { Authenticator } from "./authenticator.ts";
import { AuthError, InsufficientScopeError, InvalidTokenError } from "./errors.ts";
import { isDeactivated, isVerified, type Guard } from "./guards.ts";
import { settle, type Handler } from "./handler.ts";
import type { Refuse } from "./refuse.ts";
import type { Transport } from "./transports/transport.ts";

/**
 * Makes the handler that answers 204 to a valid token. It revokes nothing: a JWT stays valid until
 * it expires, and the client is what forgets it.
 */
export function createLogout(
  authenticator: Authenticator<unknown>,
  guard: Guard,
  transport: Transport,
  refuse: Refuse,
): Handler {
  return function logoutHandler(req, res, next) {
    settle(
      () => authenticator.authenticateRequest(req, guard),
      (outcome) => {
        if (outcome instanceof AuthError) {
          refuse(outcome, req, res, next);
        } else if (!res.headersSent) {
          res.setHeader("Cache-Control", "no-store");
          transport.sendLogout(res);
        }
      },
      next,
    );
  };
}

/** Who may log out: whoever may log in. */
export function createLogoutGuard(requiresVerification: boolean): Guard {
  return function logoutGuard(user) {
    if (isDeactivated(user)) return new InvalidTokenError("user_inactive");
    return requiresVerification && !isVerified(user)
      ? new InsufficientScopeError("user_not_verified")
      : undefined;
  };
}
