import { createHash, type KeyObject } from "node:crypto";

/** A key, and the `kid` of the tokens that it signs. */
export interface KeyEntry {
  readonly key: KeyObject;
  /** `kid` (RFC 7515 section 4.1.4); `undefined` for a key that is not a JWK with one. */
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
    throw new TypeError(`${option} is an empty list: pass at least one key`);
  }
  return checkDistinct(option, [first, ...others]);
}

/** A list that repeats a key or a `kid` is a mistake. */
export function checkDistinct<Keys extends readonly KeyEntry[]>(option: string, keys: Keys): Keys {
  if (new Set(keys.map(({ key }) => digestKey(key))).size < keys.length) {
    throw new TypeError(`${option} contains the same key twice: pass each key once`);
  }
  return checkDistinctKids(option, keys);
}

export function checkDistinctKids<Keys extends readonly KeyEntry[]>(
  option: string,
  keys: Keys,
): Keys {
  const kids = keys.map(({ kid }) => kid).filter((kid) => kid !== undefined);
  if (new Set(kids).size < kids.length) {
    throw new TypeError(`${option} contains two keys with the same kid: give each its own kid`);
  }
  return keys;
}

/** Equal for equal secrets or public keys, so that a set finds duplicates in linear time. */
export function digestKey(key: KeyObject): string {
  const bytes = key.type === "secret" ? key.export() : key.export({ format: "der", type: "spki" });
  const digest = createHash("sha256").update(bytes).digest("base64");
  bytes.fill(0);
  return digest;
}
