import { andThen, type Awaitable } from "../util/awaitable.ts";
import { InvalidTokenError } from "../errors/auth-errors.ts";
import type { KeySet } from "../keys/key-set.ts";
import type { ChangingKeys } from "../keys/remote-key-set.ts";
import { cacheVerifiedTokens } from "./cache.ts";
import type { TokenCodec, VerifiedToken } from "./codec.ts";

/** How much is read, and how much of it is remembered. */
export interface ReaderLimits {
  readonly maxTokenLength: number;
  readonly cacheSize: number;
  readonly clockToleranceSeconds: number;
}

/** Reads a token, or refuses it: also what is no token at all. A promise only where keys must be fetched first. */
export type ReadToken = (
  token: string | null | undefined,
) => Awaitable<VerifiedToken | InvalidTokenError>;

/** Makes the function that verifies the text of a token, or recalls that it has. */
export function createTokenReader(codec: TokenCodec, limits: ReaderLimits): ReadToken {
  const { maxTokenLength, cacheSize, clockToleranceSeconds } = limits;
  const verify = cacheVerifiedTokens(codec.verify, cacheSize, clockToleranceSeconds);

  return function readToken(token) {
    if (typeof token !== "string") return new InvalidTokenError("malformed");
    // Before anything looks at the text: length is the one thing about it that costs nothing to judge.
    if (token.length > maxTokenLength) return new InvalidTokenError("token_too_long");
    // A text without two dots is not worth the digest under which it would be remembered.
    if (!token.includes(".", token.indexOf(".") + 1)) return new InvalidTokenError("malformed");
    return verify(token);
  };
}

/**
 * Makes the same function for keys that change. What was remembered is forgotten with the keys that
 * verified it, and a token that names an unknown key is a reason to ask for new ones.
 */
export function createChangingTokenReader(
  keys: ChangingKeys,
  createReader: (ring: KeySet) => ReadToken,
): ReadToken {
  let latest: { readonly ring: KeySet; readonly readToken: ReadToken } | undefined;

  function readerOf(ring: KeySet): ReadToken {
    if (latest?.ring !== ring) latest = { ring, readToken: createReader(ring) };
    return latest.readToken;
  }

  return function readTokenWithCurrentKeys(token) {
    return andThen(keys.current(), (ring) =>
      andThen(readerOf(ring)(token), (outcome) =>
        outcome instanceof InvalidTokenError && outcome.reason === "key_not_found"
          ? andThen(keys.renewed(), (newer) => (newer === ring ? outcome : readerOf(newer)(token)))
          : outcome,
      ),
    );
  };
}
