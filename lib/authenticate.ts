import { IncomingMessage } from "node:http";
import type { Authenticated, Authenticator } from "./authenticator.ts";
import { setUser, type RequestSlot } from "./current-user.ts";
import { AuthError, CredentialsRequiredError } from "./errors.ts";
import { createGuard, type GuardOptions } from "./guards.ts";
import { settle, type Handler } from "./handler.ts";
import { check, checkBoolean, readOptions } from "./option-checks.ts";
import type { Refuse } from "./refuse.ts";

/** The options of `authenticate()`. */
export interface AuthenticateOptions extends GuardOptions {
  /**
   * `true`: a request without credentials goes on without a user; bad credentials are refused all
   * the same. `"lenient"`, the way of fastapi-users: whatever would be refused goes on without a
   * user. A failure stays a 500 in both. Default `false`.
   */
  readonly optional?: boolean | "lenient" | undefined;
}

const GUARD_NAMES = ["active", "verified", "superuser"] as const;

/** Checks the options of `authenticate()`, before any request needs them. */
export function resolveAuthenticateOptions(options: AuthenticateOptions = {}): AuthenticateOptions {
  if (options instanceof IncomingMessage) {
    throw new TypeError("authenticate makes the middleware: write app.use(auth.authenticate())");
  }
  const given = readOptions("authenticate()", options, ["optional", ...GUARD_NAMES]);
  const { optional = false, active = false, verified = false, superuser = false } = given;
  check(
    typeof optional === "boolean" || optional === "lenient",
    "optional",
    'true, false or "lenient"',
  );
  checkBoolean(active, "active");
  checkBoolean(verified, "verified");
  checkBoolean(superuser, "superuser");
  return Object.freeze({ optional, active, verified, superuser });
}

/** Makes the middleware that lets a request go on only with a user, or says 400, 401 or 403. */
export function createAuthenticate<User>(
  authenticator: Authenticator<User>,
  slot: RequestSlot<Authenticated<User>>,
  refuse: Refuse,
  hasUsers: boolean,
): (options?: AuthenticateOptions) => Handler {
  return function authenticate(options) {
    const { optional, ...guards } = resolveAuthenticateOptions(options);
    if (!hasUsers && Object.values(guards).includes(true)) {
      throw new TypeError(
        "active, verified and superuser look at the user: give findUser to createJwtStrategy",
      );
    }
    const guard = createGuard(guards);
    const goesOnAnonymous = (refusal: AuthError): boolean =>
      optional === "lenient" || (optional === true && refusal instanceof CredentialsRequiredError);

    return function authenticateMiddleware(req, res, next) {
      settle(
        () => {
          setUser(req, undefined);
          slot.set(req, undefined);
          return authenticator.authenticateRequest(req, guard);
        },
        (outcome) => {
          if (res.writableEnded) return;
          if (!(outcome instanceof AuthError)) {
            setUser(req, outcome.user);
            slot.set(req, outcome);
          } else if (!goesOnAnonymous(outcome)) {
            refuse(outcome, req, res, next);
            return;
          }
          next();
        },
        next,
      );
    };
  };
}
