import type { IncomingMessage } from "node:http";
import type { Authenticated, AuthResult } from "../authentication/identify.ts";
import { Refusal } from "../http/refusal.ts";
import type { RequestSlot } from "../http/request-slot.ts";

/** Returns data of an authenticated request. */
export interface RequestGetter<T> {
  /** Throws a TypeError if the request has no user. */
  (req: IncomingMessage): T;
  /** Returns `undefined` if the request has no user: for optional authentication. */
  (req: IncomingMessage, options: { readonly optional: true }): T | undefined;
}

/** Makes `currentUser` and `currentClaims`. */
export function createRequestGetter<User, T>(
  slot: RequestSlot<AuthResult<User>>,
  name: string,
  select: (authenticated: Authenticated<User>) => T,
): RequestGetter<T> {
  function current(req: IncomingMessage): T;
  function current(req: IncomingMessage, options?: { optional: true }): T | undefined {
    const result = slot.get(req);
    if (result !== undefined && !(result instanceof Refusal)) return select(result);
    if (options?.optional) return undefined;
    throw new TypeError(
      "This request has no user: guard the route with authenticate(), and if authentication is " +
        `optional call ${name}(req, { optional: true })`,
    );
  }
  return current;
}
