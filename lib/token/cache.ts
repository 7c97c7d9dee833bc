import { hash } from "node:crypto";
import { LRUCache } from "lru-cache";
import { checkTimes } from "./claim-rules.ts";
import { InvalidTokenError } from "../errors/auth-errors.ts";
import type { VerifiedToken, VerifyToken } from "./codec.ts";

/** Room that one remembered token takes at least, in characters. */
const ENTRY_SIZE = 1024;

/**
 * Remembers what `verify` accepted, so that a known token costs a look-up instead of a signature.
 * The verdicts stay the same: times are compared with the clock at every use, refusals are never
 * remembered, and so nothing unsigned can enter or push an entry out.
 *
 * @param size how many tokens at most; fewer when they are longer than 1,024 characters, since a
 * long text can take ten times its length once parsed. 0 remembers nothing.
 */
export function cacheVerifiedTokens(
  verify: VerifyToken,
  size: number,
  clockToleranceSeconds: number,
): VerifyToken {
  if (size === 0) return verify;
  // One bound for both, the count and the length. (With `max` the memory of all entries is taken at once.)
  const cache = new LRUCache<string, VerifiedToken>({ maxSize: size * ENTRY_SIZE });

  return function verifyOrRecall(token) {
    // The digest of the whole token: a part of it would accept forgeries, and the text would put
    // bearer tokens into heap dumps.
    const key = hash("sha256", token, "binary");
    const remembered = cache.get(key);
    if (remembered !== undefined) {
      const refusal = checkTimes(remembered.claims, clockToleranceSeconds);
      if (refusal === undefined) return remembered;
      cache.delete(key);
      return refusal;
    }
    const outcome = verify(token);
    if (!(outcome instanceof InvalidTokenError)) {
      cache.set(key, outcome, { size: Math.max(token.length, ENTRY_SIZE) });
    }
    return outcome;
  };
}
