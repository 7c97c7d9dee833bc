import type { IncomingMessage } from "node:http";

/** A place for a value of a request that only its maker can find: two strategies in a chain never mistake each other's user. */
export interface RequestSlot<T> {
  get(req: IncomingMessage): T | undefined;
  set(req: IncomingMessage, value: T | undefined): void;
}

/**
 * Not a property of the request: others would see it there, and each new property costs a microsecond
 * on Node.js 20 and 22. (Express gives every request another prototype, and V8 then shares no shapes.)
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

/** Empties `req.user`, and gives a request without one no property for that. */
export function clearUser(req: IncomingMessage): void {
  if ((req as MayHaveUser).user !== undefined) setUser(req, undefined);
}
