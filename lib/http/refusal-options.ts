import type { IncomingMessage, ServerResponse } from "node:http";
import type { AuthError } from "../errors/auth-errors.ts";
import type { ChallengeFormat } from "../errors/challenge.ts";
import type { Awaitable } from "../util/awaitable.ts";
import { check, checkFunction } from "../util/option-checks.ts";
import type { Next } from "./handler.ts";

/** Answers a refusal instead of the package. */
export type OnAuthError = RefusalCallbacks["onAuthError"];

/** As a method, so that TypeScript accepts callbacks whose `req` and `res` have Express's types. */
interface RefusalCallbacks {
  onAuthError(
    error: AuthError,
    req: IncomingMessage,
    res: ServerResponse,
    next: Next,
  ): Awaitable<unknown>;
}

/** The options for the responses to refused requests. */
export interface RefusalOptions {
  /**
   * The `realm` of the challenges (RFC 9110 section 11.5): printable ASCII without quotes and
   * backslashes. Default `"api"`.
   */
  readonly realm?: string | undefined;
  /**
   * Answers refusals (400, 401, 403) instead of the package. Status, challenge and `Cache-Control` are
   * already set, on `res` and on the error. `(error, req, res, next) => next(error)` passes refusals to
   * the app's error handler. Not called for failures (500). What it throws goes to `next`: an `Error`
   * unchanged, including its status, any other value as a 500. Default: the package answers.
   */
  readonly onAuthError?: OnAuthError | undefined;
}

/** The checked {@link RefusalOptions}. */
export interface RefusalConfig {
  readonly realm: string;
  readonly onAuthError: OnAuthError | undefined;
  /** The challenge of the transport, if it defines one. */
  readonly challenge?: ChallengeFormat | undefined;
}

export const DEFAULT_REFUSAL_CONFIG: RefusalConfig = Object.freeze({
  realm: "api",
  onAuthError: undefined,
});

/** The characters that RFC 6750 section 3 and RFC 9110 section 5.6.4 permit in quotes without escapes. */
const REALM = /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/;

export function resolveRefusalOptions({
  realm = DEFAULT_REFUSAL_CONFIG.realm,
  onAuthError,
}: {
  readonly [Name in keyof RefusalOptions]: unknown;
}): RefusalConfig {
  check(
    typeof realm === "string" && REALM.test(realm),
    "realm",
    "printable ASCII without quotes and backslashes",
  );
  checkFunction(onAuthError, "onAuthError");
  return { realm, onAuthError: onAuthError as OnAuthError | undefined };
}
