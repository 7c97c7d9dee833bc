import type { AsymmetricAlgorithm, HmacAlgorithm } from "./algorithms.ts";
import type { PrivateKey, PublicKey } from "./key-pair.ts";
import type { RemoteKeySet } from "./remote-key-set.ts";
import type { HmacSecret } from "./secret-key.ts";

/** HS256, HS384 or HS512: one shared secret signs and verifies. */
export interface HmacKeyOptions {
  /**
   * The signature algorithm (RFC 7518 section 3.1). Only this one is ever accepted, whatever a
   * token's header says. Default `"HS256"`.
   */
  readonly algorithm?: HmacAlgorithm | undefined;
  /**
   * Signs and verifies tokens; whoever has it can be anyone. A string is used as UTF-8, not decoded.
   * At least as long as the hash: 32, 48 or 64 bytes (RFC 7518 section 3.2). Of a list the first signs
   * and all verify. The `kid` of a JWK goes into the header of the tokens that it signs.
   */
  readonly secret: HmacSecret | readonly HmacSecret[];
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
  /**
   * The private key. Always signs. RSA keys have at least 2048 bits (RFC 7518 section 3.3). Longer
   * ones, and those of ES512, take milliseconds and sign in a worker thread that all strategies share
   * and the first such token starts; where none can run, they sign on the event loop. The `kid` of a
   * JWK goes into the header of the tokens that it signs.
   */
  readonly secret: PrivateKey;
  /**
   * Verifies. Of a list all verify, and the first is the public half of `secret`: the others belong to
   * keys that signed before, or will. Default: the public half of `secret`.
   */
  readonly publicKey?: PublicKey | readonly PublicKey[] | undefined;
}

/**
 * RS*, PS* or ES* in a service that only verifies: `login`, `refresh` and `writeToken` throw a
 * TypeError.
 */
export interface VerifyOnlyKeyOptions {
  /**
   * The signature algorithm (RFC 7518 section 3.1). Only this one is ever accepted, whatever a
   * token's header says.
   */
  readonly algorithm: AsymmetricAlgorithm;
  /** Left out: this service issues no tokens. */
  readonly secret?: undefined;
  /** Verifies; of a list, each. `remoteJwks(url)` fetches the keys that an issuer publishes. */
  readonly publicKey: PublicKey | readonly PublicKey[] | RemoteKeySet;
}

/** The keys of a strategy, as they are given. */
export type KeyOptions = HmacKeyOptions | KeyPairOptions | VerifyOnlyKeyOptions;
