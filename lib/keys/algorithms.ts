/** The requirements of a signature algorithm for its key and its signatures (RFC 7518 section 3.1). */
export type AlgorithmRules = CommonRules &
  // How `crypto.sign` and `crypto.verify` encode a signature. EdDSA includes its own hash.
  (
    | { readonly scheme: "hmac" | "pkcs1" | "pss" | "ecdsa"; readonly hash: string }
    | { readonly scheme: "eddsa"; readonly hash: null }
  );

interface CommonRules {
  /** `"secret"`, or the `asymmetricKeyType` values that fit, the usual one first. */
  readonly keyTypes: readonly string[];
  /** Length of the hash: the shortest HMAC secret, the longest PSS salt. */
  readonly hashBytes: number;
  /** The one curve of an ECDSA algorithm, under its OpenSSL name. */
  readonly curve?: string;
  /** Length of a signature; left out for RSA, where it depends on the key. */
  readonly signatureBytes?: number;
}

// prettier-ignore
const RULES = {
  HS256: { keyTypes: ["secret"], scheme: "hmac", hash: "sha256", hashBytes: 32, signatureBytes: 32 },
  HS384: { keyTypes: ["secret"], scheme: "hmac", hash: "sha384", hashBytes: 48, signatureBytes: 48 },
  HS512: { keyTypes: ["secret"], scheme: "hmac", hash: "sha512", hashBytes: 64, signatureBytes: 64 },
  RS256: { keyTypes: ["rsa"], scheme: "pkcs1", hash: "sha256", hashBytes: 32 },
  RS384: { keyTypes: ["rsa"], scheme: "pkcs1", hash: "sha384", hashBytes: 48 },
  RS512: { keyTypes: ["rsa"], scheme: "pkcs1", hash: "sha512", hashBytes: 64 },
  PS256: { keyTypes: ["rsa", "rsa-pss"], scheme: "pss", hash: "sha256", hashBytes: 32 },
  PS384: { keyTypes: ["rsa", "rsa-pss"], scheme: "pss", hash: "sha384", hashBytes: 48 },
  PS512: { keyTypes: ["rsa", "rsa-pss"], scheme: "pss", hash: "sha512", hashBytes: 64 },
  ES256: { keyTypes: ["ec"], scheme: "ecdsa", curve: "prime256v1", hash: "sha256", hashBytes: 32, signatureBytes: 64 },
  ES384: { keyTypes: ["ec"], scheme: "ecdsa", curve: "secp384r1", hash: "sha384", hashBytes: 48, signatureBytes: 96 },
  ES512: { keyTypes: ["ec"], scheme: "ecdsa", curve: "secp521r1", hash: "sha512", hashBytes: 64, signatureBytes: 132 },
  // RFC 8037 section 3.1, and the name for the same signatures in RFC 9864.
  EdDSA: { keyTypes: ["ed25519"], scheme: "eddsa", hash: null, hashBytes: 64, signatureBytes: 64 },
  Ed25519: { keyTypes: ["ed25519"], scheme: "eddsa", hash: null, hashBytes: 64, signatureBytes: 64 },
} as const;

/** The signature algorithms of a strategy. */
export type JwtAlgorithm = keyof typeof RULES;

/** The algorithms that sign and verify with one shared secret (RFC 7518 section 3.2). */
export type HmacAlgorithm = {
  [Name in JwtAlgorithm]: (typeof RULES)[Name]["scheme"] extends "hmac" ? Name : never;
}[JwtAlgorithm];

/** The algorithms that sign with a private key and verify with its public key (RFC 7518 sections 3.3 to 3.5, RFC 8037). */
export type AsymmetricAlgorithm = Exclude<JwtAlgorithm, HmacAlgorithm>;

export const algorithmRules: Readonly<Record<JwtAlgorithm, AlgorithmRules>> = RULES;

export const ALGORITHM_NAMES: string = Object.keys(RULES).join(", ");

export function isJwtAlgorithm(value: unknown): value is JwtAlgorithm {
  return typeof value === "string" && Object.hasOwn(RULES, value);
}

export function isHmacAlgorithm(algorithm: JwtAlgorithm): algorithm is HmacAlgorithm {
  return algorithmRules[algorithm].scheme === "hmac";
}
