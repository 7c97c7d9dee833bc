import type { Guard } from "../authentication/authorize-request.ts";
import { InsufficientScopeError, InvalidTokenError } from "../errors/auth-errors.ts";
import { checkBoolean } from "../util/option-checks.ts";
import type { GuardGroup } from "./guard.ts";

/** The conditions on the flags of a user. They require `findUser`. */
export interface FlagOptions {
  /** Requires `user.isActive === true`; otherwise a 401. Default `false`. */
  readonly active?: boolean | undefined;
  /** Requires `user.isVerified === true`; otherwise a 403. Default `false`. */
  readonly verified?: boolean | undefined;
  /** Requires `user.isSuperuser === true`; otherwise a 403. Default `false`. */
  readonly superuser?: boolean | undefined;
}

interface UserFlags {
  readonly isActive?: unknown;
  readonly isVerified?: unknown;
  readonly isSuperuser?: unknown;
}

export const flagGuards: GuardGroup<keyof FlagOptions> = {
  options: ["active", "verified", "superuser"],

  /** In the order of fastapi-users: 401 for an inactive user before any 403. */
  create({ active = false, verified = false, superuser = false }, loadsUsers) {
    checkBoolean(active, "active");
    checkBoolean(verified, "verified");
    checkBoolean(superuser, "superuser");
    if (!active && !verified && !superuser) return [];
    if (!loadsUsers) throw createMissingUsersError();

    const guardFlags: Guard<unknown> = ({ user, strategy }) => {
      // anyOf() and dynamicStrategy() may have strategies with and without findUser.
      if (!strategy.loadsUsers) throw createMissingUsersError();
      const { isActive, isSuperuser } = user as UserFlags;
      if (active && isActive !== true) return new InvalidTokenError("user_inactive");
      if (verified && !isVerified(user)) return new InsufficientScopeError("user_not_verified");
      return superuser && isSuperuser !== true
        ? new InsufficientScopeError("user_not_superuser")
        : undefined;
    };
    return [guardFlags];
  },
};

function createMissingUsersError(): TypeError {
  return new TypeError("active, verified and superuser require the findUser option");
}

/** Whether the app has deactivated a user. An app without `isActive` never does. */
export function isDeactivated(user: unknown): boolean {
  return (user as UserFlags).isActive === false;
}

export function isVerified(user: unknown): boolean {
  return (user as UserFlags).isVerified === true;
}
