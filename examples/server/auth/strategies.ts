// Two ways to carry a token, over the same users and keys: a header for programs, a cookie for the page.
import {
  anyOf,
  cookieTransport,
  createJwtStrategy,
  dynamicStrategy,
  type JwtStrategy,
  type RequestStrategy,
  type UserStrategyOptions,
} from "express-jwt-strategy";
import type { Request } from "express";
import type { User, UserStore } from "../users/user-store.ts";
import type { KeySource, SigningKeys } from "./keys.ts";
import type { LoginThrottle } from "./login-throttle.ts";
import type { Logger } from "pino";

export interface Strategies {
  /** `Authorization: Bearer …` */
  readonly bearer: RequestStrategy<User>;
  /** The cookie `__Host-session`. */
  readonly cookie: RequestStrategy<User>;
  /** Either of them: guards the routes. */
  readonly either: RequestStrategy<User>;
  /** The bearer strategy as it is now: the OpenAPI document describes it. */
  readonly describable: () => JwtStrategy<User>;
}

export interface StrategyParts {
  readonly users: UserStore;
  readonly throttle: LoginThrottle;
  readonly keys: KeySource;
  readonly lifetimeSeconds: number;
  readonly log: Logger;
}

/** After half a day a user logs in again, however often the token was renewed. */
const MAX_SESSION_SECONDS = 12 * 60 * 60;

/** What a token may be used for. */
function scopeOf({ isSuperuser }: User): string {
  return isSuperuser ? "notes:read notes:write" : "notes:read";
}

export function createStrategies(parts: StrategyParts): Strategies {
  const { users, throttle, keys, lifetimeSeconds, log } = parts;

  function create(signingKeys: SigningKeys): Record<"bearer" | "cookie", JwtStrategy<User>> {
    const options: UserStrategyOptions<User> = {
      ...signingKeys,
      lifetimeSeconds,
      maxSessionSeconds: Math.max(MAX_SESSION_SECONDS, lifetimeSeconds),
      findUser: (id) => users.findById(id),
      claims: (user) => ({ scope: scopeOf(user) }),
      async verifyCredentials({ username, password }, req: Request) {
        await throttle.count(username, req.ip);
        return users.checkPassword(username, password);
      },
      onAfterLogin: ({ email }, req: Request) => throttle.forgive(email, req.ip),
    };
    return {
      bearer: createJwtStrategy(options),
      cookie: createJwtStrategy({
        ...options,
        transport: cookieTransport({
          cookieName: "__Host-session",
          cookieMaxAge: lifetimeSeconds,
          cookieSameSite: "strict",
        }),
      }),
    };
  }

  // Made anew only when the keys change: a strategy remembers the tokens that it has verified.
  let current = create(keys.current);
  keys.watch((changed) => (current = create(changed)), log);

  const bearer = dynamicStrategy(() => current.bearer);
  const cookie = dynamicStrategy(() => current.cookie);
  return { bearer, cookie, either: anyOf(bearer, cookie), describable: () => current.bearer };
}
