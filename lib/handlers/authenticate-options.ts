import { IncomingMessage } from "node:http";
import { createAllowGuards, type AllowOptions } from "../guards/allow.ts";
import { createFlagGuards, flagsNeedUsers, type FlagOptions } from "../guards/flags.ts";
import { allOf, type Guard } from "../guards/guard.ts";
import { createScopeGuards, type ScopeOptions } from "../guards/scopes.ts";
import { check, readOptions } from "../util/option-checks.ts";

/** The options of `authenticate()`, `authorize()` and `authenticateRequest()`. */
export interface AuthenticateOptions<User = unknown>
  extends FlagOptions, ScopeOptions, AllowOptions<User> {
  /**
   * `true`: a request without credentials goes on without a user; bad credentials are refused all
   * the same. `"lenient"`, the way of fastapi-users: whatever would be refused goes on without a
   * user. A failure stays a 500 (or 503) in both. Default `false`.
   */
  readonly optional?: boolean | "lenient" | undefined;
}

/** The options of `authenticate()`, checked and made into what a request needs. */
export interface Conditions<User> {
  readonly optional: boolean | "lenient";
  readonly guard: Guard<User>;
}

const OPTION_NAMES = ["optional", "active", "verified", "superuser", "scopes", "allow"] as const;

/**
 * Checks the options, before any request needs them.
 *
 * @param loadsUsers `false` where the users of the strategy are mere claims, and have no flags.
 */
export function resolveConditions<User>(
  method: string,
  options: AuthenticateOptions<User>,
  loadsUsers: boolean,
): Conditions<User> {
  if (options instanceof IncomingMessage) {
    throw new TypeError(`${method} makes the middleware: write app.use(auth.${method}())`);
  }
  const given = readOptions(`${method}()`, options, OPTION_NAMES);
  const { optional = false, scopes, allow, ...flags } = given;
  check(
    typeof optional === "boolean" || optional === "lenient",
    "optional",
    'true, false or "lenient"',
  );
  const flagGuards = createFlagGuards(flags);
  if (flagGuards.length > 0 && !loadsUsers) throw flagsNeedUsers();
  const guards = [...flagGuards, ...createScopeGuards(scopes), ...createAllowGuards<User>(allow)];
  return { optional, guard: allOf(guards) };
}
