import { setHeaders } from "./answer.ts";
import { chain } from "./awaitable.ts";
import type { VerifiedClaims } from "./claims.ts";
import { AuthError } from "./errors.ts";
import type { MayLogIn } from "./guards/may-log-in.ts";
import type { RenewIfDue } from "./identify.ts";
import { createRequestSlot } from "./request-slot.ts";
import { expiryOf, type Session } from "./session.ts";
import type { IssueToken } from "./token-writer.ts";
import type { Transport } from "./transports/transport.ts";

/** When a token is renewed on the way, and how it reaches the client. */
export interface RenewalTerms {
  /** The part of a token's life that passes first, between 0 and 1. */
  readonly renewAfter: number;
  readonly lifetimeSeconds: number;
  readonly renewalHeaders: NonNullable<Transport["renewalHeaders"]>;
}

/** What a renewal on the way needs of its strategy. */
export interface RenewalParts<User> {
  readonly mayLogIn: MayLogIn;
  readonly resumeSession: (claims: VerifiedClaims) => Session | AuthError;
  readonly issueToken: IssueToken<User>;
}

/**
 * Makes the function that renews tokens on the way, once for each request. Where a login would be
 * refused, or a new token would live no longer, the token is left to expire.
 */
export function createRenewal<User>(
  { renewAfter, lifetimeSeconds, renewalHeaders }: RenewalTerms,
  { mayLogIn, resumeSession, issueToken }: RenewalParts<User>,
): RenewIfDue {
  const longestRest = lifetimeSeconds - lifetimeSeconds * renewAfter;
  const isDone = createRequestSlot<boolean>();

  return function renew(authenticated, req, res) {
    const { user, claims, fingerprint } = authenticated;
    const { exp = Infinity } = claims;
    const now = Date.now() / 1000;
    if (exp - now > longestRest || isDone.get(req)) return;
    isDone.set(req, true);
    const session = resumeSession(claims);
    if (session instanceof AuthError || expiryOf(session, lifetimeSeconds, now) <= exp) return;
    if (mayLogIn(authenticated) !== undefined) return;
    return chain(issueToken(user as User, claims.sub, session, fingerprint), (issued) => {
      if (res.headersSent) return;
      setHeaders(res, renewalHeaders(issued.token, issued.lifetimeSeconds));
      // Nobody else may be handed this token from a cache. What the app says later counts.
      res.setHeader("Cache-Control", "no-store");
    });
  };
}
