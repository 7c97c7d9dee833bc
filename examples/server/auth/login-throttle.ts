// Limits login attempts by address first, and then by account, so that a blocked address can neither lock
// accounts nor fill the store with invented names.
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

/** Results in a 429. It has no `status`, because the strategy passes on only errors without a status unchanged. */
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

/** Results in a 503: Redis, which stores the counts, is unavailable. Without a limit, all logins are refused. */
export class LoginThrottleUnavailableError extends Error {
  override readonly name = "LoginThrottleUnavailableError";

  constructor(cause: unknown) {
    super("Login attempts cannot be counted", { cause });
  }
}

export interface LoginLimits {
  /** Attempts in 15 minutes from one IPv4 address or one IPv6 network, for any account. */
  readonly perAddress: number;
  /** Attempts in 15 minutes for one e-mail, from any client, even if the user does not exist. */
  readonly perAccount: number;
}

export interface LoginThrottle {
  /** Counts an attempt before the password is verified, so that simultaneous attempts count, too. */
  count(email: string, ip: string | undefined): Promise<void>;
  /** Removes the attempt after a correct password, and resets the count of the account. */
  forgive(email: string, ip: string | undefined): Promise<void>;
}

/** @param redis shares the counts among processes; without it, each process has its own counts. */
export function createLoginThrottle(limits: LoginLimits, redis?: RedisClient): LoginThrottle {
  const byAddress = createLimiter("login-address", limits.perAddress, redis);
  const byAccount = createLimiter("login-account", limits.perAccount, redis);

  return {
    async count(email, ip) {
      await consume(byAddress, network(ip), "address");
      await consume(byAccount, toAccountKey(email), "account");
    },

    async forgive(email, ip) {
      // If Redis has become unavailable, the counts stay, but the login succeeds.
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

/** A digest with a fixed length, so that Redis contains no e-mail. */
function toAccountKey(email: string): string {
  return createHash("sha256").update(normalizeEmail(email)).digest("base64url");
}
