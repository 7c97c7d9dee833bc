import type { IncomingMessage, ServerResponse } from "node:http";
import type { Conditions } from "./authenticate-options.ts";
import { chain, type Awaitable } from "./awaitable.ts";
import { debug } from "./debug.ts";
import { clearUser, setUser, type RequestSlot } from "./request-slot.ts";
import { settle, type Handler, type Next } from "./handler.ts";
import type { Guard } from "./guards/guard.ts";
import type { Identify, Verdict } from "./identify.ts";
import { isAuthenticateHeard, publishAuthenticate } from "./events.ts";
import { Refusal, refuse } from "./refusal.ts";

/** Identifies who makes a request, and asks the guard about them. */
export function judge<User>(
  identify: Identify<User>,
  guard: Guard<User>,
  req: IncomingMessage,
): Awaitable<Verdict<User>> {
  return chain(identify(req), (identified) => {
    if (identified instanceof Refusal) return identified;
    return chain(guard(identified, req), (error) => {
      if (error !== undefined) return new Refusal(error, identified.terms, identified.claims.sub);
      debug("accepted");
      return identified;
    });
  });
}

/** Whether a request goes on: with its user, or without one where that is allowed. */
export function mayGoOn(
  verdict: Verdict<unknown>,
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
  slot: RequestSlot<Verdict<User>>,
): Handler {
  function attempt(req: IncomingMessage, res: ServerResponse): Awaitable<Verdict<User>> {
    // What earlier middleware says about the user does not count.
    clearUser(req);
    return chain(judge(identify, conditions.guard, req), (verdict) =>
      verdict instanceof Refusal || verdict.renew === undefined
        ? verdict
        : chain(verdict.renew(verdict, req, res), () => verdict),
    );
  }

  const goOn = (
    verdict: Verdict<User>,
    req: IncomingMessage,
    res: ServerResponse,
    next: Next,
  ): void => {
    if (res.writableEnded) return;
    const goesOn = mayGoOn(verdict, conditions.optional);
    if (isAuthenticateHeard() && (!goesOn || verdict !== slot.get(req))) {
      publishAuthenticate(verdict, goesOn);
    }
    slot.set(req, verdict);
    setUser(req, verdict instanceof Refusal ? undefined : verdict.user);
    if (verdict instanceof Refusal && !goesOn) refuse(verdict, req, res, next);
    else next();
  };

  return function authenticateMiddleware(req, res, next) {
    settle(attempt, goOn, req, res, next);
  };
}
