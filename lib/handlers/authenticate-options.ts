import type { Guard, Optional } from "../authentication/authorize-request.ts";
import { createGuards, GUARD_OPTION_NAMES, type GuardOptions } from "../guards/guards.ts";
import { check, readOptions } from "../util/option-checks.ts";

/** The options of `authenticate()`, `authorize()` and `authenticateRequest()`. */
export interface AuthenticateOptions<User = unknown> extends GuardOptions<User> {
  /**
   * `true`: a request without credentials continues without a user; invalid credentials are refused.
   * `"lenient"`, as in fastapi-users: any refused request continues without a user. A failure is a 500
   * (or 503) with both. Default `false`.
   */
  readonly optional?: boolean | "lenient" | undefined;
}

/** The checked {@link AuthenticateOptions}. */
export interface AuthenticateConfig<User> {
  readonly optional: Optional;
  readonly guards: readonly Guard<User>[];
}

const OPTION_NAMES = ["optional", ...GUARD_OPTION_NAMES] as const;

/** Checks the options. Throws a TypeError for `authorize()` without a condition. */
export function resolveAuthenticateOptions<User>(
  method: "authenticate" | "authorize" | "authenticateRequest",
  options: AuthenticateOptions<User>,
  loadsUsers: boolean,
): AuthenticateConfig<User> {
  // Not instanceof: to import node:http as a value loads undici, which takes longer than all the rest.
  if ("rawHeaders" in (Object(options) as object)) {
    throw new TypeError(`${method} makes the middleware: write app.use(auth.${method}())`);
  }
  const { optional, ...given } = readOptions(`${method}()`, options, OPTION_NAMES);
  check(
    optional === undefined || typeof optional === "boolean" || optional === "lenient",
    "optional",
    'true, false or "lenient"',
  );
  const isFollowUp = method === "authorize";
  const guards = createGuards<User>(given, { loadsUsers, isFollowUp });
  if (isFollowUp && guards.length === 0 && optional !== false) {
    throw new TypeError(
      `authorize() requires a condition: ${GUARD_OPTION_NAMES.join(", ")}, or optional: false`,
    );
  }
  return { optional: optional ?? false, guards };
}
