import type { VerifiedClaims } from "./claims.ts";
import { InvalidTokenError } from "./errors.ts";
import { rememberVerified } from "./token-cache.ts";
import type { TokenCodec } from "./token.ts";

/** How much is read, and how much of it is remembered. */
export interface ReaderLimits {
  readonly maxTokenLength: number;
  readonly cacheSize: number;
  readonly clockToleranceSeconds: number;
}

/** Reads a token, or refuses it: also what is no token at all. */
export type ReadToken = (token: string | null | undefined) => VerifiedClaims | InvalidTokenError;

/** Makes the function that verifies the text of a token, or recalls that it has. */
export function createTokenReader(codec: TokenCodec, limits: ReaderLimits): ReadToken {
  const { maxTokenLength, cacheSize, clockToleranceSeconds } = limits;
  const verify = rememberVerified(codec.verify, cacheSize, clockToleranceSeconds);

  return function readToken(token) {
    if (typeof token !== "string") return new InvalidTokenError("malformed");
    // Before anything looks at the text: length is the one thing about it that costs nothing to judge.
    if (token.length > maxTokenLength) return new InvalidTokenError("token_too_long");
    return verify(token);
  };
}
