import type { Awaitable } from "../util/awaitable.ts";
import type { AsymmetricAlgorithm } from "./algorithms.ts";
import type { KeySet } from "./key-set.ts";

const OPEN: unique symbol = Symbol("open");

/** Where public keys come from that may change while requests run: made by `remoteJwks()`. */
export interface RemoteKeySet {
  /** @internal */
  readonly [OPEN]: (algorithm: AsymmetricAlgorithm) => ChangingKeys;
}

/**
 * The keys of a source that fit an algorithm. As long as they are the same, so is the ring. Both
 * functions fail with a {@link KeysUnavailableError} where nobody can say what the keys are.
 */
export interface ChangingKeys {
  /** The keys as they are known. A promise only where they must be fetched first. */
  current(): Awaitable<KeySet>;
  /** The keys once it has been asked whether there are new ones, if it is time to ask again. */
  renewed(): Awaitable<KeySet>;
}

/** Makes a source of keys. */
export function createRemoteKeySet(
  open: (algorithm: AsymmetricAlgorithm) => ChangingKeys,
): RemoteKeySet {
  return Object.freeze({ [OPEN]: open });
}

/**
 * The keys of a source, or `undefined` where the value is none. Throws a TypeError for a list with one
 * in it.
 */
export function openRemoteKeySet(
  value: unknown,
  algorithm: AsymmetricAlgorithm,
): ChangingKeys | undefined {
  if (Array.isArray(value) && value.some(isRemoteKeySet)) {
    throw new TypeError(
      "publicKey is a list with remoteJwks() in it, which is a whole set of keys: give it alone",
    );
  }
  return isRemoteKeySet(value) ? value[OPEN](algorithm) : undefined;
}

function isRemoteKeySet(value: unknown): value is RemoteKeySet {
  return typeof value === "object" && value !== null && OPEN in value;
}
