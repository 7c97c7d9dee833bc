import type { GetSecurityStamp, SecurityStampConfig } from "../sessions/security-stamp.ts";
import { isHmacAlgorithm } from "../keys/algorithms.ts";
import type { KeySet } from "../keys/key-set.ts";
import { importKeys } from "../keys/key-entry.ts";
import { importSecretKey } from "../keys/secret-key.ts";
import { check, checkInteger, ONE_HUNDRED_YEARS } from "../util/option-checks.ts";
import type { RenewalTerms } from "../handlers/sliding-renewal.ts";
import type { BoundTransport } from "../transports/transport.ts";

/** What the options of sessions are judged by. */
export interface SessionContext {
  readonly lifetimeSeconds: number | null;
  readonly keys: KeySet;
  readonly transport: BoundTransport;
  readonly loadsUsers: boolean;
}

/** How long a session may last, and how it is renewed on the way; `undefined` where it has no cap, or is not. */
export interface SessionConfig {
  readonly maxSessionSeconds: number | undefined;
  readonly renewal: RenewalTerms | undefined;
}

/** Throws a TypeError that names the option and the fix. */
export function resolveSession(
  maxSessionSeconds: unknown,
  renewAfterFraction: unknown,
  { lifetimeSeconds, keys, transport, loadsUsers }: SessionContext,
): SessionConfig {
  if (maxSessionSeconds !== undefined) {
    check(lifetimeSeconds !== null, "lifetimeSeconds", "a number where maxSessionSeconds is given");
    check(
      loadsUsers,
      "findUser",
      "given where maxSessionSeconds is: without it nothing is renewed",
    );
    check(
      keys.signingKey !== undefined,
      "secret",
      "given where maxSessionSeconds is: it signs tokens",
    );
    checkInteger(maxSessionSeconds, "maxSessionSeconds", lifetimeSeconds, ONE_HUNDRED_YEARS);
  }
  if (renewAfterFraction === undefined) return { maxSessionSeconds, renewal: undefined };
  const { renewalHeaders } = transport;
  check(
    typeof renewAfterFraction === "number" && renewAfterFraction > 0 && renewAfterFraction < 1,
    "renewAfterFraction",
    "a number between 0 and 1",
  );
  check(lifetimeSeconds !== null, "lifetimeSeconds", "a number where renewAfterFraction is given");
  check(
    loadsUsers,
    "findUser",
    "given where renewAfterFraction is: who is gone must not be renewed",
  );
  check(
    keys.signingKey !== undefined,
    "secret",
    "given where renewAfterFraction is: it signs new tokens",
  );
  check(
    renewalHeaders !== undefined,
    "transport",
    "cookieTransport(), or have renewalHeaders, where renewAfterFraction is given: other clients ask refresh",
  );
  return { maxSessionSeconds, renewal: { renewAfterFraction, lifetimeSeconds, renewalHeaders } };
}

/** Throws a TypeError that names the option and the fix. */
export function resolveSecurityStamp<User>(
  securityStamp: unknown,
  securityStampKey: unknown,
  { keys, loadsUsers }: SessionContext,
): SecurityStampConfig<User> | undefined {
  if (securityStamp === undefined) {
    check(securityStampKey === undefined, "securityStamp", "given where securityStampKey is");
    return undefined;
  }
  check(loadsUsers, "findUser", "given where securityStamp is: it finds whose it is");
  const getSecurityStamp = securityStamp as GetSecurityStamp<User>;
  if (isHmacAlgorithm(keys.algorithm)) {
    check(
      securityStampKey === undefined,
      "securityStampKey",
      "left out where secret can key fingerprints",
    );
    check(keys.signingKey !== undefined, "secret", "given where securityStamp is");
    return { getSecurityStamp, signingKey: keys.signingKey.key, ownKeys: undefined };
  }
  check(
    securityStampKey !== undefined,
    "securityStampKey",
    `given for securityStamp with ${keys.algorithm}, since a public key keys nothing`,
  );
  const ownKeys = importKeys("securityStampKey", securityStampKey, (option, value) =>
    importSecretKey(option, value, "HS256", undefined),
  );
  return { getSecurityStamp, signingKey: ownKeys[0].key, ownKeys: ownKeys.map(({ key }) => key) };
}
