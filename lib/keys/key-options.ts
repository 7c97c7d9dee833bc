import type { AsymmetricAlgorithm, HmacAlgorithm } from "./algorithms.ts";
import type { PrivateKey, PublicKey } from "./key-pair.ts";
import type { Jwk } from "./jwk.ts";
import type { RemoteKeySet } from "./remote-key-set.ts";
import type { HmacSecret } from "./secret-key.ts";

/** A JWK Set (RFC 7517 section 5), as an object. */
interface JwkSet {
  readonly keys: readonly Jwk[];
}

/** HS256, HS384 or HS512: one shared secret signs and verifies. */
export interface HmacKeyOptions {
  /**
   * The signature algorithm (RFC 7518 section 3.1). Only tokens with this `alg` are
   * accepted. Default `"HS256"`.
   */
  readonly algorithm?: HmacAlgorithm | undefined;
  /**
   * Signs and verifies tokens: anyone who knows it can log in as any user. A string is used as UTF-8
   * and not decoded. At least as long as the hash: 32, 48 or 64 bytes (RFC 7518 section 3.2), not
   * counting NUL bytes at its end, which HMAC ignores. The first of a list signs, and all verify. The
   * `kid` of a JWK goes into the header of the tokens that it signs.
   *
   * A public or private key is refused, because others may know it. This is best effort: PEM, OpenSSH,
   * OpenPGP, PuTTY, JWK and XML text and DER are recognized, also in UTF-16, percent-encoding, base64
   * and hex; a raw Ed25519 key, a modulus, a point and other encodings look like random bytes.
   */
  readonly secret: HmacSecret | readonly HmacSecret[];
  /** Must be left out: `secret` also verifies. */
  readonly publicKey?: undefined;
}

/** An asymmetric algorithm: a private key signs, and its public key verifies. */
export interface KeyPairOptions {
  /**
   * The signature algorithm (RFC 7518 section 3.1). Only tokens with this `alg` are
   * accepted.
   */
  readonly algorithm: AsymmetricAlgorithm;
  /**
   * The private key that signs. RSA keys need at least 2048 bits (RFC 7518 section 3.3) and an odd
   * public exponent from 3 to 2^33 - 1. Longer RSA keys, and those of ES512, EdDSA and Ed25519, sign on
   * the thread pool of Node.js. The `kid` of a JWK goes into the header of the tokens that it signs.
   */
  readonly secret: PrivateKey;
  /**
   * Verifies. All keys of a list verify; the first must be the public key of `secret`, and the others
   * are those of earlier or future secrets. Of a JWK Set all keys that fit the algorithm verify, and one
   * must be the public key of `secret`. Default: the public key of `secret`.
   */
  readonly publicKey?: PublicKey | readonly PublicKey[] | JwkSet | undefined;
}

/**
 * An asymmetric algorithm in a service that only verifies: `login`, `refresh` and `writeToken` throw a
 * TypeError.
 */
export interface VerifyOnlyKeyOptions {
  /**
   * The signature algorithm (RFC 7518 section 3.1). Only tokens with this `alg` are
   * accepted.
   */
  readonly algorithm: AsymmetricAlgorithm;
  /** Must be left out: this service issues no tokens. */
  readonly secret?: undefined;
  /**
   * Verifies. All keys of a list verify; of a JWK Set (RFC 7517 section 5) those that fit the algorithm,
   * and there must be one. `remoteJwks(url)` fetches the keys that an issuer publishes.
   */
  readonly publicKey: PublicKey | readonly PublicKey[] | JwkSet | RemoteKeySet;
}

/** The options for the keys of a strategy. */
export type KeyOptions = HmacKeyOptions | KeyPairOptions | VerifyOnlyKeyOptions;
