import type { IncomingMessage } from "node:http";
import type { Answer } from "./answer.ts";
import { judge } from "./authenticate.ts";
import { chain, type Awaitable } from "./awaitable.ts";
import type { VerifiedClaims } from "./claims.ts";
import { AuthError, SessionExpiredError } from "./errors.ts";
import { publishAuthenticate } from "./events.ts";
import type { Guard } from "./guards/guard.ts";
import { settle, type Handler } from "./handler.ts";
import type { Identify } from "./identify.ts";
import { answer, Refusal } from "./refusal.ts";
import type { Session } from "./session.ts";
import type { IssueToken } from "./token-writer.ts";
import type { Transport } from "./transports/transport.ts";

/** What a renewal needs of its strategy. */
export interface RefreshParts<User> {
  readonly identify: Identify<User>;
  readonly mayLogIn: Guard<unknown>;
  readonly resumeSession: (claims: VerifiedClaims) => Session | AuthError;
  readonly issueToken: IssueToken<User>;
  readonly transport: Transport;
}

/**
 * Makes the handler that answers a valid token with a new one, as a login would. The old one stays
 * valid until it expires.
 */
export function createRefresh<User>(parts: RefreshParts<User>): Handler {
  const { identify, mayLogIn, resumeSession, issueToken, transport } = parts;

  function refresh(req: IncomingMessage): Awaitable<Answer | Refusal> {
    return chain(judge(identify, mayLogIn, req), async (verdict) => {
      if (verdict instanceof Refusal) return refused(verdict);
      const { user, claims, terms, fingerprint } = verdict;
      const session = resumeSession(claims);
      if (session instanceof AuthError) return refused(new Refusal(session, terms, claims.sub));
      const { token, lifetimeSeconds } = await issueToken(user, claims.sub, session, fingerprint);
      if (lifetimeSeconds !== null && lifetimeSeconds <= 0) {
        // The session has ended while the app's own code was at work.
        return refused(new Refusal(new SessionExpiredError(), terms, claims.sub));
      }
      const renewed = transport.loginAnswer(token, lifetimeSeconds);
      publishAuthenticate(verdict, false);
      return renewed;
    });
  }

  return function refreshHandler(req, res, next) {
    settle(refresh, answer, req, res, next);
  };
}

function refused(refusal: Refusal): Refusal {
  publishAuthenticate(refusal, false);
  return refusal;
}
