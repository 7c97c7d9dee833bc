import type { IncomingMessage } from "node:http";

/** Stores a value for each request. Only its owner can read it: strategies cannot confuse each other's users. */
export interface RequestSlot<T> {
  get(req: IncomingMessage): T | undefined;
  set(req: IncomingMessage, value: T | undefined): void;
}

/**
 * Not a property of the request: other code could read and change it, and adding a property to a request
 * takes a microsecond on Node.js 20 and 22. (Express changes the prototype of each request, and V8 then
 * cannot share hidden classes.)
 */
export function createRequestSlot<T>(): RequestSlot<T> {
  const values = new WeakMap<IncomingMessage, T>();
  return {
    get: (req) => values.get(req),
    set(req, value) {
      if (value === undefined) values.delete(req);
      else values.set(req, value);
    },
  };
}

interface MayHaveUser {
  user?: unknown;
}

/** Sets `req.user`. */
export function setUser(req: IncomingMessage, user: unknown): void {
  (req as MayHaveUser).user = user;
}

/** Sets `req.user` to `undefined`, without adding the property to a request that does not have it. */
export function clearUser(req: IncomingMessage): void {
  if ((req as MayHaveUser).user !== undefined) setUser(req, undefined);
}
