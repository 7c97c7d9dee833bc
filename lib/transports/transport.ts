import type { IncomingMessage } from "node:http";
import type { Answer } from "../answer.ts";
import type { AuthError } from "../errors.ts";

/**
 * How a token travels: where a request carries it, and how a login and a logout are answered. Each
 * method works on Node's own request, so a WebSocket upgrade will do as well as an Express request.
 */
export interface Transport {
  /**
   * Judges a request before anything of it is read: `authenticate()`, `login` and `logout` all ask.
   * Returns why it is refused, or `undefined`. Left out: nothing to judge.
   */
  protect?(req: IncomingMessage): AuthError | undefined;
  /**
   * The token of a request, as it was sent: nothing of it is verified. `undefined` where the request
   * carries no credentials, an error where it carries them in a way that must be refused.
   */
  extractToken(req: IncomingMessage): string | AuthError | undefined;
  /**
   * The answer to a login. `Cache-Control: no-store` is added.
   *
   * @param lifetimeSeconds how long the token is valid; `null` for ever.
   */
  loginAnswer(token: string, lifetimeSeconds: number | null): Answer;
  /** The answer to a logout. `Cache-Control: no-store` is added. */
  logoutAnswer(): Answer;
}
