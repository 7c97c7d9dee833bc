import type { IncomingMessage } from "node:http";
import { authorizeRequest, type AuthorizeDeps } from "../authentication/authorize-request.ts";
import { runHandler, type Handler } from "../http/handler.ts";
import { Refusal, respond } from "../http/refusal.ts";
import type { TransportResponse } from "../http/response.ts";
import type { BoundTransport } from "../transports/transport.ts";

export interface LogoutDeps extends AuthorizeDeps<unknown> {
  readonly transport: BoundTransport;
}

/** Makes the handler that answers a request with a valid token. It revokes nothing: a JWT is valid until it expires. */
export function createLogout(deps: LogoutDeps): Handler {
  async function logout(req: IncomingMessage): Promise<TransportResponse | Refusal> {
    const result = await authorizeRequest(req, { optional: false, unsafe: true }, deps);
    return result instanceof Refusal ? result : deps.transport.logoutResponse();
  }

  return function logoutHandler(req, res, next) {
    runHandler(logout, respond, req, res, next);
  };
}
