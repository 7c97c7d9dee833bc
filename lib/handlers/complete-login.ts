import type { IncomingMessage, ServerResponse } from "node:http";
import { publishLogin } from "../authentication/events.ts";
import { isUser } from "../authentication/user.ts";
import type { AuthError } from "../errors/auth-errors.ts";
import { toServerError } from "../errors/server-error.ts";
import type { LoginEligibility } from "../guards/login-eligibility.ts";
import { logRefusal, Refusal } from "../http/refusal.ts";
import type { RefusalConfig } from "../http/refusal-options.ts";
import { sendResponse, type TransportResponse } from "../http/response.ts";
import type { IssuedToken } from "../sessions/issue-token.ts";
import type { BoundTransport } from "../transports/transport.ts";
import { checkAwaited, type Awaitable } from "../util/awaitable.ts";

export interface LoginResponseDeps<LoginUser> {
  readonly issueFirstToken: (user: LoginUser) => Promise<IssuedToken & { readonly userId: string }>;
  readonly transport: BoundTransport;
  readonly onAfterLogin:
    | ((user: LoginUser, req: IncomingMessage, res: ServerResponse) => Awaitable<unknown>)
    | undefined;
}

/** Creates the response to the login of a user who may log in. */
export type CreateLoginResponse<LoginUser> = (
  user: LoginUser,
  req: IncomingMessage,
  res: ServerResponse,
) => Promise<TransportResponse>;

export function createLoginResponse<LoginUser>({
  issueFirstToken,
  transport,
  onAfterLogin,
}: LoginResponseDeps<LoginUser>): CreateLoginResponse<LoginUser> {
  return async function issueLoginResponse(user, req, res) {
    const { token, userId, lifetimeSeconds } = await issueFirstToken(user);
    const response = transport.loginResponse(token, lifetimeSeconds, req);
    await onAfterLogin?.(user, req, res);
    publishLogin({ outcome: "accepted", userId });
    return response;
  };
}

/** Reports a refused login. */
export function refuseLogin(error: AuthError, strategy: RefusalConfig): Refusal {
  const refusal = new Refusal(error, strategy);
  logRefusal(refusal);
  publishLogin({ outcome: "refused", reason: error.reason });
  return refusal;
}

/** Logs a user in whom the app has authenticated itself. */
export type CompleteLogin<LoginUser> = (
  user: LoginUser,
  req: IncomingMessage,
  res: ServerResponse,
) => Promise<void>;

/** Makes `completeLogin`. */
export function createCompleteLogin<LoginUser>(
  strategy: RefusalConfig,
  checkLogin: LoginEligibility["checkLogin"],
  issueLoginResponse: CreateLoginResponse<LoginUser>,
): CompleteLogin<LoginUser> {
  return async function completeLogin(user, req, res) {
    checkAwaited(user, "completeLogin() requires a user, not a promise: await it");
    if (!isUser(user, "The user of completeLogin()")) {
      throw new TypeError("completeLogin() requires a user");
    }
    let response: TransportResponse | Refusal;
    try {
      const error = checkLogin(user);
      response =
        error === undefined
          ? await issueLoginResponse(user, req, res)
          : refuseLogin(error, strategy);
    } catch (thrown) {
      throw toServerError(thrown);
    }
    if (response instanceof Refusal) throw response.error;
    sendResponse(res, response);
  };
}
