import type { IncomingMessage } from "node:http";
import type { Authenticated, AuthResult } from "../authentication/identify.ts";
import { Refusal } from "../http/refusal.ts";
import type { RequestSlot } from "../http/request-slot.ts";

/** Reads what `authenticate()` has found out about a request. */
export interface RequestGetter<T> {
  /** Throws a TypeError where the request has no user. */
  (req: IncomingMessage): T;
  /** Where authentication is optional: `undefined` for an anonymous request. */
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
    const verdict = slot.get(req);
    if (verdict !== undefined && !(verdict instanceof Refusal)) return select(verdict);
    if (options?.optional) return undefined;
    throw new TypeError(
      "This request has no user: guard the route with authenticate(), and where authentication is " +
        `optional call ${name}(req, { optional: true })`,
    );
  }
  return current;
}
