import { createPublicKey, sign, verify, type KeyObject } from "node:crypto";
import {
  algorithmRules,
  isHmacAlgorithm,
  type AsymmetricAlgorithm,
  type HmacAlgorithm,
  type JwtAlgorithm,
} from "./algorithms.ts";
import { importPrivateKey, importPublicKey } from "./key-pair.ts";
import { checkDistinct, importKeys, type KeyEntry } from "./key-entry.ts";
import { importSecretKey } from "./secret-key.ts";

/** The keys of a strategy, parsed and checked once. */
export interface KeySet {
  readonly algorithm: JwtAlgorithm;
  /** Signs; `undefined` in a service that only verifies. */
  readonly signingKey: KeyEntry | undefined;
  /** Verify. No `kid` is here twice, and never a private key. */
  readonly verificationKeys: readonly KeyEntry[];
}

/** Text, bytes, JWKs or KeyObjects in; checked keys out. Throws a TypeError that names the option and the fix. */
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
      `publicKey does not go with ${algorithm}, whose secret verifies as well: ` +
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
    publicKey === undefined
      ? []
      : importKeys("publicKey", publicKey, (option, value) =>
          importPublicKey(option, value, algorithm),
        );
  if (privateKey === undefined) {
    if (publicKeys.length === 0) {
      throw new TypeError(
        `secret is required: ${algorithm} signs with a private key; a service that only verifies gives publicKey`,
      );
    }
    return { algorithm, signingKey: undefined, verificationKeys: publicKeys };
  }
  const [publicHalf = getPublicHalf(privateKey), ...others] = publicKeys;
  if (!isPair(algorithm, privateKey.key, publicHalf.key)) {
    throw new TypeError(
      publicKey === undefined
        ? "secret is a private key whose parts do not belong together: export it again"
        : "secret and publicKey are not the two halves of one pair: give matching keys (of a list, the first matches), or leave publicKey out",
    );
  }
  const { kid = publicHalf.kid } = privateKey;
  if (publicHalf.kid !== undefined && publicHalf.kid !== kid) {
    throw new TypeError("secret and publicKey are one pair under two kids: give both the same kid");
  }
  return {
    algorithm,
    signingKey: { key: privateKey.key, kid },
    verificationKeys: checkDistinct("publicKey", [{ key: publicHalf.key, kid }, ...others]),
  };
}

function getPublicHalf({ key, kid }: KeyEntry): KeyEntry {
  return { key: createPublicKey(key), kid };
}

/** Signs once, so that keys which do not belong together are found at start-up and not at the first login. */
function isPair(
  algorithm: AsymmetricAlgorithm,
  privateKey: KeyObject,
  publicKey: KeyObject,
): boolean {
  const { hash } = algorithmRules[algorithm];
  const message = Buffer.from("express-jwt-strategy");
  return verify(hash, message, publicKey, sign(hash, message, privateKey));
}
