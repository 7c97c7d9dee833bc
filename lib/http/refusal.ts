import type { IncomingMessage, ServerResponse } from "node:http";
import type { AuthError } from "../errors/auth-errors.ts";
import { startChallenge } from "../errors/challenge.ts";
import { isError, toServerError } from "../errors/server-error.ts";
import { debug } from "../util/debug.ts";
import type { Next } from "./handler.ts";
import type { RefusalConfig } from "./refusal-options.ts";
import { sendResponse, setHeaders, type TransportResponse } from "./response.ts";

/** A request that a strategy refuses. */
export class Refusal {
  readonly error: AuthError;
  /** The strategy that refuses. */
  readonly strategy: RefusalConfig;
  /** The `sub` of the token, if it is verified. */
  readonly userId: string | undefined;
  /** The refusals of the other strategies of an `anyOf()`: the response has their challenges, too. */
  readonly others: readonly Refusal[];
  /** Set on the response after those of the error, which several requests may share. */
  readonly headers: Record<string, string | readonly string[]> = {};

  constructor(
    error: AuthError,
    strategy: RefusalConfig,
    userId?: string,
    others: readonly Refusal[] = [],
  ) {
    this.error = error;
    this.strategy = strategy;
    this.userId = userId;
    this.others = others;
  }
}

/** Reports a refusal under `NODE_DEBUG`. */
export function logRefusal(refusal: Refusal): void {
  for (const { error } of [refusal, ...refusal.others]) {
    debug("refused with %d %s: %s", error.status, error.code, error.reason);
  }
}

/** Answers a refusal: sets status and headers, then sends the body or calls `onAuthError`. */
export function refuse(
  refusal: Refusal,
  req: IncomingMessage,
  res: ServerResponse,
  next: Next,
): void {
  if (res.headersSent) return;
  const present = res.getHeader("WWW-Authenticate");
  const error = addChallenges(refusal, present);
  const { onAuthError } = refusal.strategy;
  res.statusCode = error.status;
  setHeaders(res, error.headers);
  setHeaders(res, refusal.headers);
  if (onAuthError === undefined) {
    sendResponse(res, { status: error.status, body: error.toJSON() });
    return;
  }
  let isPassedOn = false;
  const passOn = (passed: unknown): void => {
    isPassedOn = true;
    next(passed);
  };
  const fail = (thrown: unknown): void => {
    if (isPassedOn) return;
    if (!res.headersSent && thrown !== error) {
      res.statusCode = 500;
      res.removeHeader("WWW-Authenticate");
      if (present !== undefined) res.setHeader("WWW-Authenticate", present);
    }
    passOn(isError(thrown) ? thrown : toServerError(thrown));
  };
  try {
    const answered = onAuthError(error, req, res, (passed) => {
      if (!isPassedOn) passOn(isNextWithoutError(passed) ? error : passed);
    });
    // Promise.resolve() ignores what a thenable reports after its first result.
    Promise.resolve(answered).catch(fail);
  } catch (thrown) {
    fail(thrown);
  }
}

/** Sends the response of a handler, or answers its refusal. */
export function respond(
  result: TransportResponse | Refusal,
  req: IncomingMessage,
  res: ServerResponse,
  next: Next,
): void {
  if (result instanceof Refusal) refuse(result, req, res, next);
  else sendResponse(res, result);
}

/** Express continues the request for these values, as if there were no error. */
function isNextWithoutError(passed: unknown): boolean {
  return !passed || passed === "route" || passed === "router";
}

/**
 * Adds the challenges of a refusal to the headers of its error, one for each scheme and realm, and
 * returns the error.
 *
 * @param present the challenges that other middleware has set on the response: they are kept, unless
 * they have the same scheme and realm (RFC 9110 section 11.6.1).
 */
export function addChallenges(
  refusal: Refusal,
  present?: ReturnType<ServerResponse["getHeader"]>,
): AuthError {
  const { error } = refusal;
  const byStart = new Map<string, string>();
  for (const { error: refused, strategy } of [refusal, ...refusal.others]) {
    const { realm, challenge: format } = strategy;
    const start = startChallenge(realm, format);
    const challenge = byStart.get(start) ?? refused.challenge(realm, format);
    if (challenge !== undefined) byStart.set(start, challenge);
  }
  if (byStart.size === 0) return error;
  const kept = [present ?? []]
    .flat()
    .map(String)
    .filter((challenge) => !byStart.has(parseStart(challenge) ?? ""));
  const challenges = [...kept, ...byStart.values()];
  error.headers["WWW-Authenticate"] = challenges.length === 1 ? challenges.join() : challenges;
  return error;
}

/** The start, to the realm, of a header value that is a single challenge in the format of this package. */
function parseStart(challenge: string): string | undefined {
  return /^(\S+ (?:[^\s="]+="[^"]*", )*?realm="[^"]*")(?:, \w+="[^"]*")*$/.exec(challenge)?.[1];
}
