import type { ServerResponse } from "node:http";
import type { Authenticated, RenewIfDue } from "../authentication/identify.ts";
import { AuthError } from "../errors/auth-errors.ts";
import { createRequestSlot } from "../http/request-slot.ts";
import { setHeaders } from "../http/response.ts";
import { getExpiry, type RenewalRequirements, type Session } from "../sessions/session.ts";
import type { Transport } from "../transports/transport.ts";
import { check } from "../util/option-checks.ts";
import type { RenewalDeps } from "./refresh.ts";

/** The option for renewals by `authenticate()`. */
export interface SlidingRenewalOptions {
  /**
   * The fraction of a token's lifetime, between 0 and 1 (both excluded), after which `authenticate()`
   * renews it: with `0.5`, in the second half. Requires a transport that can send a token with any
   * response, such as `cookieTransport()`. Default: only `refresh` renews.
   */
  readonly renewAfterFraction?: number | undefined;
}

/** The checked {@link SlidingRenewalOptions}. */
export interface SlidingRenewalConfig {
  readonly renewAfterFraction: number;
  readonly lifetimeSeconds: number;
  readonly renewalHeaders: NonNullable<Transport["renewalHeaders"]>;
}

export function resolveSlidingRenewal(
  renewAfterFraction: unknown,
  { lifetimeSeconds, loadsUsers, canSign }: RenewalRequirements,
  { renewalHeaders }: Pick<Transport, "renewalHeaders">,
): SlidingRenewalConfig | undefined {
  if (renewAfterFraction === undefined) return undefined;
  check(
    typeof renewAfterFraction === "number" && renewAfterFraction > 0 && renewAfterFraction < 1,
    "renewAfterFraction",
    "a number between 0 and 1",
  );
  check(lifetimeSeconds !== null, "lifetimeSeconds", "a number if renewAfterFraction is set");
  check(
    loadsUsers,
    "findUser",
    "set if renewAfterFraction is; without it, tokens of deleted users could be renewed",
  );
  check(canSign, "secret", "set if renewAfterFraction is: it signs new tokens");
  if (renewalHeaders === undefined) {
    throw new TypeError(
      "renewAfterFraction requires a transport with renewalHeaders, such as cookieTransport(); " +
        "with bearerTransport() use the refresh handler",
    );
  }
  return { renewAfterFraction, lifetimeSeconds, renewalHeaders };
}

export interface SlidingRenewalDeps<User> extends RenewalDeps<User> {
  readonly checkEligibility: (authenticated: Authenticated<unknown>) => AuthError | undefined;
}

/**
 * Makes the function that renews a token with the response to any request, once for each request. If the
 * user may not log in, or the new token would not be valid for longer, the token is left to expire.
 */
export function createSlidingRenewal<User>(
  { renewAfterFraction, lifetimeSeconds, renewalHeaders }: SlidingRenewalConfig,
  { checkEligibility, resumeSession, issueToken }: SlidingRenewalDeps<User>,
): RenewIfDue {
  const dueSeconds = lifetimeSeconds - lifetimeSeconds * renewAfterFraction;
  const isDone = createRequestSlot<boolean>();

  async function addToken(
    { user, claims }: Authenticated<unknown>,
    session: Session,
    res: ServerResponse,
  ): Promise<undefined> {
    const issued = await issueToken(user as User, claims.sub, session);
    if (res.headersSent) return;
    setHeaders(res, renewalHeaders(issued.token, issued.lifetimeSeconds));
    // A cache must not give this token to others. The app may set another value afterwards.
    res.setHeader("Cache-Control", "no-store");
  }

  return function renewIfDue(authenticated, req, res) {
    const { exp = Infinity } = authenticated.claims;
    const now = Date.now() / 1000;
    if (exp - now > dueSeconds || isDone.get(req)) return undefined;
    isDone.set(req, true);
    const session = resumeSession(authenticated.claims);
    const isUseless =
      session instanceof AuthError ||
      getExpiry(session, lifetimeSeconds, now) <= exp ||
      checkEligibility(authenticated) !== undefined;
    return isUseless ? undefined : addToken(authenticated, session, res);
  };
}
