import type { Guard } from "../authentication/authorize-request.ts";
import { InsufficientScopeError, InvalidTokenError } from "../errors/auth-errors.ts";
import { isPromiseLike, handleRejections } from "../util/awaitable.ts";
import { checkBoolean } from "../util/option-checks.ts";
import { getMember } from "../util/own-property.ts";
import type { GuardGroup } from "./guard.ts";

/**
 * The conditions on the flags of a user: `isActive`, `isVerified`, `isSuperuser` or, as in a row of
 * fastapi-users, `is_active`, `is_verified`, `is_superuser`. A flag is set if it is `true` or `1`, and
 * not set if it has any other value; a function or a promise is a 500. `true` requires `findUser`.
 */
export interface FlagOptions {
  /**
   * `true`: requires that `isActive` is set; otherwise a 401. `false`: lets deactivated users in, as
   * fastapi-users does by default. Default: `authenticate()` and `authenticateRequest()` refuse a user
   * who has the flag without it being set (401), and accept one who does not have the flag;
   * `authorize()` does not check it.
   */
  readonly active?: boolean;
  /** Requires that `isVerified` is set; otherwise a 403. Default `false`. */
  readonly verified?: boolean;
  /** Requires that `isSuperuser` is set; otherwise a 403. Default `false`. */
  readonly superuser?: boolean;
}

export const flagGuards: GuardGroup<keyof FlagOptions> = {
  options: ["active", "verified", "superuser"],

  /** In the order of fastapi-users: 401 for an inactive user before any 403. */
  create({ active, verified = false, superuser = false }, { loadsUsers, isFollowUp }) {
    if (active !== undefined) checkBoolean(active, "active");
    checkBoolean(verified, "verified");
    checkBoolean(superuser, "superuser");
    const requiresFlag = active === true || verified || superuser;
    if (requiresFlag && !loadsUsers) throw createMissingUsersError();
    const refusesDeactivated = active === undefined && !isFollowUp && loadsUsers;
    if (!requiresFlag && !refusesDeactivated) return [];

    const guardFlags: Guard<unknown> = ({ user, strategy }) => {
      // anyOf() and dynamicStrategy() may have strategies with and without findUser.
      if (!strategy.loadsUsers) {
        if (requiresFlag) throw createMissingUsersError();
        return undefined;
      }
      if (active ? !isActive(user) : refusesDeactivated && isDeactivated(user)) {
        return new InvalidTokenError("user_inactive");
      }
      if (verified && !isVerified(user)) return new InsufficientScopeError("user_not_verified");
      return superuser && !isSuperuser(user)
        ? new InsufficientScopeError("user_not_superuser")
        : undefined;
    };
    return [guardFlags];
  },
};

function createMissingUsersError(): TypeError {
  return new TypeError("active, verified and superuser require the findUser option");
}

/** Whether the app has deactivated a user: a user without the flag is active. */
export function isDeactivated(user: unknown): boolean {
  return readFlag(user, "isActive", "is_active") === false;
}

export function isVerified(user: unknown): boolean {
  return readFlag(user, "isVerified", "is_verified") === true;
}

function isActive(user: unknown): boolean {
  return readFlag(user, "isActive", "is_active") === true;
}

function isSuperuser(user: unknown): boolean {
  return readFlag(user, "isSuperuser", "is_superuser") === true;
}

/** Whether a flag is set: `true`, or the 1 of SQLite and MySQL. `undefined` if the user does not have it. */
function readFlag(user: unknown, name: string, columnName: string): boolean | undefined {
  let value = getMember(user as object, name);
  if (value === undefined) value = getMember(user as object, columnName);
  if (value === undefined) return undefined;
  if (typeof value === "function" || isPromiseLike(value)) {
    handleRejections([value]);
    throw new TypeError(`${name} of a user must be a value, not a function or a promise`);
  }
  return value === true || value === 1;
}
