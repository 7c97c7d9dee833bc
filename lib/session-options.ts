import type { FingerprintOf, FingerprintTerms } from "./fingerprint.ts";
import { isHmacAlgorithm } from "./keys/algorithms.ts";
import type { KeyRing } from "./keys/key-ring.ts";
import { importKeys } from "./keys/named-key.ts";
import { importSecretKey } from "./keys/secret-key.ts";
import { check, checkInteger, ONE_HUNDRED_YEARS } from "./option-checks.ts";
import type { RenewalTerms } from "./renewal.ts";
import type { BoundTransport } from "./transports/transport.ts";

/** What the options of sessions are judged by. */
export interface SessionContext {
  readonly lifetimeSeconds: number | null;
  readonly keys: KeyRing;
  readonly transport: BoundTransport;
  readonly hasUsers: boolean;
}

/** How long a session may last, and how it is renewed on the way; `undefined` where it has no cap, or is not. */
export interface SessionConfig {
  readonly maxSessionSeconds: number | undefined;
  readonly renewal: RenewalTerms | undefined;
}

/** Throws a TypeError that names the option and the fix. */
export function resolveSession(
  maxSessionSeconds: unknown,
  renewAfter: unknown,
  { lifetimeSeconds, keys, transport, hasUsers }: SessionContext,
): SessionConfig {
  if (maxSessionSeconds !== undefined) {
    check(lifetimeSeconds !== null, "lifetimeSeconds", "a number where maxSessionSeconds is given");
    check(hasUsers, "findUser", "given where maxSessionSeconds is: without it nothing is renewed");
    check(
      keys.signingKey !== undefined,
      "secret",
      "given where maxSessionSeconds is: it signs tokens",
    );
    checkInteger(maxSessionSeconds, "maxSessionSeconds", lifetimeSeconds, ONE_HUNDRED_YEARS);
  }
  if (renewAfter === undefined) return { maxSessionSeconds, renewal: undefined };
  const { renewalHeaders } = transport;
  check(
    typeof renewAfter === "number" && renewAfter > 0 && renewAfter < 1,
    "renewAfter",
    "a number between 0 and 1",
  );
  check(lifetimeSeconds !== null, "lifetimeSeconds", "a number where renewAfter is given");
  check(hasUsers, "findUser", "given where renewAfter is: who is gone must not be renewed");
  check(keys.signingKey !== undefined, "secret", "given where renewAfter is: it signs new tokens");
  check(
    renewalHeaders !== undefined,
    "transport",
    "cookieTransport(), or have renewalHeaders, where renewAfter is given: other clients ask refresh",
  );
  return { maxSessionSeconds, renewal: { renewAfter, lifetimeSeconds, renewalHeaders } };
}

/** Throws a TypeError that names the option and the fix. */
export function resolveFingerprint<User>(
  fingerprint: unknown,
  fingerprintKey: unknown,
  { keys, hasUsers }: SessionContext,
): FingerprintTerms<User> | undefined {
  if (fingerprint === undefined) {
    check(fingerprintKey === undefined, "fingerprint", "given where fingerprintKey is");
    return undefined;
  }
  check(hasUsers, "findUser", "given where fingerprint is: it finds whose it is");
  const fingerprintOf = fingerprint as FingerprintOf<User>;
  if (isHmacAlgorithm(keys.algorithm)) {
    check(
      fingerprintKey === undefined,
      "fingerprintKey",
      "left out where secret can key fingerprints",
    );
    check(keys.signingKey !== undefined, "secret", "given where fingerprint is");
    return { fingerprintOf, signingKey: keys.signingKey.key, ownKeys: undefined };
  }
  check(
    fingerprintKey !== undefined,
    "fingerprintKey",
    `given for fingerprint with ${keys.algorithm}, since a public key keys nothing`,
  );
  const ownKeys = importKeys("fingerprintKey", fingerprintKey, (option, value) =>
    importSecretKey(option, value, "HS256", undefined),
  );
  return { fingerprintOf, signingKey: ownKeys[0].key, ownKeys: ownKeys.map(({ key }) => key) };
}
