import type { IncomingMessage } from "node:http";
import type { Answer } from "./answer.ts";
import { judge } from "./authenticate.ts";
import { chain, type Awaitable } from "./awaitable.ts";
import { publishAuthenticate } from "./events.ts";
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
  mayLogIn: Guard<unknown>,
  transport: Transport,
): Handler {
  function logout(req: IncomingMessage): Awaitable<Answer | Refusal> {
    return chain(judge(identify, mayLogIn, req), (verdict) => {
      publishAuthenticate(verdict, false);
      return verdict instanceof Refusal ? verdict : transport.logoutAnswer();
    });
  }

  return function logoutHandler(req, res, next) {
    settle(logout, answer, req, res, next);
  };
}
