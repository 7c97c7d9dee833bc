/** JWS algorithms keyed by a shared secret (RFC 7518 section 3.2). */
export type HmacAlgorithm = "HS256" | "HS384" | "HS512";

/** JWS algorithms with a private key that signs and a public key that verifies (RFC 7518 sections 3.3 to 3.5). */
export type AsymmetricAlgorithm =
  "RS256" | "RS384" | "RS512" | "PS256" | "PS384" | "PS512" | "ES256" | "ES384" | "ES512";

/** The signature algorithms a strategy can be pinned to. */
export type JwtAlgorithm = HmacAlgorithm | AsymmetricAlgorithm;

/** What an algorithm demands of its key. */
export interface AlgorithmRules {
  readonly hash: "sha256" | "sha384" | "sha512";
  /** Length of the hash: the shortest HMAC secret, the longest PSS salt. */
  readonly hashBytes: 32 | 48 | 64;
  /** `KeyObject.asymmetricKeyType` values that fit; none for HMAC. */
  readonly keyTypes: readonly string[];
  /** The one curve of an ECDSA algorithm, under its OpenSSL name. */
  readonly curve?: string;
}

const SHA256 = { hash: "sha256", hashBytes: 32 } as const;
const SHA384 = { hash: "sha384", hashBytes: 48 } as const;
const SHA512 = { hash: "sha512", hashBytes: 64 } as const;

export const algorithmRules: Readonly<Record<JwtAlgorithm, AlgorithmRules>> = {
  HS256: { ...SHA256, keyTypes: [] },
  HS384: { ...SHA384, keyTypes: [] },
  HS512: { ...SHA512, keyTypes: [] },
  RS256: { ...SHA256, keyTypes: ["rsa"] },
  RS384: { ...SHA384, keyTypes: ["rsa"] },
  RS512: { ...SHA512, keyTypes: ["rsa"] },
  PS256: { ...SHA256, keyTypes: ["rsa", "rsa-pss"] },
  PS384: { ...SHA384, keyTypes: ["rsa", "rsa-pss"] },
  PS512: { ...SHA512, keyTypes: ["rsa", "rsa-pss"] },
  ES256: { ...SHA256, keyTypes: ["ec"], curve: "prime256v1" },
  ES384: { ...SHA384, keyTypes: ["ec"], curve: "secp384r1" },
  ES512: { ...SHA512, keyTypes: ["ec"], curve: "secp521r1" },
};

export function isJwtAlgorithm(value: unknown): value is JwtAlgorithm {
  return typeof value === "string" && Object.hasOwn(algorithmRules, value);
}

export function isHmacAlgorithm(algorithm: JwtAlgorithm): algorithm is HmacAlgorithm {
  return algorithmRules[algorithm].keyTypes.length === 0;
}
