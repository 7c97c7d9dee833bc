import type { IncomingMessage, ServerResponse } from "node:http";
import { readCredentials } from "./credentials.ts";
import { AuthError, BadCredentialsError, UserNotVerifiedError } from "./errors.ts";
import { isDeactivated, isVerified } from "./guards.ts";
import { settle, type Handler } from "./handler.ts";
import type { VerifyCredentials } from "./options.ts";
import type { Refuse } from "./refuse.ts";
import type { Transport } from "./transports/transport.ts";

/** What a login needs of its strategy. */
export interface LoginParts<LoginUser> {
  readonly verifyCredentials: VerifyCredentials<LoginUser>;
  readonly requiresVerification: boolean;
  readonly writeToken: (user: LoginUser) => Promise<string>;
  readonly lifetimeSeconds: number | null;
  readonly transport: Transport;
  readonly refuse: Refuse;
}

/** Makes the handler that exchanges a username and a password for a token. */
export function createLogin<LoginUser>(parts: LoginParts<LoginUser>): Handler {
  const { verifyCredentials, requiresVerification, writeToken } = parts;
  const { lifetimeSeconds, transport, refuse } = parts;

  async function login(req: IncomingMessage, res: ServerResponse): Promise<string | AuthError> {
    const credentials = await readCredentials(req, res);
    if (credentials instanceof AuthError) return credentials;
    const user = await verifyCredentials(credentials, req);
    if (!user) return new BadCredentialsError("credentials_invalid");
    if (isDeactivated(user)) return new BadCredentialsError("user_inactive");
    if (requiresVerification && !isVerified(user)) return new UserNotVerifiedError();
    return writeToken(user);
  }

  return function loginHandler(req, res, next) {
    settle(
      () => login(req, res),
      (outcome) => {
        if (outcome instanceof AuthError) {
          refuse(outcome, req, res, next);
        } else if (!res.headersSent) {
          res.setHeader("Cache-Control", "no-store");
          transport.sendLogin(res, outcome, lifetimeSeconds);
        }
      },
      next,
    );
  };
}
