import type { IncomingMessage, ServerResponse } from "node:http";
import { isPromiseLike, type Awaitable } from "../util/awaitable.ts";
import { KeysUnavailableError } from "../errors/keys-unavailable-error.ts";
import { toServerError } from "../errors/server-error.ts";

/** Express's `next`. Called with a falsy value, `"route"` or `"router"` it lets the request go on. */
export type Next = (error?: unknown) => void;

/**
 * An Express request handler. Typed on Node's own request and response, so that the handlers after
 * it in a route keep the types that Express infers for `req.params`.
 */
export type Handler = (req: IncomingMessage, res: ServerResponse, next: Next) => void;

/**
 * Waits for an attempt, where there is something to wait for, and goes on with its outcome. What is
 * thrown is a failure, and reaches `next` as an error. Both functions are made once and not for each
 * request.
 */
export function runHandler<T>(
  attempt: (req: IncomingMessage, res: ServerResponse) => Awaitable<T>,
  onResult: (outcome: T, req: IncomingMessage, res: ServerResponse, next: Next) => void,
  req: IncomingMessage,
  res: ServerResponse,
  next: Next,
): void {
  if (typeof next !== "function") {
    throw new TypeError("This is a request handler: pass it to Express, do not call it");
  }
  let outcome: Awaitable<T>;
  try {
    outcome = attempt(req, res);
  } catch (thrown) {
    fail(thrown, res, next);
    return;
  }
  if (isPromiseLike(outcome)) {
    // What goOn throws at once reaches Express by itself; later it would be an unhandled rejection.
    outcome
      .then((settled) => onResult(settled, req, res, next))
      .then(undefined, (thrown: unknown) => fail(thrown, res, next));
  } else {
    onResult(outcome, req, res, next);
  }
}

function fail(thrown: unknown, res: ServerResponse, next: Next): void {
  const error = toServerError(thrown);
  // Express would answer with a 4xx that earlier middleware has left here.
  if (!res.headersSent) res.statusCode = KeysUnavailableError.isOne(error) ? error.status : 500;
  next(error);
}
