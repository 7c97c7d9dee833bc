import type { IncomingMessage, ServerResponse } from "node:http";
import { isPromiseLike, type Awaitable } from "../util/awaitable.ts";
import { KeysUnavailableError } from "../errors/keys-unavailable-error.ts";
import { toServerError } from "../errors/server-error.ts";

/**
 * Express's `next`. Called with a falsy value, `"route"` or `"router"`, it continues the request.
 * @inline
 */
export type Next = (error?: unknown) => void;

/**
 * An Express request handler. Typed on Node's request and response, so that the handlers after it in a
 * route keep the types that Express infers for `req.params`.
 */
export type Handler = (req: IncomingMessage, res: ServerResponse, next: Next) => void;

/** Runs a handler that may be async and passes its result to onResult; errors go to next. */
export function runHandler<T>(
  handle: (req: IncomingMessage, res: ServerResponse) => Awaitable<T>,
  onResult: (result: T, req: IncomingMessage, res: ServerResponse, next: Next) => void,
  req: IncomingMessage,
  res: ServerResponse,
  next: Next,
): void {
  checkNext(next);
  let result: Awaitable<T>;
  try {
    result = handle(req, res);
  } catch (thrown) {
    failRequest(thrown, res, next);
    return;
  }
  if (isPromiseLike(result)) {
    // An error of onResult would be an unhandled rejection here; otherwise, Express catches it.
    result
      .then((value) => onResult(value, req, res, next))
      .then(undefined, (thrown: unknown) => failRequest(thrown, res, next));
  } else {
    onResult(result, req, res, next);
  }
}

/** Throws a TypeError if a handler is called without `next`. */
export function checkNext(next: unknown): void {
  if (typeof next !== "function") {
    throw new TypeError("This is a request handler: pass it to Express, do not call it");
  }
}

/** Passes a thrown value to next, as an error that Express answers with 500 or 503. */
export function failRequest(thrown: unknown, res: ServerResponse, next: Next): void {
  const error = toServerError(thrown);
  // Express would keep a status that earlier middleware has set.
  if (!res.headersSent) res.statusCode = KeysUnavailableError.isOne(error) ? error.status : 500;
  next(error);
}
