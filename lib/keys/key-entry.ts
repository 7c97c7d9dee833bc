import type { KeyObject } from "node:crypto";

/** A key, and what the tokens that it signs call it. */
export interface KeyEntry {
  readonly key: KeyObject;
  /** `kid` (RFC 7515 section 4.1.4); `undefined` for a key that was not given as a JWK with one. */
  readonly kid: string | undefined;
}

/** Imports a key, or each of a list of them; refuses an empty list. */
export function importKeys(
  option: string,
  value: unknown,
  importKey: (option: string, value: unknown) => KeyEntry,
): readonly [KeyEntry, ...KeyEntry[]] {
  if (!Array.isArray(value)) return [importKey(option, value)];
  const [first, ...others] = Array.from<unknown, KeyEntry>(value, (one, index) =>
    importKey(`${option}[${index}]`, one),
  );
  if (first === undefined) {
    throw new TypeError(`${option} is an empty list: give at least one key`);
  }
  return checkDistinct(option, [first, ...others]);
}

/** Each key is tried once and each `kid` chosen by: a list that repeats one is a mistake. */
export function checkDistinct<Keys extends readonly KeyEntry[]>(option: string, keys: Keys): Keys {
  keys.forEach(({ key, kid }, index) => {
    const earlier = keys.slice(0, index);
    if (earlier.some((other) => other.key.equals(key))) {
      throw new TypeError(`${option} holds the same key twice: give each key once`);
    }
    if (kid !== undefined && earlier.some((other) => other.kid === kid)) {
      throw new TypeError(`${option} holds two keys of the same kid: give each a kid of its own`);
    }
  });
  return keys;
}
