import type { KeyObject } from "node:crypto";
import { digestKey, type KeyEntry } from "../keys/key-entry.ts";

/** The keys that may have signed a token, each once. */
export interface SelectedKeys {
  readonly keys: readonly KeyObject[];
  /** `false` if the token names a key that is not in the set. */
  readonly isKnown: boolean;
}

/**
 * Creates the function that selects the keys for a token: the key that its `kid` names, all keys for
 * a token without a `kid`, and for an unknown `kid` the keys without one, since their signer may use
 * a name for them. The `kid` comes from the client and is only compared.
 */
export function createKeySelection(
  entries: readonly KeyEntry[],
): (unverifiedKid: string | undefined) => SelectedKeys {
  const all = { keys: removeDuplicates(entries), isKnown: true };
  const unnamed = {
    keys: removeDuplicates(entries.filter(({ kid }) => kid === undefined)),
    isKnown: false,
  };
  const named = new Map(entries.map(({ key, kid }) => [kid, { keys: [key], isKnown: true }]));
  return (kid) => (kid === undefined ? all : (named.get(kid) ?? unnamed));
}

/** An issuer may publish one key under two kids. It is tried once. */
function removeDuplicates(entries: readonly KeyEntry[]): readonly KeyObject[] {
  return [...new Map(entries.map(({ key }) => [digestKey(key), key])).values()];
}
