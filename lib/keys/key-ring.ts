import { createPublicKey, sign, verify, type KeyObject } from "node:crypto";
import {
  algorithmRules,
  isHmacAlgorithm,
  type AsymmetricAlgorithm,
  type HmacAlgorithm,
  type JwtAlgorithm,
} from "./algorithms.ts";
import { importPrivateKey, importPublicKey, type PrivateKey, type PublicKey } from "./key-pair.ts";
import { importSecretKey, type HmacSecret } from "./secret-key.ts";

/** The keys of a strategy, parsed and checked once. */
export interface KeyRing {
  readonly algorithm: JwtAlgorithm;
  /** Signs; `undefined` in a service that only verifies. */
  readonly signingKey: KeyObject | undefined;
  /** Verify, tried in this order. Never a private key. */
  readonly verificationKeys: readonly KeyObject[];
}

/** HS256, HS384 or HS512: one shared secret signs and verifies. */
export interface HmacKeyOptions {
  /**
   * The signature algorithm (RFC 7518 section 3.1). Only this one is ever accepted, whatever a
   * token's header says. Default `"HS256"`.
   */
  readonly algorithm?: HmacAlgorithm | undefined;
  /**
   * Signs and verifies tokens; whoever has it can be anyone. A string is used as UTF-8, not decoded.
   * At least as long as the hash: 32, 48 or 64 bytes (RFC 7518 section 3.2).
   */
  readonly secret: HmacSecret;
  /** Not with HS256, HS384 and HS512. */
  readonly publicKey?: undefined;
}

/** RS*, PS* or ES*: a private key signs, its public half verifies. */
export interface KeyPairOptions {
  /**
   * The signature algorithm (RFC 7518 section 3.1). Only this one is ever accepted, whatever a
   * token's header says.
   */
  readonly algorithm: AsymmetricAlgorithm;
  /** The private key. Always signs. RSA keys have at least 2048 bits (RFC 7518 section 3.3). */
  readonly secret: PrivateKey;
  /** Verifies. Default: the public half of `secret`. */
  readonly publicKey?: PublicKey | undefined;
}

/** RS*, PS* or ES* in a service that only verifies: `login` and `writeToken` throw a TypeError. */
export interface VerifyOnlyKeyOptions {
  /**
   * The signature algorithm (RFC 7518 section 3.1). Only this one is ever accepted, whatever a
   * token's header says.
   */
  readonly algorithm: AsymmetricAlgorithm;
  /** Left out: this service issues no tokens. */
  readonly secret?: undefined;
  /** Verifies. */
  readonly publicKey: PublicKey;
}

/** The keys of a strategy, as they are given. */
export type KeyOptions = HmacKeyOptions | KeyPairOptions | VerifyOnlyKeyOptions;

/** Text, bytes, JWK or KeyObject in; checked keys out. Throws a TypeError that names the option and the fix. */
export function createKeyRing(
  algorithm: JwtAlgorithm,
  secret: unknown,
  publicKey: unknown,
  allowWeakSecret: boolean,
): KeyRing {
  if (isHmacAlgorithm(algorithm)) {
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
    const key = importSecretKey(secret, algorithm, allowWeakSecret);
    return { algorithm, signingKey: key, verificationKeys: [key] };
  }
  if (secret === undefined && publicKey === undefined) {
    throw new TypeError(
      `secret is required: ${algorithm} signs with a private key; a service that only verifies gives publicKey`,
    );
  }
  const signingKey = secret === undefined ? undefined : importPrivateKey(secret, algorithm);
  const verificationKey =
    publicKey === undefined && signingKey !== undefined
      ? createPublicKey(signingKey)
      : importPublicKey(publicKey, algorithm);
  if (signingKey !== undefined && !isPair(algorithm, signingKey, verificationKey)) {
    throw new TypeError(
      publicKey === undefined
        ? "secret is a private key whose parts do not belong together: export it again"
        : "secret and publicKey are not the two halves of one pair: give matching keys, or leave publicKey out",
    );
  }
  return { algorithm, signingKey, verificationKeys: [verificationKey] };
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
