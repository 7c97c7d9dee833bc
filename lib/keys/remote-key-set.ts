import type { AsymmetricAlgorithm } from "./algorithms.ts";
import type { KeySet } from "./key-set.ts";

const OPEN: unique symbol = Symbol("open");

/** Public keys that an issuer publishes and may change, created by `remoteJwks()`. */
export interface RemoteKeySet {
  // Stays in the declarations: any value would be assignable to an empty interface.
  /** @hidden */
  readonly [OPEN]: (algorithm: AsymmetricAlgorithm) => RemoteKeys;
}

/**
 * The published keys that fit an algorithm. As long as they do not change, the `KeySet` is the same
 * object. The promises reject with a {@link KeysUnavailableError}.
 */
export interface RemoteKeys {
  /** The keys that are known and fresh; `undefined` if they must be fetched. */
  readonly cached: () => KeySet | undefined;
  readonly fetch: () => Promise<KeySet>;
  /** Fetches again because a token names an unknown key, if the cooldown has passed. */
  readonly fetchUnknown: () => Promise<KeySet>;
}

export function createRemoteKeySet(
  open: (algorithm: AsymmetricAlgorithm) => RemoteKeys,
): RemoteKeySet {
  return Object.freeze({ [OPEN]: open });
}

/** Returns `undefined` if the value is not a remote key set. Throws a TypeError for a list with one in it. */
export function openRemoteKeySet(
  value: unknown,
  algorithm: AsymmetricAlgorithm,
): RemoteKeys | undefined {
  if (Array.isArray(value) && value.some(isRemoteKeySet)) {
    throw new TypeError(
      "publicKey must not be a list with remoteJwks() in it: pass remoteJwks() alone, it is a whole set of keys",
    );
  }
  return isRemoteKeySet(value) ? value[OPEN](algorithm) : undefined;
}

function isRemoteKeySet(value: unknown): value is RemoteKeySet {
  return typeof value === "object" && value !== null && OPEN in value;
}
