import { createPublicKey, sign, verify, type KeyObject } from "node:crypto";
import {
  algorithmRules,
  isHmacAlgorithm,
  type AsymmetricAlgorithm,
  type HmacAlgorithm,
  type JwtAlgorithm,
} from "./algorithms.ts";
import { importPrivateKey, importPublicKey } from "./key-pair.ts";
import { debug } from "../util/debug.ts";
import { check } from "../util/option-checks.ts";
import { isJwk, isJwkSet } from "./jwk.ts";
import { checkDistinctKids, importKeys, type KeyEntry } from "./key-entry.ts";
import { importSecretKey } from "./secret-key.ts";

/** The keys of a strategy, parsed and checked once. */
export interface KeySet {
  readonly algorithm: JwtAlgorithm;
  /** Signs; `undefined` in a service that only verifies. */
  readonly signingKey: KeyEntry | undefined;
  /** Secrets or public keys that verify. Never a private key, and no `kid` twice. */
  readonly verificationKeys: readonly KeyEntry[];
}

/** Imports and checks keys in any form. Throws a TypeError that names the option and the fix. */
export function createKeySet(
  algorithm: JwtAlgorithm,
  secret: unknown,
  publicKey: unknown,
  allowWeakSecret: boolean,
): KeySet {
  return isHmacAlgorithm(algorithm)
    ? createHmacKeySet(algorithm, secret, publicKey, allowWeakSecret)
    : createPairKeySet(algorithm, secret, publicKey);
}

function createHmacKeySet(
  algorithm: HmacAlgorithm,
  secret: unknown,
  publicKey: unknown,
  allowWeakSecret: boolean,
): KeySet {
  if (publicKey !== undefined) {
    throw new TypeError(
      `publicKey cannot be used with ${algorithm}, because its secret also verifies: ` +
        "leave it out, or set algorithm to RS256, ES256, ...",
    );
  }
  if (secret === undefined) {
    throw new TypeError(
      "secret is required (undefined was given: is the environment variable set?)",
    );
  }
  const keys = importKeys("secret", secret, (option, value) =>
    importSecretKey(option, value, algorithm, allowWeakSecret),
  );
  return { algorithm, signingKey: keys[0], verificationKeys: keys };
}

function createPairKeySet(
  algorithm: AsymmetricAlgorithm,
  secret: unknown,
  publicKey: unknown,
): KeySet {
  const privateKey = secret === undefined ? undefined : importPrivateKey(secret, algorithm);
  const publicKeys =
    publicKey === undefined ? [] : importPublicKeys(publicKey, algorithm, privateKey);
  if (privateKey === undefined) {
    if (publicKeys.length === 0) {
      throw new TypeError(
        `secret is required: ${algorithm} signs with a private key; pass only publicKey to verify tokens of another service`,
      );
    }
    return { algorithm, signingKey: undefined, verificationKeys: publicKeys };
  }
  const [ownPublicKey = getPublicKey(privateKey), ...others] = publicKeys;
  if (!isPair(algorithm, privateKey.key, ownPublicKey.key)) {
    throw new TypeError(
      publicKey === undefined
        ? "secret is a private key whose parts do not belong together: export it again"
        : "secret and publicKey are not a key pair: the first publicKey must be the public key of secret, or leave publicKey out",
    );
  }
  const { kid = ownPublicKey.kid } = privateKey;
  if (ownPublicKey.kid !== undefined && ownPublicKey.kid !== kid) {
    throw new TypeError(
      "secret and publicKey are a key pair with two kids: set the same kid on both",
    );
  }
  return {
    algorithm,
    signingKey: { key: privateKey.key, kid },
    verificationKeys: checkDistinctKids("publicKey", [{ key: ownPublicKey.key, kid }, ...others]),
  };
}

function importPublicKeys(
  publicKey: unknown,
  algorithm: AsymmetricAlgorithm,
  privateKey: KeyEntry | undefined,
): readonly KeyEntry[] {
  if (!isJwkSet(publicKey)) {
    return importKeys("publicKey", publicKey, (option, value) =>
      importPublicKey(option, value, algorithm),
    );
  }
  const keys = importPublishedKeys(publicKey.keys, algorithm);
  if (keys.length === 0) {
    throw new TypeError(
      `publicKey is a JWK Set without a key for ${algorithm}: pass a set with one, or set algorithm to that of its keys`,
    );
  }
  if (privateKey === undefined) return keys;
  // The order of a set has no meaning, and it may contain one key under two kids.
  const { key, kid } = getPublicKey(privateKey);
  const own = keys.filter((one) => one.key.equals(key));
  const first = own.find((one) => one.kid === kid) ?? own[0];
  return first === undefined ? keys : [first, ...keys.filter((one) => one !== first)];
}

/**
 * Imports the keys of a JWK Set that fit the algorithm. The others are ignored (RFC 7517 section 5):
 * sets also contain keys for other algorithms and for encryption.
 */
export function importPublishedKeys(
  jwks: readonly unknown[],
  algorithm: AsymmetricAlgorithm,
): readonly KeyEntry[] {
  const entries: KeyEntry[] = [];
  const kids = new Set<string>();
  jwks.forEach((jwk, index) => {
    const name = `keys[${index}]`;
    try {
      check(isJwk(jwk), name, "a JWK");
      const entry = importPublicKey(name, jwk, algorithm);
      check(entry.kid === undefined || !kids.has(entry.kid), name, "the only key of its kid");
      if (entry.kid !== undefined) kids.add(entry.kid);
      entries.push(entry);
    } catch (error) {
      debug("JWK Set: %s; not used with %s", (error as TypeError).message, algorithm);
    }
  });
  return entries;
}

function getPublicKey({ key, kid }: KeyEntry): KeyEntry {
  return { key: createPublicKey(key), kid };
}

/** Signs once, so that a mismatch is an error at start-up and not at the first login. */
function isPair(
  algorithm: AsymmetricAlgorithm,
  privateKey: KeyObject,
  publicKey: KeyObject,
): boolean {
  const { hash } = algorithmRules[algorithm];
  const message = Buffer.from("express-jwt-strategy");
  return verify(hash, message, publicKey, sign(hash, message, privateKey));
}
