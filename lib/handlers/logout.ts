import type { IncomingMessage } from "node:http";
import { authorizeRequest, type AuthorizeDeps } from "../authentication/authorize-request.ts";
import { CredentialsRequiredError, CrossSiteRequestError } from "../errors/auth-errors.ts";
import { runHandler, type Handler } from "../http/handler.ts";
import { Refusal, respond } from "../http/refusal.ts";
import type { TransportResponse } from "../http/response.ts";
import type { BoundTransport } from "../transports/transport.ts";

export interface LogoutDeps extends AuthorizeDeps<unknown> {
  readonly transport: BoundTransport;
}

/**
 * Makes the handler that answers a request with a valid token. It revokes nothing: a JWT is valid until it
 * expires. A refused logout clears the cookie, too: scripts cannot, because it is HttpOnly.
 */
export function createLogout(deps: LogoutDeps): Handler {
  const { transport } = deps;

  async function logout(req: IncomingMessage): Promise<TransportResponse | Refusal> {
    const result = await authorizeRequest(req, { optional: false, unsafe: true }, deps);
    if (!(result instanceof Refusal)) return transport.logoutResponse(req);
    if (mayClear(result, req)) addCookies(result, transport.logoutResponse(req));
    return result;
  }

  /** Whether there is something to clear. Another site must not log the user out. */
  function mayClear({ error }: Refusal, req: IncomingMessage): boolean {
    return (
      !(error instanceof CredentialsRequiredError || error instanceof CrossSiteRequestError) &&
      transport.protect?.(req, true) === undefined
    );
  }

  return function logoutHandler(req, res, next) {
    runHandler(logout, respond, req, res, next);
  };
}

function addCookies({ error }: Refusal, { headers = {} }: TransportResponse): void {
  for (const [name, value] of Object.entries(headers)) {
    if (name.toLowerCase() === "set-cookie") error.headers["Set-Cookie"] = [value].flat();
  }
}
