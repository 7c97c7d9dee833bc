import { getOwnProperty } from "../util/own-property.ts";
import type { JwtAlgorithm } from "./algorithms.ts";

/** What a key is going to do, in the words of `key_ops` (RFC 7517 section 4.3). */
export type KeyOperation = "sign" | "verify";

/**
 * A JSON Web Key as an object (RFC 7517 section 4, RFC 7518 section 6). The `JsonWebKey` of Node.js and
 * the `JWK` of jose are assignable to it. No member is required, as in `JsonWebKey`; a missing one is a
 * TypeError at construction.
 */
export interface Jwk {
  /** The key type: `"oct"`, `"RSA"`, `"EC"` or `"OKP"`. */
  readonly kty?: string | undefined;
  /** The key ID. Written into the header of the tokens that the key signs. */
  readonly kid?: string | undefined;
  /** The algorithm that the key is restricted to. */
  readonly alg?: string | undefined;
  /** The use that the key is restricted to: `"sig"`. */
  readonly use?: string | undefined;
  /** The operations that the key is restricted to: `"sign"`, `"verify"`. */
  readonly key_ops?: readonly string[] | undefined;
  /** Whether Web Crypto may export the key; ignored. */
  readonly ext?: boolean | undefined;
  /** The URL of a certificate; ignored. */
  readonly x5u?: string | undefined;
  /** A certificate chain; ignored. */
  readonly x5c?: readonly string[] | undefined;
  /** The SHA-1 thumbprint of a certificate; ignored. */
  readonly x5t?: string | undefined;
  /** The SHA-256 thumbprint of a certificate; ignored. */
  readonly "x5t#S256"?: string | undefined;
  /** The secret of an `"oct"` key. */
  readonly k?: string | undefined;
  /** The modulus of an RSA key. */
  readonly n?: string | undefined;
  /** The public exponent of an RSA key. */
  readonly e?: string | undefined;
  /** The curve of an `"EC"` or `"OKP"` key. */
  readonly crv?: string | undefined;
  /** The x coordinate of an `"EC"` key, or the public key of an `"OKP"` key. */
  readonly x?: string | undefined;
  /** The y coordinate of an `"EC"` key. */
  readonly y?: string | undefined;
  /** The private key, or the private exponent of an RSA key. */
  readonly d?: string | undefined;
  /** The first prime factor of a private RSA key. */
  readonly p?: string | undefined;
  /** The second prime factor of a private RSA key. */
  readonly q?: string | undefined;
  /** The CRT exponent of `p`. */
  readonly dp?: string | undefined;
  /** The CRT exponent of `q`. */
  readonly dq?: string | undefined;
  /** The CRT coefficient. */
  readonly qi?: string | undefined;
  /** The other prime factors of a private RSA key; not supported. */
  readonly oth?: readonly object[] | undefined;
}

export function isJwk(value: unknown): value is Jwk {
  return typeof value === "object" && value !== null && Object.hasOwn(value, "kty");
}

/** It stands in every token. */
const MAX_KID_LENGTH = 256;

/** The `kid` of a JWK, which the tokens that it signs will carry (RFC 7517 section 4.5). */
export function getKid(option: string, jwk: Jwk): string | undefined {
  const kid = getOwnProperty(jwk, "kid");
  if (kid === undefined) return undefined;
  if (typeof kid === "string" && kid !== "" && kid.length <= MAX_KID_LENGTH && kid.isWellFormed()) {
    return kid;
  }
  throw new TypeError(
    `${option} is a JWK whose kid is not a well-formed string of 1 to ${MAX_KID_LENGTH} characters`,
  );
}

/**
 * Holds a JWK to what it says of itself: `alg`, `use` and `key_ops` (RFC 7517 sections 4.2 to 4.4)
 * keep a key made for one purpose from serving another.
 */
export function checkJwkPurpose(
  option: string,
  jwk: Jwk,
  algorithm: JwtAlgorithm,
  operations: readonly KeyOperation[],
): void {
  const { alg, use, key_ops: keyOps } = jwk;
  if (alg !== undefined && alg !== algorithm) {
    throw new TypeError(
      `${option} is a JWK made for another algorithm: its alg must be ${algorithm}, like the algorithm option`,
    );
  }
  if (use !== undefined && use !== "sig") {
    throw new TypeError(`${option} is a JWK that is not for signatures: its use must be "sig"`);
  }
  if (
    keyOps !== undefined &&
    !(Array.isArray(keyOps) && operations.every((operation) => keyOps.includes(operation)))
  ) {
    throw new TypeError(
      `${option} is a JWK whose key_ops forbid its use here: they must include ${operations.join(" and ")}`,
    );
  }
}
