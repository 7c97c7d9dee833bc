// Two strategies with the same users and keys: a header for programs, a cookie for the page.
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
  /** The current bearer strategy, for the OpenAPI document. */
  readonly describable: () => JwtStrategy<User>;
}

export interface StrategyParts {
  readonly users: UserStore;
  readonly throttle: LoginThrottle;
  readonly keys: KeySource;
  readonly lifetimeSeconds: number;
  readonly log: Logger;
}

/** Users must log in again after half a day, even if their tokens were renewed. */
const MAX_SESSION_SECONDS = 12 * 60 * 60;

/** The scopes of a user's tokens. */
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

  // Created again only if the keys change, because a strategy caches verified tokens.
  let current = create(keys.current);
  keys.watch((changed) => (current = create(changed)), log);

  const bearer = dynamicStrategy(() => current.bearer);
  const cookie = dynamicStrategy(() => current.cookie);
  return { bearer, cookie, either: anyOf(bearer, cookie), describable: () => current.bearer };
}
