import { isHmacAlgorithm } from "../keys/algorithms.ts";
import type { KeySet } from "../keys/key-set.ts";
import { toPublicJwk } from "../keys/public-jwk.ts";
import type { Handler } from "../http/handler.ts";

/** How long clients may cache the keys: a new key must be published this long before it signs. */
const MAX_AGE_SECONDS = 300;

/**
 * Makes the handler that publishes the public keys as a JSON Web Key Set (RFC 7517 section 5). Throws a
 * TypeError for HMAC secrets, which must not be published, and for `remoteJwks()`, which is published
 * already.
 */
export function createJwks({ algorithm, verificationKeys }: KeySet): Handler {
  if (isHmacAlgorithm(algorithm)) {
    throw new TypeError(
      `jwks publishes public keys, and ${algorithm} has none: set algorithm to RS256, ES256, ...`,
    );
  }
  if (verificationKeys.length === 0) {
    throw new TypeError(
      "jwks publishes the keys of this service; the issuer publishes the keys of remoteJwks()",
    );
  }
  const body = JSON.stringify({ keys: verificationKeys.map((key) => toPublicJwk(key, algorithm)) });

  return function jwksHandler(_req, res) {
    res.statusCode = 200;
    // Shared caches may store this response: it must not contain the cookie of one client.
    res.removeHeader("Set-Cookie");
    res.setHeader("Content-Type", "application/jwk-set+json"); // RFC 7517 section 8.5.2
    res.setHeader("Cache-Control", `public, max-age=${MAX_AGE_SECONDS}`);
    res.end(body);
  };
}
