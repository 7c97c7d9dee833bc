import type { IncomingMessage } from "node:http";
import type { Guard } from "../authentication/authorize-request.ts";
import { InsufficientScopeError } from "../errors/auth-errors.ts";
import type { VerifiedClaims } from "../token/claims.ts";
import type { Awaitable } from "../util/awaitable.ts";
import { handleRejectionsIn } from "../util/find-promises.ts";
import { checkFunction } from "../util/option-checks.ts";
import type { GuardGroup } from "./guard.ts";

/** A condition of the app. */
export interface AllowOptions<User> {
  /**
   * Returns `true` if the user may make this request; any other value is a 403. What it throws is a
   * 500. Default: all users may.
   */
  allow?(user: User, claims: VerifiedClaims, req: IncomingMessage): Awaitable<boolean>;
}

export const allowGuard: GuardGroup<"allow"> = {
  options: ["allow"],

  create({ allow }) {
    checkFunction(allow, "allow");
    if (allow === undefined) return [];
    const isAllowed = allow as NonNullable<AllowOptions<unknown>["allow"]>;

    const guardAllow: Guard<unknown> = async ({ user, claims }, req) => {
      const allowed: unknown = await isAllowed(user, claims, req);
      if (allowed === true) return undefined;
      handleRejectionsIn(allowed);
      return new InsufficientScopeError("not_authorized");
    };
    return [guardAllow];
  },
};
