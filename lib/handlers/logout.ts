import type { IncomingMessage } from "node:http";
import { authorizeRequest, type Guard } from "../authentication/authorize-request.ts";
import type { AuthenticationConfig, Identify } from "../authentication/identify.ts";
import { CrossSiteRequestError } from "../errors/auth-errors.ts";
import { runHandler, type Handler } from "../http/handler.ts";
import { Refusal, respond } from "../http/refusal.ts";
import { getHeaders, type TransportResponse } from "../http/response.ts";
import { checkProtectResult, type BoundTransport } from "../transports/transport.ts";

/** A strategy whose tokens can be logged out. */
export interface LogoutMember {
  readonly strategy: AuthenticationConfig;
  readonly guard: Guard<unknown>;
  readonly transport: BoundTransport;
}

/**
 * Creates the handler that answers a request with a valid token, as the strategy of the token does. It
 * revokes nothing: a JWT is valid until it expires. It clears the cookies of all members, or another one
 * would authenticate the next request. A refused logout clears them too: scripts cannot clear an HttpOnly
 * cookie.
 */
export function createLogout(
  identify: Identify<unknown>,
  members: readonly LogoutMember[],
): Handler {
  /** Every strategy that `identify` can return is a member. */
  function getMember(strategy: AuthenticationConfig): LogoutMember {
    const [own] = members.filter((member) => member.strategy === strategy) as [LogoutMember];
    return own;
  }

  const guard: Guard<unknown> = (authenticated, req) =>
    getMember(authenticated.strategy).guard(authenticated, req);

  async function logout(req: IncomingMessage): Promise<TransportResponse | Refusal> {
    const deps = { identify, guards: [guard] };
    const result = await authorizeRequest(req, { optional: false, unsafe: true }, deps);
    if (result instanceof Refusal) {
      if (mayClear(result)) setCookies(result.headers, clearCookies(members, req));
      return result;
    }
    const own = getMember(result.strategy);
    const response = own.transport.logoutResponse(req);
    const others = members.filter((member) => member !== own);
    const headers = { ...getHeaders(response) };
    setCookies(headers, [...getCookies(response), ...clearCookies(others, req)]);
    return { ...response, headers };
  }

  return function logoutHandler(req, res, next) {
    runHandler(logout, respond, req, res, next);
  };
}

/** Whether there is something to clear. Another site must not log the user out. */
function mayClear(refusal: Refusal): boolean {
  return (
    !(refusal.error instanceof CrossSiteRequestError) &&
    [refusal, ...refusal.others].some(({ error }) => error.reason !== "credentials_missing")
  );
}

function clearCookies(members: readonly LogoutMember[], req: IncomingMessage): readonly string[] {
  return members
    .filter(({ transport }) => {
      const refused: unknown = transport.protect?.(req, true);
      checkProtectResult(refused);
      return refused === undefined;
    })
    .flatMap(({ transport }) => getCookies(transport.logoutResponse(req)));
}

function getCookies(response: TransportResponse): readonly string[] {
  return Object.entries(getHeaders(response)).flatMap(([name, value]) =>
    isSetCookie(name) ? value : [],
  );
}

function setCookies(
  headers: Record<string, string | readonly string[]>,
  cookies: readonly string[],
): void {
  if (cookies.length === 0) return;
  for (const name of Object.keys(headers).filter(isSetCookie))
    Reflect.deleteProperty(headers, name);
  headers["Set-Cookie"] = [...new Set(cookies)];
}

function isSetCookie(name: string): boolean {
  return name.toLowerCase() === "set-cookie";
}
