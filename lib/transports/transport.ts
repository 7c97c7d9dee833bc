import type { IncomingMessage, ServerResponse } from "node:http";
import type { AuthError } from "../errors.ts";

/** How a token travels: where a request carries it, and how a login and a logout are answered. */
export interface Transport {
  /**
   * The token of a request, as it was sent: nothing of it is verified. `undefined` where the request
   * carries no credentials, an error where it carries them in a way that must be refused.
   */
  extractToken(req: IncomingMessage): string | AuthError | undefined;
  /** Answers a login with its token. `Cache-Control: no-store` is set already. */
  sendLogin(res: ServerResponse, token: string, lifetimeSeconds: number | null): void;
  /** Answers a logout. `Cache-Control: no-store` is set already. */
  sendLogout(res: ServerResponse): void;
}
