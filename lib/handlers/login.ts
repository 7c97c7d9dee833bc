import type { IncomingMessage, ServerResponse } from "node:http";
import type { TransportResponse } from "../http/response.ts";
import { readCredentials } from "../http/credentials.ts";
import { AuthError } from "../errors/auth-errors.ts";
import { publishLogin } from "../authentication/events.ts";
import { isDeactivated, isVerified } from "../guards/flags.ts";
import { runHandler, type Handler } from "../http/handler.ts";
import { BadCredentialsError, UserNotVerifiedError } from "../errors/login-errors.ts";
import type { JwtStrategyConfig } from "../strategy/resolve-options.ts";
import type { VerifyCredentials } from "../strategy/options.ts";
import { answer, Refusal } from "../http/refusal.ts";
import type { IssuedToken } from "../sessions/issue-token.ts";

/** What a login needs of its strategy. */
export interface LoginParts<LoginUser> extends Pick<
  JwtStrategyConfig<never, LoginUser>,
  "onAfterLogin" | "onLoginFailed" | "requiresVerification" | "terms" | "transport"
> {
  readonly verifyCredentials: VerifyCredentials<LoginUser>;
  readonly issueFirstToken: (user: LoginUser) => Promise<IssuedToken & { readonly userId: string }>;
}

/** Makes the handler that exchanges a username and a password for a token. */
export function createLogin<LoginUser>(parts: LoginParts<LoginUser>): Handler {
  const { verifyCredentials, requiresVerification, issueFirstToken } = parts;
  const { onAfterLogin, onLoginFailed, transport, terms } = parts;

  async function login(
    req: IncomingMessage,
    res: ServerResponse,
  ): Promise<TransportResponse | Refusal> {
    const refusedUnread = transport.protect(req, true);
    const credentials = refusedUnread ?? (await readCredentials(req, res));
    if (credentials instanceof AuthError) return refused(credentials);

    const user = await verifyCredentials(credentials, req);
    const error = user ? checkLoginUser(user) : new BadCredentialsError("credentials_invalid");
    if (error !== undefined) {
      await onLoginFailed?.({ username: credentials.username, reason: error.reason }, req);
      return refused(error);
    }

    const { token, userId, lifetimeSeconds } = await issueFirstToken(user as LoginUser);
    const answer = transport.loginResponse(token, lifetimeSeconds);
    await onAfterLogin?.(user as LoginUser, req, res);
    publishLogin({ outcome: "accepted", userId });
    return answer;
  }

  function checkLoginUser(user: LoginUser): BadCredentialsError | UserNotVerifiedError | undefined {
    if (isDeactivated(user)) return new BadCredentialsError("user_inactive");
    return requiresVerification && !isVerified(user) ? new UserNotVerifiedError() : undefined;
  }

  function refused(error: AuthError): Refusal {
    publishLogin({ outcome: "refused", reason: error.reason });
    return new Refusal(error, terms);
  }

  return function loginHandler(req, res, next) {
    runHandler(login, answer, req, res, next);
  };
}
