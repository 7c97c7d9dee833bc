import type { KeyObject } from "node:crypto";
import type { KeyEntry } from "./key-entry.ts";

/** A key that may have signed a token. */
export interface Candidate {
  readonly key: KeyObject;
  /** How long its signatures are, in bytes; `undefined` where they are not of one length. */
  readonly rsaBytes: number | undefined;
}

/** The keys that a token is tried with, each once. */
export interface Candidates {
  readonly keys: readonly Candidate[];
  /** `false`: the token names a key that is not here. */
  readonly isKnown: boolean;
}

/**
 * Makes the choice of keys for a token: the key that its `kid` names, all keys for a token without
 * one, and for an unknown `kid` the keys that have none, since its signer may call them something. The
 * `kid` is attacker's text, and is only compared.
 */
export function createKeySelection(
  keys: readonly KeyEntry[],
): (unverifiedKid: string | undefined) => Candidates {
  const candidates = keys.map(({ key, kid }) => ({ key, kid, rsaBytes: rsaSignatureBytes(key) }));
  const withoutKid = candidates.filter(({ kid }) => kid === undefined);

  const all = { keys: eachOnce(candidates), isKnown: true };
  const unnamed = { keys: eachOnce(withoutKid), isKnown: false };
  const named = new Map(candidates.map((one) => [one.kid, { keys: [one], isKnown: true }]));
  return (kid) => (kid === undefined ? all : (named.get(kid) ?? unnamed));
}

/** Under two kids, as an issuer may publish it, a key is tried once all the same. */
function eachOnce(candidates: readonly Candidate[]): readonly Candidate[] {
  return candidates.filter(
    ({ key }, index) => candidates.findIndex((other) => other.key.equals(key)) === index,
  );
}

/**
 * How long an RSA signature must be (RFC 8017 sections 8.1.2 and 8.2.2, step 1). OpenSSL lets a PSS
 * signature leave out its leading zeros, and one token would have two spellings. `undefined` for other keys.
 */
function rsaSignatureBytes(key: KeyObject): number | undefined {
  const modulusLength = key.asymmetricKeyDetails?.modulusLength;
  return modulusLength === undefined ? undefined : Math.ceil(modulusLength / 8);
}
