import { setHeaders } from "../http/response.ts";
import { andThen } from "../util/awaitable.ts";
import type { VerifiedClaims } from "../token/claims.ts";
import { AuthError } from "../errors/auth-errors.ts";
import type { CheckLoginEligibility } from "../guards/login-eligibility.ts";
import type { RenewIfDue } from "../authentication/identify.ts";
import { createRequestSlot } from "../http/request-slot.ts";
import { getExpiry, type Session } from "../sessions/session.ts";
import type { IssueToken } from "../sessions/issue-token.ts";
import type { Transport } from "../transports/transport.ts";

/** When a token is renewed on the way, and how it reaches the client. */
export interface RenewalTerms {
  /** The part of a token's life that passes first, between 0 and 1. */
  readonly renewAfterFraction: number;
  readonly lifetimeSeconds: number;
  readonly renewalHeaders: NonNullable<Transport["renewalHeaders"]>;
}

/** What a renewal on the way needs of its strategy. */
export interface RenewalParts<User> {
  readonly checkLoginEligibility: CheckLoginEligibility;
  readonly resumeSession: (claims: VerifiedClaims) => Session | AuthError;
  readonly issueToken: IssueToken<User>;
}

/**
 * Makes the function that renews tokens on the way, once for each request. Where a login would be
 * refused, or a new token would live no longer, the token is left to expire.
 */
export function createRenewal<User>(
  { renewAfterFraction, lifetimeSeconds, renewalHeaders }: RenewalTerms,
  { checkLoginEligibility, resumeSession, issueToken }: RenewalParts<User>,
): RenewIfDue {
  const longestRest = lifetimeSeconds - lifetimeSeconds * renewAfterFraction;
  const isDone = createRequestSlot<boolean>();

  return function renew(authenticated, req, res) {
    const { user, claims, securityStamp } = authenticated;
    const { exp = Infinity } = claims;
    const now = Date.now() / 1000;
    if (exp - now > longestRest || isDone.get(req)) return;
    isDone.set(req, true);
    const session = resumeSession(claims);
    if (session instanceof AuthError || getExpiry(session, lifetimeSeconds, now) <= exp) return;
    if (checkLoginEligibility(authenticated) !== undefined) return;
    return andThen(issueToken(user as User, claims.sub, session, securityStamp), (issued) => {
      if (res.headersSent) return;
      setHeaders(res, renewalHeaders(issued.token, issued.lifetimeSeconds));
      // Nobody else may be handed this token from a cache. What the app says later counts.
      res.setHeader("Cache-Control", "no-store");
    });
  };
}
