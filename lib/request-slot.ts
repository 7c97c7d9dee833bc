import type { IncomingMessage } from "node:http";

/** A place on the request that only its maker can find: two strategies in a chain never mistake each other's user. */
export interface RequestSlot<T> {
  get(req: IncomingMessage): T | undefined;
  set(req: IncomingMessage, value: T | undefined): void;
}

export function createRequestSlot<T>(): RequestSlot<T> {
  const slot = Symbol("express-jwt-strategy");
  type Request = IncomingMessage & { [slot]?: T | undefined };

  return {
    get: (req: Request) => req[slot],
    set(req: Request, value) {
      req[slot] = value;
    },
  };
}

/** Sets `req.user`. */
export function setUser(req: IncomingMessage, user: unknown): void {
  (req as { user?: unknown }).user = user;
}
