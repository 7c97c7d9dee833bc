import type { IncomingMessage } from "node:http";
import type { AuthError } from "../errors/auth-errors.ts";
import { logRefusal, Refusal } from "../http/refusal.ts";
import { andThen, isPromiseLike, type Awaitable } from "../util/awaitable.ts";
import { debug } from "../util/debug.ts";
import { publishAuthenticate } from "./events.ts";
import type { Authenticated, AuthResult, Identify } from "./identify.ts";

/**
 * A condition on an authenticated request. Returns the error that refuses it, or `undefined`. Throws a
 * TypeError if the strategy cannot check the condition.
 */
export type Guard<User> = (
  authenticated: Authenticated<User>,
  req: IncomingMessage,
) => Awaitable<AuthError | undefined>;

/** The requests that may continue without a user: none, a request without credentials, or any refused request. */
export type Optional = boolean | "lenient";

export interface AuthorizeConfig {
  readonly optional: Optional;
  /** The request changes state, whatever its method is. */
  readonly unsafe?: boolean;
  /** `identify` returns the result of an earlier middleware: it is published only if the guards change it. */
  readonly isFollowUp?: boolean;
}

export interface AuthorizeDeps<User> {
  readonly identify: Identify<User>;
  /** Called in this order until one refuses. */
  readonly guards: readonly Guard<User>[];
}

/** The work of a handler for an authenticated request, which can fail or refuse the request after all. */
export type Complete<User> = (authenticated: Authenticated<User>) => ReturnType<Guard<User>>;

/**
 * Identifies the user of a request, calls the guards, and publishes the result as a diagnostics event.
 * Synchronous if nothing has to be awaited: a known token needs no promise.
 *
 * @param complete runs before the event is published: a failure publishes none.
 */
export function authorizeRequest<User>(
  req: IncomingMessage,
  config: AuthorizeConfig,
  deps: AuthorizeDeps<User>,
  complete?: Complete<User>,
): Awaitable<AuthResult<User>> {
  const guards = complete === undefined ? deps.guards : [...deps.guards, complete];
  const identified = deps.identify(req, config.unsafe ? UNSAFE : undefined);
  if (guards.length === 0 && !isPromiseLike(identified)) {
    report(identified, identified, config);
    return identified;
  }
  return andThen(identified, (identified) =>
    andThen(applyGuards(identified, req, guards), (result) => {
      report(result, identified, config);
      return result;
    }),
  );
}

const UNSAFE = { unsafe: true };

function applyGuards<User>(
  result: AuthResult<User>,
  req: IncomingMessage,
  [guard, ...others]: readonly Guard<User>[],
): Awaitable<AuthResult<User>> {
  if (result instanceof Refusal || guard === undefined) return result;
  return andThen(guard(result, req), (error) =>
    error === undefined
      ? applyGuards(result, req, others)
      : new Refusal(error, result.strategy, result.claims.sub),
  );
}

function report(
  result: AuthResult<unknown>,
  identified: AuthResult<unknown>,
  { optional, isFollowUp }: AuthorizeConfig,
): void {
  const isRefused = result instanceof Refusal;
  const continues = !isRefused || isAllowed(result, optional);
  if (isFollowUp && continues && result === identified) return;
  if (isRefused) logRefusal(result);
  else debug("accepted");
  publishAuthenticate(result, continues);
}

/** Whether a refused request continues without a user. */
export function isAllowed({ error }: Refusal, optional: Optional): boolean {
  return optional === "lenient" || (optional && error.reason === "credentials_missing");
}
