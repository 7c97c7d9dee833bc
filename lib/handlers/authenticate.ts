import type { IncomingMessage, ServerResponse } from "node:http";
import { authorizeRequest, isAllowed } from "../authentication/authorize-request.ts";
import type { AuthResult, Identify } from "../authentication/identify.ts";
import { checkNext, failRequest, runHandler, type Handler, type Next } from "../http/handler.ts";
import { Refusal, refuse } from "../http/refusal.ts";
import { addVary } from "../http/response.ts";
import { clearUser, setUser, type RequestSlot } from "../http/request-slot.ts";
import { isPromiseLike, type Awaitable } from "../util/awaitable.ts";
import type { AuthenticateConfig } from "./authenticate-options.ts";

export interface AuthenticateDeps<User> {
  readonly identify: Identify<User>;
  /** Stores the result for `currentUser` and `authorize()`. */
  readonly slot: RequestSlot<AuthResult<User>>;
  /** Returns the request headers that contain tokens, for `Vary`. */
  readonly getTokenHeaders: () => readonly string[];
  /** Whether a strategy may have a token to renew. */
  readonly renews: boolean;
}

/**
 * Makes the middleware that continues a request with its user, or answers 400, 401 or 403.
 *
 * @param isFollowUp `identify` returns the result of an earlier middleware.
 */
export function createAuthenticate<User>(
  config: AuthenticateConfig<User>,
  { identify, slot, getTokenHeaders, renews }: AuthenticateDeps<User>,
  isFollowUp = false,
): Handler {
  const { optional, guards } = config;
  const authorizeConfig = { optional, isFollowUp };
  const deps = { identify, guards };

  function finish(
    result: AuthResult<User>,
    req: IncomingMessage,
    res: ServerResponse,
    next: Next,
  ): void {
    if (res.writableEnded) return;
    slot.set(req, result);
    if (!isFollowUp && !res.headersSent) addVary(res, getTokenHeaders());
    const isRefused = result instanceof Refusal;
    setUser(req, isRefused ? undefined : result.user);
    if (isRefused && !isAllowed(result, optional)) refuse(result, req, res, next);
    else next();
  }

  return function authenticateMiddleware(req, res, next) {
    checkNext(next);
    // The result of earlier middleware is discarded, even if this one fails.
    clearUser(req);
    if (!isFollowUp) slot.set(req, undefined);
    let result: Awaitable<AuthResult<User>>;
    try {
      result = authorizeRequest(
        req,
        authorizeConfig,
        deps,
        renews
          ? (authenticated) => authenticated.strategy.renewIfDue?.(authenticated, req, res)
          : undefined,
      );
    } catch (thrown) {
      failRequest(thrown, res, next);
      return;
    }
    if (isPromiseLike(result)) runHandler(() => result, finish, req, res, next);
    else finish(result, req, res, next);
  };
}
