import { channel } from "node:diagnostics_channel";
import type { AuthErrorReason } from "../errors/reasons.ts";
import { Refusal } from "../http/refusal.ts";
import type { AuthResult } from "./identify.ts";

/**
 * Published on the channel `express-jwt-strategy:authenticate`, also by logout and refresh. Contains no
 * token. A failure (500 or 503) publishes nothing.
 */
export interface AuthenticateEvent {
  /** The result. */
  readonly outcome: "accepted" | "anonymous" | "refused";
  /** Why the request was refused or is anonymous. */
  readonly reason?: AuthErrorReason;
  /** The `sub` of the token, if it is verified. */
  readonly userId?: string;
}

/** Published on the channel `express-jwt-strategy:login`. Contains no password. */
export interface LoginEvent {
  /** The result. */
  readonly outcome: "accepted" | "refused";
  /** Why the login was refused. */
  readonly reason?: AuthErrorReason;
  /** The `sub` of the new token. */
  readonly userId?: string;
}

const authenticateChannel = channel("express-jwt-strategy:authenticate");
const loginChannel = channel("express-jwt-strategy:login");

/**
 * Publishes the result of a request. The event is created only for subscribers.
 *
 * @param continues the request continues, with or without a user.
 */
export function publishAuthenticate(result: AuthResult<unknown>, continues: boolean): void {
  if (!authenticateChannel.hasSubscribers) return;
  const event: AuthenticateEvent =
    result instanceof Refusal
      ? {
          outcome: continues ? "anonymous" : "refused",
          reason: result.error.reason,
          ...(result.userId === undefined ? {} : { userId: result.userId }),
        }
      : { outcome: "accepted", userId: result.claims.sub };
  authenticateChannel.publish(event);
}

export function publishLogin(event: LoginEvent): void {
  loginChannel.publish(event);
}
