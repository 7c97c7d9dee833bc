import { channel } from "node:diagnostics_channel";
import type { AuthErrorReason } from "../errors/auth-errors.ts";
import type { AuthResult } from "./identify.ts";
import { Refusal } from "../http/refusal.ts";

/**
 * What is published on the channel `express-jwt-strategy:authenticate`. Never a token. Logout and
 * refresh publish here, too; a failure (500 or 503) publishes nothing.
 */
export interface AuthenticateEvent {
  /** How it ended. */
  readonly outcome: "accepted" | "anonymous" | "refused";
  /** Why, where the request was refused or is anonymous. */
  readonly reason?: AuthErrorReason;
  /** Whose the token is, where it is verified. */
  readonly userId?: string;
}

/** What is published on the channel `express-jwt-strategy:login`. Never a password. */
export interface LoginEvent {
  /** How it ended. */
  readonly outcome: "accepted" | "refused";
  /** Why, where the login was refused. */
  readonly reason?: AuthErrorReason;
  /** Whose the new token is. */
  readonly userId?: string;
}

const authenticateChannel = channel("express-jwt-strategy:authenticate");
const loginChannel = channel("express-jwt-strategy:login");

/** Whether anybody listens; otherwise the event is not even made. */
export function isAuthenticateHeard(): boolean {
  return authenticateChannel.hasSubscribers;
}

export function publishAuthenticate(verdict: AuthResult<unknown>, goesOn: boolean): void {
  if (!isAuthenticateHeard()) return;
  const event: AuthenticateEvent =
    verdict instanceof Refusal
      ? {
          outcome: goesOn ? "anonymous" : "refused",
          reason: verdict.error.reason,
          ...(verdict.userId === undefined ? {} : { userId: verdict.userId }),
        }
      : { outcome: "accepted", userId: verdict.claims.sub };
  authenticateChannel.publish(event);
}

export function publishLogin(event: LoginEvent): void {
  loginChannel.publish(event);
}
