import { createVerifier } from "fast-jwt";
import { minimalMiddleware } from "./minimal-middleware.js";

function withOptions({ algorithm, verificationKey, audience }, options = {}) {
  const verify = createVerifier({
    key: verificationKey,
    algorithms: [algorithm],
    allowedAud: audience,
    cache: 10_000, // `true` means 1,000: the rotating tokens would find nothing
    ...options,
  });
  return minimalMiddleware(verify);
}

/** Entries are found by a digest of the token: the default, and what its README recommends. */
export function asDocumented(setup) {
  return withOptions(setup);
}

/** The faster way that its README names, for those who do not mind tokens in memory. */
export function atBest(setup) {
  return withOptions(setup, { cacheKeyBuilder: (token) => token });
}
