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

/** Sets `req.user`, over whatever earlier middleware left there. */
export function setUser(req: IncomingMessage, user: unknown): void {
  (req as { user?: unknown }).user = user;
}

/** Reads the user of a request that `authenticate()` has let through. */
export interface CurrentUser<User> {
  (req: IncomingMessage): User;
  (req: IncomingMessage, options: { readonly optional: true }): User | undefined;
}

export function createCurrentUser<User>(
  find: (req: IncomingMessage) => { readonly user: User } | undefined,
): CurrentUser<User> {
  function currentUser(req: IncomingMessage): User;
  function currentUser(req: IncomingMessage, options?: { optional: true }): User | undefined {
    const found = find(req);
    if (found !== undefined) return found.user;
    if (options?.optional) return undefined;
    throw new TypeError(
      "This request has no user: guard the route with authenticate(), and where authentication is " +
        "optional call currentUser(req, { optional: true })",
    );
  }
  return currentUser;
}
