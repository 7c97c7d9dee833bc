import type { IncomingMessage, ServerResponse } from "node:http";
import type { Conditions } from "./authenticate-options.ts";
import { andThen, type Awaitable } from "../util/awaitable.ts";
import { debug } from "../util/debug.ts";
import { clearUser, setUser, type RequestSlot } from "../http/request-slot.ts";
import { runHandler, type Handler, type Next } from "../http/handler.ts";
import type { Guard } from "../guards/guard.ts";
import type { Identify, AuthResult } from "../authentication/identify.ts";
import { isAuthenticateHeard, publishAuthenticate } from "../authentication/events.ts";
import { Refusal, refuse } from "../http/refusal.ts";

/** Identifies who makes a request, and asks the guard about them. */
export function judge<User>(
  identify: Identify<User>,
  guard: Guard<User>,
  req: IncomingMessage,
): Awaitable<AuthResult<User>> {
  return andThen(identify(req), (identified) => {
    if (identified instanceof Refusal) return identified;
    return andThen(guard(identified, req), (error) => {
      if (error !== undefined) return new Refusal(error, identified.terms, identified.claims.sub);
      debug("accepted");
      return identified;
    });
  });
}

/** Whether a request goes on: with its user, or without one where that is allowed. */
export function isAllowed(
  verdict: AuthResult<unknown>,
  optional: Conditions<unknown>["optional"],
): boolean {
  return (
    !(verdict instanceof Refusal) ||
    optional === "lenient" ||
    (optional && verdict.error.reason === "credentials_missing")
  );
}

/** Makes the middleware that lets a request go on only with a user, or says 400, 401 or 403. */
export function createAuthenticate<User>(
  identify: Identify<User>,
  conditions: Conditions<User>,
  slot: RequestSlot<AuthResult<User>>,
): Handler {
  function attempt(req: IncomingMessage, res: ServerResponse): Awaitable<AuthResult<User>> {
    // What earlier middleware says about the user does not count.
    clearUser(req);
    return andThen(judge(identify, conditions.guard, req), (verdict) =>
      verdict instanceof Refusal || verdict.renew === undefined
        ? verdict
        : andThen(verdict.renew(verdict, req, res), () => verdict),
    );
  }

  const onResult = (
    verdict: AuthResult<User>,
    req: IncomingMessage,
    res: ServerResponse,
    next: Next,
  ): void => {
    if (res.writableEnded) return;
    const goesOn = isAllowed(verdict, conditions.optional);
    if (isAuthenticateHeard() && (!goesOn || verdict !== slot.get(req))) {
      publishAuthenticate(verdict, goesOn);
    }
    slot.set(req, verdict);
    setUser(req, verdict instanceof Refusal ? undefined : verdict.user);
    if (verdict instanceof Refusal && !goesOn) refuse(verdict, req, res, next);
    else next();
  };

  return function authenticateMiddleware(req, res, next) {
    runHandler(attempt, onResult, req, res, next);
  };
}
