import type { IncomingMessage } from "node:http";
import { chain, type Awaitable } from "../awaitable.ts";
import type { VerifiedClaims } from "../claims.ts";
import { InsufficientScopeError } from "../errors.ts";
import { checkFunction } from "../option-checks.ts";
import type { Guard } from "./guard.ts";

/** A condition of the app's own. */
export interface AuthorizeOptions<User> {
  /**
   * Says whether this user may do this: only `true` does, anything else is a 403. What it throws is
   * a 500. Default: everyone may.
   */
  authorize?(user: User, claims: VerifiedClaims, req: IncomingMessage): Awaitable<boolean>;
}

export function createAuthorizeGuards<User>(authorize: unknown): readonly Guard<User>[] {
  checkFunction(authorize, "authorize");
  if (authorize === undefined) return [];
  const mayPass = authorize as NonNullable<AuthorizeOptions<User>["authorize"]>;

  const guardAuthorize: Guard<User> = ({ user, claims }, req) =>
    chain(mayPass(user, claims, req), (allowed) =>
      (allowed as unknown) === true ? undefined : new InsufficientScopeError("not_authorized"),
    );
  return [guardAuthorize];
}
