import type { IncomingMessage, ServerResponse } from "node:http";
import type { Awaitable } from "./awaitable.ts";
import { isPromiseLike } from "./awaitable.ts";
import type { AuthError } from "./errors.ts";
import type { Next } from "./handler.ts";
import { sendJson } from "./send-json.ts";
import { isError, toServerError } from "./server-error.ts";

/** Answers a refusal in place of the package. */
export type OnAuthError = (
  error: AuthError,
  req: IncomingMessage,
  res: ServerResponse,
  next: Next,
) => Awaitable<unknown>;

/** Answers a refusal: writes status and headers, then the body or what `onAuthError` makes of it. */
export type Refuse = (
  error: AuthError,
  req: IncomingMessage,
  res: ServerResponse,
  next: Next,
) => void;

export function createRefuse(realm: string, onAuthError: OnAuthError | undefined): Refuse {
  return function refuse(error, req, res, next) {
    if (res.headersSent) return;
    setChallenge(error, realm, res);
    res.statusCode = error.status;
    for (const [name, value] of Object.entries(error.headers)) res.setHeader(name, value);
    if (onAuthError === undefined) {
      sendJson(res, error.status, error.toJSON());
      return;
    }
    const fail = (thrown: unknown): void => {
      if (!res.headersSent) res.statusCode = 500;
      next(isError(thrown) ? thrown : toServerError(thrown));
    };
    try {
      const answered = onAuthError(error, req, res, (passed) =>
        next(letsRequestIn(passed) ? error : passed),
      );
      if (isPromiseLike(answered)) answered.then(undefined, fail);
    } catch (thrown) {
      fail(thrown);
    }
  };
}

/** What Express takes for "go on" instead of an error. */
function letsRequestIn(passed: unknown): boolean {
  return !passed || passed === "route" || passed === "router";
}

/** Adds the challenge to those of other middleware, one for each realm (RFC 9110 section 11.6.1). */
function setChallenge(error: AuthError, realm: string, res: ServerResponse): void {
  const challenge = error.challenge(realm);
  if (challenge === undefined) return;
  const others = [res.getHeader("WWW-Authenticate") ?? []]
    .flat()
    .map(String)
    .filter((other) => !other.startsWith(`Bearer realm="${realm}"`));
  error.headers["WWW-Authenticate"] = others.length === 0 ? challenge : [...others, challenge];
}
