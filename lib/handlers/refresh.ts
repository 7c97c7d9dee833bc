import type { IncomingMessage, ServerResponse } from "node:http";
import { authorizeRequest, type AuthorizeDeps } from "../authentication/authorize-request.ts";
import type { Authenticated, AuthResult } from "../authentication/identify.ts";
import { AuthError, SessionExpiredError } from "../errors/auth-errors.ts";
import { runHandler, type Handler, type Next } from "../http/handler.ts";
import { Refusal, refuse } from "../http/refusal.ts";
import { sendResponse } from "../http/response.ts";
import type { IssueToken } from "../sessions/issue-token.ts";
import type { Session } from "../sessions/session.ts";
import type { VerifiedClaims } from "../token/claims.ts";
import type { BoundTransport } from "../transports/transport.ts";
import type { Awaitable } from "../util/awaitable.ts";

/** The functions that renew a token. */
export interface RenewalDeps<User> {
  readonly resumeSession: (claims: VerifiedClaims) => Session | AuthError;
  readonly issueToken: IssueToken<User>;
}

export interface RefreshDeps<User> extends AuthorizeDeps<User>, RenewalDeps<User> {
  readonly transport: BoundTransport;
}

/**
 * Makes the handler that answers a valid token with a new one, as a login would. The old token stays
 * valid until it expires.
 */
export function createRefresh<User>(deps: RefreshDeps<User>): Handler {
  const { resumeSession, issueToken, transport } = deps;

  function refresh(req: IncomingMessage, res: ServerResponse): Awaitable<AuthResult<User>> {
    return authorizeRequest(req, { optional: false, unsafe: true }, deps, (authenticated) =>
      renew(authenticated, req, res),
    );
  }

  async function renew(
    { user, claims }: Authenticated<User>,
    req: IncomingMessage,
    res: ServerResponse,
  ): Promise<AuthError | undefined> {
    const session = resumeSession(claims);
    if (session instanceof AuthError) return session;
    const { token, lifetimeSeconds } = await issueToken(user, claims.sub, session);
    // The session may have ended while the code of the app was running.
    if (lifetimeSeconds !== null && lifetimeSeconds <= 0) return new SessionExpiredError();
    sendResponse(res, transport.loginResponse(token, lifetimeSeconds, req));
    return undefined;
  }

  return function refreshHandler(req, res, next) {
    runHandler(refresh, refuseUnlessSent, req, res, next);
  };
}

function refuseUnlessSent(
  result: AuthResult<unknown>,
  req: IncomingMessage,
  res: ServerResponse,
  next: Next,
): void {
  if (result instanceof Refusal) refuse(result, req, res, next);
}
