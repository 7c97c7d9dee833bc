import { constants, createHmac, sign, verify, type KeyObject } from "node:crypto";
import type { JwtAlgorithm } from "express-jwt-strategy";

export const AUDIENCE = "fastapi-users:auth";

export function base64url(content: string | Uint8Array): string {
  return Buffer.from(content).toString("base64url");
}

/** The current time as a NumericDate (RFC 7519 section 2), without a fraction. */
export function nowInSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

let createMoreClaims: () => Record<string, unknown> = () => ({});

/** Adds claims to all results of `goodClaims()` in a test file, for strategies that require them. */
export function addToGoodClaims(create: () => Record<string, unknown>): void {
  createMoreClaims = create;
}

/** Claims that strategies with default options accept. */
export function goodClaims(changes: Record<string, unknown> = {}): Record<string, unknown> {
  const exp = nowInSeconds() + 3600;
  return { sub: "42", aud: [AUDIENCE], exp, ...createMoreClaims(), ...changes };
}

/** The signature of a signing input (RFC 7515 section 5.1), computed only with node:crypto. */
export function signBytes(algorithm: JwtAlgorithm, key: KeyObject, input: string): Buffer {
  const hash = `sha${algorithm.slice(2)}`;
  const data = Buffer.from(input);
  switch (algorithm.slice(0, 2)) {
    case "HS":
      return createHmac(hash, key).update(data).digest();
    case "RS":
      return sign(hash, data, key);
    case "PS":
      return sign(hash, data, {
        key,
        padding: constants.RSA_PKCS1_PSS_PADDING,
        saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
      });
    case "Ed":
      return sign(null, data, key);
    default:
      return sign(hash, data, { key, dsaEncoding: "ieee-p1363" });
  }
}

/** Whether a key has signed a token, verified only with node:crypto. */
export function isSignedBy(algorithm: JwtAlgorithm, key: KeyObject, token: string): boolean {
  const dot = token.lastIndexOf(".");
  const input = token.slice(0, dot);
  const signature = Buffer.from(token.slice(dot + 1), "base64url");
  if (algorithm.startsWith("HS")) return signBytes(algorithm, key, input).equals(signature);
  if (algorithm.startsWith("Ed")) return verify(null, Buffer.from(input), key, signature);
  const scheme = algorithm.startsWith("PS")
    ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
    : {};
  const options = { key, dsaEncoding: "ieee-p1363", ...scheme } as const;
  return verify(`sha${algorithm.slice(2)}`, Buffer.from(input), options, signature);
}

/** Signs any header and payload. Strings and bytes are not serialized as JSON. */
export function forge(
  algorithm: JwtAlgorithm,
  key: KeyObject,
  payload: object | string | Uint8Array = goodClaims(),
  header: object | string | Uint8Array = { alg: algorithm, typ: "JWT" },
): string {
  const input = `${base64url(toBytes(header))}.${base64url(toBytes(payload))}`;
  return `${input}.${signBytes(algorithm, key, input).toString("base64url")}`;
}

function toBytes(part: object | string | Uint8Array): string | Uint8Array {
  return typeof part === "string" || part instanceof Uint8Array ? part : JSON.stringify(part);
}
