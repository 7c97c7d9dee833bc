import type { IncomingMessage } from "node:http";
import type { TransportResponse } from "../http/response.ts";
import { judge } from "./authenticate.ts";
import { andThen, type Awaitable } from "../util/awaitable.ts";
import type { VerifiedClaims } from "../token/claims.ts";
import { AuthError, SessionExpiredError } from "../errors/auth-errors.ts";
import { publishAuthenticate } from "../authentication/events.ts";
import type { Guard } from "../guards/guard.ts";
import { runHandler, type Handler } from "../http/handler.ts";
import type { Identify } from "../authentication/identify.ts";
import { answer, Refusal } from "../http/refusal.ts";
import type { Session } from "../sessions/session.ts";
import type { IssueToken } from "../sessions/issue-token.ts";
import type { Transport } from "../transports/transport.ts";

/** What a renewal needs of its strategy. */
export interface RefreshParts<User> {
  readonly identify: Identify<User>;
  readonly checkLoginEligibility: Guard<unknown>;
  readonly resumeSession: (claims: VerifiedClaims) => Session | AuthError;
  readonly issueToken: IssueToken<User>;
  readonly transport: Transport;
}

/**
 * Makes the handler that answers a valid token with a new one, as a login would. The old one stays
 * valid until it expires.
 */
export function createRefresh<User>(parts: RefreshParts<User>): Handler {
  const { identify, checkLoginEligibility, resumeSession, issueToken, transport } = parts;

  function refresh(req: IncomingMessage): Awaitable<TransportResponse | Refusal> {
    return andThen(judge(identify, checkLoginEligibility, req), async (verdict) => {
      if (verdict instanceof Refusal) return refused(verdict);
      const { user, claims, terms, securityStamp } = verdict;
      const session = resumeSession(claims);
      if (session instanceof AuthError) return refused(new Refusal(session, terms, claims.sub));
      const { token, lifetimeSeconds } = await issueToken(user, claims.sub, session, securityStamp);
      if (lifetimeSeconds !== null && lifetimeSeconds <= 0) {
        // The session has ended while the app's own code was at work.
        return refused(new Refusal(new SessionExpiredError(), terms, claims.sub));
      }
      const renewed = transport.loginResponse(token, lifetimeSeconds);
      publishAuthenticate(verdict, false);
      return renewed;
    });
  }

  return function refreshHandler(req, res, next) {
    runHandler(refresh, answer, req, res, next);
  };
}

function refused(refusal: Refusal): Refusal {
  publishAuthenticate(refusal, false);
  return refusal;
}
