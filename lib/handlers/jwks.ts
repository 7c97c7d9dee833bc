import { isHmacAlgorithm } from "../keys/algorithms.ts";
import type { KeySet } from "../keys/key-set.ts";
import { toPublicJwk } from "../keys/public-jwk.ts";
import type { Handler } from "../http/handler.ts";

/**
 * How long others may go on with the keys they have read: a new key is published this long before it
 * signs.
 */
const MAX_AGE_SECONDS = 300;

/**
 * Makes the handler that publishes the public keys as a JSON Web Key Set (RFC 7517 section 5). Throws a
 * TypeError for secrets, which nobody may publish, and where there are no keys of one's own.
 */
export function createJwks({ algorithm, verificationKeys }: KeySet): Handler {
  if (isHmacAlgorithm(algorithm)) {
    throw new TypeError(
      `jwks publishes public keys, and ${algorithm} has none: set algorithm to RS256, ES256, ...`,
    );
  }
  if (verificationKeys.length === 0) {
    throw new TypeError(
      "jwks publishes keys of one's own: those of remoteJwks are published already",
    );
  }
  const body = JSON.stringify({ keys: verificationKeys.map((key) => toPublicJwk(key, algorithm)) });

  return function jwksHandler(_req, res) {
    res.statusCode = 200;
    // A shared cache may keep this answer: nothing that is for this client alone, as a renewed token.
    res.removeHeader("Set-Cookie");
    res.setHeader("Content-Type", "application/jwk-set+json"); // RFC 7517 section 8.5.2
    res.setHeader("Cache-Control", `public, max-age=${MAX_AGE_SECONDS}`);
    res.end(body);
  };
}
