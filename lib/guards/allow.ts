import type { IncomingMessage } from "node:http";
import { andThen, type Awaitable } from "../util/awaitable.ts";
import type { VerifiedClaims } from "../token/claims.ts";
import { InsufficientScopeError } from "../errors/auth-errors.ts";
import { checkFunction } from "../util/option-checks.ts";
import type { Guard } from "./guard.ts";

/** A condition of the app's own. */
export interface AllowOptions<User> {
  /**
   * Says whether this user may do this: only `true` does, anything else is a 403. What it throws is
   * a 500. Default: everyone may.
   */
  allow?(user: User, claims: VerifiedClaims, req: IncomingMessage): Awaitable<boolean>;
}

export function createAllowGuards<User>(allow: unknown): readonly Guard<User>[] {
  checkFunction(allow, "allow");
  if (allow === undefined) return [];
  const mayPass = allow as NonNullable<AllowOptions<User>["allow"]>;

  const guardAllow: Guard<User> = ({ user, claims }, req) =>
    andThen(mayPass(user, claims, req), (allowed) =>
      (allowed as unknown) === true ? undefined : new InsufficientScopeError("not_authorized"),
    );
  return [guardAllow];
}
