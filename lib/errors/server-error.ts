import { isNativeError, isProxy } from "node:util/types";
import { KeysUnavailableError } from "./keys-unavailable-error.ts";

/**
 * Turns a thrown value into an error for `next`, which Express answers with 500 (503 if keys are
 * unavailable). An Error is returned unchanged, unless it has a status or headers (for example, of an
 * HTTP client): they would become the response. Other values are wrapped, because `next(undefined)` and
 * `next("route")` would let the request in.
 */
export function toServerError(thrown: unknown): Error {
  return KeysUnavailableError.isOne(thrown) || isPlainError(thrown)
    ? thrown
    : new Error("The application's authentication code failed", { cause: thrown });
}

function isPlainError(thrown: unknown): thrown is Error {
  return isError(thrown) && !hasResponse(thrown);
}

/**
 * Also true for errors of another realm, such as those of `node:vm`: a test runner has another Error, but the
 * DOMException of Node. False for a proxy and for an object with a proxy among its prototypes: `instanceof` can
 * throw for these.
 */
export function isError(thrown: unknown): thrown is Error {
  try {
    return (
      isNativeError(thrown) ||
      (!isProxy(thrown) && (thrown instanceof Error || thrown instanceof DOMException))
    );
  } catch {
    return false;
  }
}

function hasResponse(error: Error): boolean {
  try {
    return "status" in error || "statusCode" in error || "headers" in error;
  } catch {
    return true;
  }
}
