import type { IncomingMessage } from "node:http";
import { andThen, type Awaitable } from "../util/awaitable.ts";
import type { AuthError } from "../errors/auth-errors.ts";
import type { Authenticated } from "../authentication/identify.ts";

/**
 * A condition on who has been authenticated: says why they may not pass, or `undefined` where they may.
 * Throws a TypeError where it cannot be asked of this strategy.
 */
export type Guard<User> = (
  authenticated: Authenticated<User>,
  req: IncomingMessage,
) => Awaitable<AuthError | undefined>;

/** Asks guards in turn, until one refuses. */
export function allOf<User>([first, ...rest]: readonly Guard<User>[]): Guard<User> {
  if (first === undefined) return () => undefined;
  if (rest.length === 0) return first;
  const others = allOf(rest);
  return function guardAll(authenticated, req) {
    return andThen(first(authenticated, req), (refusal) => refusal ?? others(authenticated, req));
  };
}
