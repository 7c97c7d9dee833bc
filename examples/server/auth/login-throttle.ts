// Limits login attempts: by address first, and only then by account, so that a blocked address can neither
// lock out accounts nor fill the store with names that it makes up.
import { createHash } from "node:crypto";
import {
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRes,
  type RateLimiterAbstract,
} from "rate-limiter-flexible";
import { network } from "../../network.ts";
import { normalizeEmail } from "../users/user-store.ts";
import type { RedisClient } from "./redis.ts";

const WINDOW_SECONDS = 15 * 60;

/** Answered with 429. It has no `status`: the strategy passes on the app's errors that have none unchanged. */
export class LoginThrottledError extends Error {
  override readonly name = "LoginThrottledError";
  readonly limit: "address" | "account";
  readonly retryAfterSeconds: number;

  constructor(limit: "address" | "account", retryAfterSeconds: number) {
    super("Too many login attempts");
    this.limit = limit;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Answered with 503: the counts are in Redis, and Redis is away. Without a limit nobody logs in. */
export class LoginThrottleUnavailableError extends Error {
  override readonly name = "LoginThrottleUnavailableError";

  constructor(cause: unknown) {
    super("Login attempts cannot be counted", { cause });
  }
}

export interface LoginLimits {
  /** Attempts in 15 minutes from one IPv4 address or one IPv6 network, whatever the account. */
  readonly perAddress: number;
  /** Attempts in 15 minutes for one e-mail, from any client, and whether or not the user exists. */
  readonly perAccount: number;
}

export interface LoginThrottle {
  /** Counts an attempt, before the password is looked at: attempts that run at the same time count, too. */
  count(email: string, ip: string | undefined): Promise<void>;
  /** Takes the attempt back once the password was right, and forgets the account's failures. */
  forgive(email: string, ip: string | undefined): Promise<void>;
}

/** @param redis shares the counts among processes; without it each process counts by itself. */
export function createLoginThrottle(limits: LoginLimits, redis?: RedisClient): LoginThrottle {
  const byAddress = createLimiter("login-address", limits.perAddress, redis);
  const byAccount = createLimiter("login-account", limits.perAccount, redis);

  return {
    async count(email, ip) {
      await consume(byAddress, network(ip), "address");
      await consume(byAccount, toAccountKey(email), "account");
    },

    async forgive(email, ip) {
      // If Redis has gone away in between, the counts stay, and the login is no less right.
      await Promise.allSettled([
        byAddress.reward(network(ip)),
        byAccount.delete(toAccountKey(email)),
      ]);
    },
  };
}

function createLimiter(
  keyPrefix: string,
  points: number,
  redis: RedisClient | undefined,
): RateLimiterAbstract {
  const options = { keyPrefix, points, duration: WINDOW_SECONDS };
  return redis === undefined
    ? new RateLimiterMemory(options)
    : new RateLimiterRedis({
        ...options,
        storeClient: redis,
        useRedisPackage: true,
        rejectIfRedisNotReady: true,
      });
}

async function consume(
  limiter: RateLimiterAbstract,
  key: string,
  limit: "address" | "account",
): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (rejection) {
    if (!(rejection instanceof RateLimiterRes)) throw new LoginThrottleUnavailableError(rejection);
    throw new LoginThrottledError(limit, Math.ceil(rejection.msBeforeNext / 1000));
  }
}

/** As long for every e-mail, and no e-mail in Redis. */
function toAccountKey(email: string): string {
  return createHash("sha256").update(normalizeEmail(email)).digest("base64url");
}
