import { InsufficientScopeError, InvalidTokenError } from "../errors/auth-errors.ts";
import { checkBoolean } from "../util/option-checks.ts";
import type { Guard } from "./guard.ts";

/** Conditions on the flags of a user. They need `findUser`. */
export interface FlagOptions {
  /** Demands `user.isActive === true`, else 401. Default `false`. */
  readonly active?: boolean | undefined;
  /** Demands `user.isVerified === true`, else 403. Default `false`. */
  readonly verified?: boolean | undefined;
  /** Demands `user.isSuperuser === true`, else 403. Default `false`. */
  readonly superuser?: boolean | undefined;
}

interface UserFlags {
  readonly isActive?: unknown;
  readonly isVerified?: unknown;
  readonly isSuperuser?: unknown;
}

/**
 * The flags in the order of fastapi-users: 401 for an inactive user before any 403. None where none
 * is asked.
 */
export function createFlagGuards({
  active = false,
  verified = false,
  superuser = false,
}: {
  readonly [Name in keyof FlagOptions]: unknown;
}): readonly Guard<unknown>[] {
  checkBoolean(active, "active");
  checkBoolean(verified, "verified");
  checkBoolean(superuser, "superuser");
  if (!active && !verified && !superuser) return [];

  const guardFlags: Guard<unknown> = ({ user, isLoadedUser }) => {
    if (!isLoadedUser) throw flagsNeedUsers();
    const { isActive, isSuperuser } = user as UserFlags;
    if (active && isActive !== true) return new InvalidTokenError("user_inactive");
    if (verified && !isVerified(user)) return new InsufficientScopeError("user_not_verified");
    if (superuser && isSuperuser !== true) return new InsufficientScopeError("user_not_superuser");
    return undefined;
  };
  return [guardFlags];
}

/** For a strategy without `findUser`, whose user is the claims. */
export function flagsNeedUsers(): TypeError {
  return new TypeError(
    "active, verified and superuser look at the user: give findUser to createJwtStrategy",
  );
}

/**
 * Whether a user is switched off. Login, logout and renewal ask this: an app without `isActive` is
 * none the worse.
 */
export function isDeactivated(user: unknown): boolean {
  return (user as UserFlags).isActive === false;
}

export function isVerified(user: unknown): boolean {
  return (user as UserFlags).isVerified === true;
}
