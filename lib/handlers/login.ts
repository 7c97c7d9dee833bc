import type { IncomingMessage, ServerResponse } from "node:http";
import { isUser } from "../authentication/user.ts";
import { AuthError } from "../errors/auth-errors.ts";
import { BadCredentialsError } from "../errors/login-errors.ts";
import type { BadCredentialsReason, UserNotVerifiedReason } from "../errors/reasons.ts";
import type { LoginEligibility } from "../guards/login-eligibility.ts";
import { readCredentials, type Credentials } from "../http/credentials.ts";
import { runHandler, type Handler } from "../http/handler.ts";
import { type Refusal, respond } from "../http/refusal.ts";
import type { RefusalConfig } from "../http/refusal-options.ts";
import type { TransportResponse } from "../http/response.ts";
import { checkProtectResult, type BoundTransport } from "../transports/transport.ts";
import type { Awaitable } from "../util/awaitable.ts";
import { checkFunction } from "../util/option-checks.ts";
import { refuseLogin, type CreateLoginResponse } from "./complete-login.ts";

/** As methods, so that TypeScript accepts callbacks whose `req` and `res` have Express's types. */
interface LoginCallbacks<LoginUser> {
  verifyCredentials(
    credentials: Credentials,
    req: IncomingMessage,
  ): Awaitable<LoginUser | null | undefined | false>;
  onAfterLogin(user: LoginUser, req: IncomingMessage, res: ServerResponse): Awaitable<unknown>;
  onLoginFailed(failure: LoginFailure, req: IncomingMessage): Awaitable<unknown>;
}

/** A username and a password that were refused. */
export interface LoginFailure {
  /** The username. The password is not kept. */
  readonly username: string;
  /** Why the response is `LOGIN_BAD_CREDENTIALS` or `LOGIN_USER_NOT_VERIFIED`. */
  readonly reason: BadCredentialsReason | UserNotVerifiedReason;
}

/** Checks a username and a password. */
export type VerifyCredentials<LoginUser> = LoginCallbacks<LoginUser>["verifyCredentials"];

/** Runs after a login, before the response. */
export type OnAfterLogin<LoginUser> = LoginCallbacks<LoginUser>["onAfterLogin"];

/** Runs after a refused login, before the response. */
export type OnLoginFailed = LoginCallbacks<never>["onLoginFailed"];

/** The options for the login handler. */
export interface LoginOptions<LoginUser> {
  /**
   * Checks a username and a password: returns the user, or `null` (or another falsy value) if they are
   * wrong. An error that it throws is a 500, and so is an array, an Error or a function. It should take as long for an unknown user as for a wrong password. Default: none, and reading
   * `login` throws a TypeError.
   */
  readonly verifyCredentials?: VerifyCredentials<LoginUser> | undefined;
  /**
   * Called after a successful login and awaited before the response. May set headers. What it throws is
   * a 500, and the token is not sent. Default: none.
   */
  readonly onAfterLogin?: OnAfterLogin<LoginUser> | undefined;
  /**
   * Called if a username and a password are refused, and awaited before the response: for counters and
   * lock-outs. An error that it throws is a 500. Default: none.
   */
  readonly onLoginFailed?: OnLoginFailed | undefined;
}

/** The checked {@link LoginOptions}. */
export interface LoginConfig<LoginUser> {
  readonly verifyCredentials: VerifyCredentials<LoginUser> | undefined;
  readonly onAfterLogin: OnAfterLogin<LoginUser> | undefined;
  readonly onLoginFailed: OnLoginFailed | undefined;
}

export function resolveLoginOptions<LoginUser>(given: {
  readonly [Name in keyof LoginOptions<LoginUser>]: unknown;
}): LoginConfig<LoginUser> {
  const { verifyCredentials, onAfterLogin, onLoginFailed } = given;
  checkFunction(verifyCredentials, "verifyCredentials");
  checkFunction(onAfterLogin, "onAfterLogin");
  checkFunction(onLoginFailed, "onLoginFailed");
  return { verifyCredentials, onAfterLogin, onLoginFailed } as LoginConfig<LoginUser>;
}

export interface LoginDeps<LoginUser> {
  readonly verifyCredentials: VerifyCredentials<LoginUser>;
  readonly onLoginFailed: OnLoginFailed | undefined;
  readonly checkLogin: LoginEligibility["checkLogin"];
  readonly issueLoginResponse: CreateLoginResponse<LoginUser>;
  readonly transport: BoundTransport;
}

/** Makes the handler that exchanges a username and a password for a token. */
export function createLogin<LoginUser>(
  strategy: RefusalConfig,
  deps: LoginDeps<LoginUser>,
): Handler {
  const { verifyCredentials, onLoginFailed, checkLogin, issueLoginResponse, transport } = deps;

  async function login(
    req: IncomingMessage,
    res: ServerResponse,
  ): Promise<TransportResponse | Refusal> {
    const refused: unknown = transport.protect?.(req, true);
    checkProtectResult(refused);
    const credentials = refused ?? (await readCredentials(req));
    if (credentials instanceof AuthError) return refuseLogin(credentials, strategy);

    const user = await verifyCredentials(credentials, req);
    const error = isUser(user, "The result of verifyCredentials")
      ? checkLogin(user)
      : new BadCredentialsError("credentials_invalid");
    if (error !== undefined) {
      await onLoginFailed?.({ username: credentials.username, reason: error.reason }, req);
      return refuseLogin(error, strategy);
    }

    return issueLoginResponse(user as LoginUser, req, res);
  }

  return function loginHandler(req, res, next) {
    runHandler(login, respond, req, res, next);
  };
}
