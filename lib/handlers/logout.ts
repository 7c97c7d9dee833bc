import type { IncomingMessage } from "node:http";
import type { TransportResponse } from "../http/response.ts";
import { judge } from "./authenticate.ts";
import { andThen, type Awaitable } from "../util/awaitable.ts";
import { publishAuthenticate } from "../authentication/events.ts";
import type { Guard } from "../guards/guard.ts";
import { runHandler, type Handler } from "../http/handler.ts";
import type { Identify } from "../authentication/identify.ts";
import { answer, Refusal } from "../http/refusal.ts";
import type { Transport } from "../transports/transport.ts";

/**
 * Makes the handler that answers a valid token. It revokes nothing: a JWT stays valid until it
 * expires, and the client is what forgets it.
 */
export function createLogout(
  identify: Identify<unknown>,
  checkLoginEligibility: Guard<unknown>,
  transport: Transport,
): Handler {
  function logout(req: IncomingMessage): Awaitable<TransportResponse | Refusal> {
    return andThen(judge(identify, checkLoginEligibility, req), (verdict) => {
      publishAuthenticate(verdict, false);
      return verdict instanceof Refusal ? verdict : transport.logoutResponse();
    });
  }

  return function logoutHandler(req, res, next) {
    runHandler(logout, answer, req, res, next);
  };
}
