import type { IncomingMessage } from "node:http";
import type { Answer } from "./answer.ts";
import { judge } from "./authenticate.ts";
import { chain, type Awaitable } from "./awaitable.ts";
import { InsufficientScopeError, InvalidTokenError } from "./errors.ts";
import { publishAuthenticate } from "./events.ts";
import { isDeactivated, isVerified } from "./guards/flags.ts";
import type { Guard } from "./guards/guard.ts";
import { settle, type Handler } from "./handler.ts";
import type { Identify } from "./identify.ts";
import { answer, Refusal } from "./refusal.ts";
import type { Transport } from "./transports/transport.ts";

/**
 * Makes the handler that answers a valid token. It revokes nothing: a JWT stays valid until it
 * expires, and the client is what forgets it.
 */
export function createLogout(
  identify: Identify<unknown>,
  transport: Transport,
  requiresVerification: boolean,
): Handler {
  /** Who may log out: whoever may log in. Of mere claims nothing is asked. */
  const guard: Guard<unknown> = ({ user, hasUser }) => {
    if (!hasUser) return undefined;
    if (isDeactivated(user)) return new InvalidTokenError("user_inactive");
    return requiresVerification && !isVerified(user)
      ? new InsufficientScopeError("user_not_verified")
      : undefined;
  };

  function logout(req: IncomingMessage): Awaitable<Answer | Refusal> {
    return chain(judge(identify, guard, req), (verdict) => {
      publishAuthenticate(verdict, false);
      return verdict instanceof Refusal ? verdict : transport.logoutAnswer();
    });
  }

  return function logoutHandler(req, res, next) {
    settle(logout, answer, req, res, next);
  };
}
