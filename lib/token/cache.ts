import { hash } from "node:crypto";
import { LRUCache } from "lru-cache";
import { checkTimes, type TimesConfig } from "./claims.ts";
import { andThen, type Awaitable } from "../util/awaitable.ts";
import type { ReadResult, VerifiedToken } from "./codec.ts";

/** The least size that one token counts, in characters. */
const MIN_ENTRY_SIZE = 1024;

/**
 * Caches what `verify` accepts, so that a known token costs a look-up instead of a signature. The
 * results stay the same: times are compared with the clock at each use, and refusals are never
 * cached, so that an invalid token can neither enter nor evict an entry.
 *
 * @param size the number of tokens that are cached; fewer if they are longer than 1,024 characters,
 * since a long text can take ten times its length once parsed. 0 caches none.
 */
export function cacheVerifiedTokens<Result extends Awaitable<ReadResult>>(
  verify: (token: string) => Result,
  size: number,
  times: TimesConfig,
): (token: string) => Result | ReadResult {
  if (size === 0) return verify;
  // One bound for number and length. (`max` would allocate the memory of all entries at once.)
  const cache = new LRUCache<string, VerifiedToken>({ maxSize: size * MIN_ENTRY_SIZE });

  return function verifyWithCache(token) {
    // A digest of the whole token: a digest of a part would accept forgeries, and the text itself
    // would put bearer tokens into heap dumps.
    const key = hash("sha256", token, "binary");
    const cached = cache.get(key);
    if (cached !== undefined) {
      const reason = checkTimes(cached.claims, times);
      if (reason === undefined) return cached;
      cache.delete(key);
      return reason;
    }
    return andThen<ReadResult, ReadResult>(verify(token), (verified) => {
      if (typeof verified !== "string") {
        cache.set(key, verified, { size: Math.max(token.length, MIN_ENTRY_SIZE) });
      }
      return verified;
    }) as Result;
  };
}
