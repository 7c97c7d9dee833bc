import { isNativeError, isProxy } from "node:util/types";
import { KeysUnavailableError } from "./keys-unavailable-error.ts";

/**
 * What was thrown, as an error that Express answers: with 503 where keys cannot be had, and else with 500. An Error passes
 * unchanged, unless it carries a status or headers of its own (an HTTP client's error, say): those
 * would become the answer. Anything else is wrapped, since `next(undefined)` and `next("route")`
 * would let the request in.
 */
export function toServerError(thrown: unknown): Error {
  return KeysUnavailableError.isOne(thrown) || isPlainError(thrown)
    ? thrown
    : new Error("The application's authentication code failed", { cause: thrown });
}

function isPlainError(thrown: unknown): thrown is Error {
  return isError(thrown) && !carriesAnswer(thrown);
}

/**
 * Also true for errors of another realm, as `node:vm` and test runners make them. Never for a proxy,
 * nor for what has one among its prototypes: merely asking it what it is can throw.
 */
export function isError(thrown: unknown): thrown is Error {
  try {
    return isNativeError(thrown) || (!isProxy(thrown) && thrown instanceof Error);
  } catch {
    return false;
  }
}

function carriesAnswer(error: Error): boolean {
  try {
    return "status" in error || "statusCode" in error || "headers" in error;
  } catch {
    return true;
  }
}
