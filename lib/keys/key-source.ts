import type { Awaitable } from "../awaitable.ts";
import type { AsymmetricAlgorithm } from "./algorithms.ts";
import type { KeyRing } from "./key-ring.ts";

const OPEN: unique symbol = Symbol("open");

/** Where public keys come from that may change while requests run: made by `remoteJwks()`. */
export interface KeySource {
  /** @internal */
  readonly [OPEN]: (algorithm: AsymmetricAlgorithm) => ChangingKeys;
}

/**
 * The keys of a source that fit an algorithm. As long as they are the same, so is the ring. Both
 * functions fail with a {@link KeysUnavailableError} where nobody can say what the keys are.
 */
export interface ChangingKeys {
  /** The keys as they are known. A promise only where they must be fetched first. */
  current(): Awaitable<KeyRing>;
  /** The keys once it has been asked whether there are new ones, if it is time to ask again. */
  renewed(): Awaitable<KeyRing>;
}

/** Makes a source of keys. */
export function createKeySource(open: (algorithm: AsymmetricAlgorithm) => ChangingKeys): KeySource {
  return Object.freeze({ [OPEN]: open });
}

/**
 * The keys of a source, or `undefined` where the value is none. Throws a TypeError for a list with one
 * in it.
 */
export function openKeySource(
  value: unknown,
  algorithm: AsymmetricAlgorithm,
): ChangingKeys | undefined {
  if (Array.isArray(value) && value.some(isKeySource)) {
    throw new TypeError(
      "publicKey is a list with remoteJwks() in it, which is a whole set of keys: give it alone",
    );
  }
  return isKeySource(value) ? value[OPEN](algorithm) : undefined;
}

function isKeySource(value: unknown): value is KeySource {
  return typeof value === "object" && value !== null && OPEN in value;
}
