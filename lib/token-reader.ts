import { InvalidTokenError } from "./errors.ts";
import { rememberVerified, type VerifyToken } from "./token-cache.ts";
import type { TokenCodec } from "./token.ts";

/** Makes the function that verifies the text of a token, or recalls that it has. */
export function createTokenReader(
  codec: TokenCodec,
  maxTokenLength: number,
  cacheSize: number,
  clockToleranceSeconds: number,
): VerifyToken {
  const verify = rememberVerified(codec.verify, cacheSize, clockToleranceSeconds);

  return function readToken(token) {
    // Before anything looks at the text: length is the one thing about it that costs nothing to judge.
    if (token.length > maxTokenLength) return new InvalidTokenError("token_too_long");
    return verify(token);
  };
}
