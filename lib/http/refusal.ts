import type { IncomingMessage, ServerResponse } from "node:http";
import { isPromiseLike, type Awaitable } from "../util/awaitable.ts";
import { sendAnswer, type TransportResponse } from "./response.ts";
import { debug } from "../util/debug.ts";
import type { AuthError } from "../errors/auth-errors.ts";
import type { Next } from "./handler.ts";
import { isError, toServerError } from "../errors/server-error.ts";

/** Answers a refusal in place of the package. What it throws goes to `next`. */
export type OnAuthError = ErrorResponder["onAuthError"];

/** As a method: TypeScript then lets `req` and `res` be annotated with Express's own. */
interface ErrorResponder {
  onAuthError(
    error: AuthError,
    req: IncomingMessage,
    res: ServerResponse,
    next: Next,
  ): Awaitable<unknown>;
}

/** How a strategy refuses. */
export interface RefusalTerms {
  readonly realm: string;
  readonly onAuthError: OnAuthError | undefined;
}

/** The terms where no strategy is responsible. */
export const DEFAULT_TERMS: RefusalTerms = { realm: "api", onAuthError: undefined };

/** An error on the terms of the strategy that refuses: its challenge is set from here on. */
export class Refusal {
  readonly error: AuthError;
  readonly terms: RefusalTerms;
  /** Whose the token is, where that is known. */
  readonly userId: string | undefined;

  constructor(error: AuthError, terms: RefusalTerms, userId?: string) {
    this.error = error;
    this.terms = terms;
    this.userId = userId;
    const challenge = error.challenge(terms.realm);
    if (challenge !== undefined) error.headers["WWW-Authenticate"] = challenge;
    debug(`refused with ${error.status} ${error.code}: ${error.reason}`);
  }
}

/** Answers a refusal: writes status and headers, then the body or what `onAuthError` makes of it. */
export function refuse(
  { error, terms }: Refusal,
  req: IncomingMessage,
  res: ServerResponse,
  next: Next,
): void {
  if (res.headersSent) return;
  const others = res.getHeader("WWW-Authenticate");
  joinChallenges(error, others);
  const { onAuthError } = terms;
  if (onAuthError === undefined) {
    sendAnswer(res, { status: error.status, headers: error.headers, body: error.toJSON() });
    return;
  }
  res.statusCode = error.status;
  for (const [name, value] of Object.entries(error.headers)) res.setHeader(name, value);
  const fail = (thrown: unknown): void => {
    if (!res.headersSent && thrown !== error) {
      res.statusCode = 500;
      res.removeHeader("WWW-Authenticate");
      if (others !== undefined) res.setHeader("WWW-Authenticate", others);
    }
    next(isError(thrown) ? thrown : toServerError(thrown));
  };
  try {
    const answered = onAuthError(error, req, res, (passed) =>
      next(isNextWithoutError(passed) ? error : passed),
    );
    if (isPromiseLike(answered)) answered.then(undefined, fail);
  } catch (thrown) {
    fail(thrown);
  }
}

/** Sends the answer of a login or a logout, or of its refusal. */
export function answer(
  outcome: TransportResponse | Refusal,
  req: IncomingMessage,
  res: ServerResponse,
  next: Next,
): void {
  if (outcome instanceof Refusal) refuse(outcome, req, res, next);
  else sendAnswer(res, outcome);
}

/** What Express takes for "go on" instead of an error. */
function isNextWithoutError(passed: unknown): boolean {
  return !passed || passed === "route" || passed === "router";
}

/** Keeps the challenges of other middleware, one for each realm (RFC 9110 section 11.6.1). */
function joinChallenges(error: AuthError, present: ReturnType<ServerResponse["getHeader"]>): void {
  if (present === undefined) return;
  const ours = [error.headers["WWW-Authenticate"] ?? []].flat();
  if (ours.length === 0) return;
  const others = [present]
    .flat()
    .map(String)
    .filter((other) => !ours.some((challenge) => parseRealm(challenge) === parseRealm(other)));
  if (others.length > 0) error.headers["WWW-Authenticate"] = [...others, ...ours];
}

/** The realm of a header value that is one Bearer challenge as this package writes them, and no more. */
export function parseRealm(challenge: string): string | undefined {
  return /^Bearer realm="([^"]*)"(?:, \w+="[^"]*")*$/.exec(challenge)?.[1];
}
