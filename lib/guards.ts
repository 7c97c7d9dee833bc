import { type AuthError, InsufficientScopeError, InvalidTokenError } from "./errors.ts";

/** Conditions on the user, beyond a good token. */
export interface GuardOptions {
  /** Demands `user.isActive === true`, else 401. Default `false`. */
  readonly active?: boolean | undefined;
  /** Demands `user.isVerified === true`, else 403. Default `false`. */
  readonly verified?: boolean | undefined;
  /** Demands `user.isSuperuser === true`, else 403. Default `false`. */
  readonly superuser?: boolean | undefined;
}

/** Says why a user may not pass, or `undefined` for one who may. */
export type Guard = (user: unknown) => AuthError | undefined;

interface UserFlags {
  readonly isActive?: unknown;
  readonly isVerified?: unknown;
  readonly isSuperuser?: unknown;
}

/** The guard of `authenticate()`, in the order of fastapi-users: 401 for an inactive user before any 403. */
export function createGuard({ active, verified, superuser }: GuardOptions): Guard {
  return function guard(user) {
    if (active && (user as UserFlags).isActive !== true) {
      return new InvalidTokenError("user_inactive");
    }
    if (verified && !isVerified(user)) return new InsufficientScopeError("user_not_verified");
    if (superuser && (user as UserFlags).isSuperuser !== true) {
      return new InsufficientScopeError("user_not_superuser");
    }
    return undefined;
  };
}

/** Lets everyone pass whose token is good. */
export const noGuard: Guard = () => undefined;

/** Whether a user is switched off. Login and logout ask this: an app without `isActive` is none the worse. */
export function isDeactivated(user: unknown): boolean {
  return (user as UserFlags).isActive === false;
}

export function isVerified(user: unknown): boolean {
  return (user as UserFlags).isVerified === true;
}
