import {
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  generateKeyPairSync,
  randomBytes,
  type KeyObject,
  type KeyPairKeyObjectResult,
} from "node:crypto";
import type { JwtAlgorithm } from "express-jwt-strategy";
import type { Jwk } from "../../lib/keys/jwk.ts";
import type { AsymmetricAlgorithm, HmacAlgorithm } from "../../lib/keys/algorithms.ts";
import { RSA_KEYS } from "./generate-rsa-keys.ts";

export const HMAC_ALGORITHMS: readonly HmacAlgorithm[] = ["HS256", "HS384", "HS512"];
export const ASYMMETRIC_ALGORITHMS: readonly AsymmetricAlgorithm[] = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
];
export const ALGORITHMS: readonly JwtAlgorithm[] = [...HMAC_ALGORITHMS, ...ASYMMETRIC_ALGORITHMS];

export const CURVES = { ES256: "prime256v1", ES384: "secp384r1", ES512: "secp521r1" } as const;

/** A random secret, long enough for every HMAC algorithm. */
export const hmacSecret: Buffer = randomBytes(64);

const unusedRsaKeys = JSON.parse(process.env[RSA_KEYS] ?? "[]") as string[];

/** Returns a different pair for each call in a test file. */
export function generateRsaPair(modulusLength = 2048): KeyPairKeyObjectResult {
  const pem = modulusLength === 2048 ? unusedRsaKeys.pop() : undefined;
  if (pem === undefined) return generateKeyPairSync("rsa", { modulusLength });
  const privateKey = createPrivateKey(pem);
  return { privateKey, publicKey: createPublicKey(privateKey) };
}

/** A JWK whose modulus is a random number: to generate long keys takes minutes. */
export function randomRsaJwk(bits: number): Jwk {
  const bytes = randomBytes(Math.ceil(bits / 8));
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) | 1, bytes.length - 1);
  bytes.writeUInt8(1 << ((bits - 1) % 8), 0);
  return { kty: "RSA", n: bytes.toString("base64url"), e: "AQAB" };
}

export const rsaPair: KeyPairKeyObjectResult = generateRsaPair();

const ed25519Pair: KeyPairKeyObjectResult = generateEd25519Pair();

const ecPairs = new Map<string, KeyPairKeyObjectResult>();

export function generateEcPair(namedCurve: string): KeyPairKeyObjectResult {
  return generateKeyPairSync("ec", { namedCurve });
}

/** The signing key of this run for an algorithm, for the secret option. */
export function signingKey(algorithm: JwtAlgorithm): KeyObject {
  return algorithm.startsWith("HS")
    ? createSecretKey(hmacSecret)
    : keyPair(algorithm as AsymmetricAlgorithm).privateKey;
}

/** Generates a signing key for an algorithm: a private key, or a secret. */
export function generateSigningKey(algorithm: JwtAlgorithm): KeyObject {
  if (algorithm.startsWith("HS")) return createSecretKey(randomBytes(64));
  return generatePair(algorithm as AsymmetricAlgorithm).privateKey;
}

export function generateEd25519Pair(): KeyPairKeyObjectResult {
  return generateKeyPairSync("ed25519");
}

function generatePair(algorithm: AsymmetricAlgorithm): KeyPairKeyObjectResult {
  if (isEd25519(algorithm)) return generateEd25519Pair();
  return algorithm in CURVES
    ? generateEcPair(CURVES[algorithm as keyof typeof CURVES])
    : generateRsaPair();
}

function isEd25519(algorithm: string): boolean {
  return algorithm === "EdDSA" || algorithm === "Ed25519";
}

/** The verification key of a signing key: its public key, or the secret. */
export function verifying(key: KeyObject): KeyObject {
  return key.type === "private" ? createPublicKey(key) : key;
}

/** A key in PEM, as PKCS#8 or SPKI. */
export function toPem(key: KeyObject): string {
  return String(key.export({ format: "pem", type: key.type === "private" ? "pkcs8" : "spki" }));
}

/** A key as a JWK with further members. */
export function toJwk(key: KeyObject, members: object = {}): Jwk {
  return { ...key.export({ format: "jwk" }), ...members };
}

/** The key pair of this run for an asymmetric algorithm; RS* and PS* share one. */
export function keyPair(algorithm: AsymmetricAlgorithm): KeyPairKeyObjectResult {
  if (isEd25519(algorithm)) return ed25519Pair;
  if (!(algorithm in CURVES)) return rsaPair;
  const curve = CURVES[algorithm as keyof typeof CURVES];
  const pair = ecPairs.get(curve) ?? generateEcPair(curve);
  ecPairs.set(curve, pair);
  return pair;
}

let otherRsaPair: KeyPairKeyObjectResult | undefined;

/** Another pair for an algorithm than that of this run. */
export function otherPair(algorithm: AsymmetricAlgorithm): KeyPairKeyObjectResult {
  return algorithm in CURVES || isEd25519(algorithm)
    ? generatePair(algorithm)
    : (otherRsaPair ??= generateRsaPair());
}
