import type { KeyObject } from "node:crypto";
import type { JwtAlgorithm } from "express-jwt-strategy";
import type { HmacAlgorithm } from "../../../lib/keys/algorithms.ts";
import { base64url, forge, goodClaims, signBytes } from "../forge.ts";
import { generateSigningKey, keyPair, signingKey, type CURVES } from "../keys.ts";

/** The attacked strategy: its algorithm and keys, and a token that it accepts. */
export interface Target {
  readonly algorithm: JwtAlgorithm;
  readonly key: KeyObject;
  /** Not set for HMAC. */
  readonly publicKey: KeyObject | undefined;
  readonly valid: string;
}

/** A token that must be refused. */
export interface HostileToken {
  readonly name: string;
  readonly token: string;
  /** The token is valid except for its expiry. */
  readonly expired?: true;
}

/** @param kid the kid in the header of the valid token, if it has one */
export function createTarget(algorithm: JwtAlgorithm, kid?: string): Target {
  const key = signingKey(algorithm);
  return {
    algorithm,
    key,
    publicKey: isHmac(algorithm) ? undefined : keyPair(algorithm).publicKey,
    valid: forge(algorithm, key, goodClaims(), { alg: algorithm, typ: "JWT", kid }),
  };
}

export function isHmac(algorithm: JwtAlgorithm): algorithm is HmacAlgorithm {
  return algorithm.startsWith("HS");
}

export function isRsa(algorithm: JwtAlgorithm): boolean {
  return algorithm.startsWith("RS") || algorithm.startsWith("PS");
}

export function isEcdsa(algorithm: JwtAlgorithm): algorithm is keyof typeof CURVES {
  return algorithm.startsWith("ES");
}

export function isEd25519(algorithm: JwtAlgorithm): boolean {
  return algorithm === "EdDSA" || algorithm === "Ed25519";
}

export function hashOf(algorithm: JwtAlgorithm): "sha256" | "sha384" | "sha512" {
  if (isEd25519(algorithm)) return "sha512";
  return `sha${algorithm.slice(2) as "256" | "384" | "512"}`;
}

/** The claims of a forged token. */
export function forgedClaims(): object {
  return goodClaims({ sub: "admin" });
}

/** The signing input (RFC 7515 section 2) of any header and payload. */
export function signingInput(header: object | string, payload: object | string): string {
  return [header, payload]
    .map((part) => base64url(typeof part === "string" ? part : JSON.stringify(part)))
    .join(".");
}

/** A token with this signature. */
export function withSignature(input: string, signature: Uint8Array | string): string {
  return `${input}.${base64url(signature)}`;
}

/** Signs any text, even if it is not two segments. */
export function signText({ algorithm, key }: Target, input: string): string {
  return withSignature(input, signBytes(algorithm, key, input));
}

const attackerKeys = new Map<string, KeyObject>();

/** A key of the attacker for an algorithm: a private key, or a secret. */
export function attackerKey(algorithm: JwtAlgorithm): KeyObject {
  const kind = isRsa(algorithm) ? "RSA" : isEd25519(algorithm) ? "Ed25519" : algorithm;
  const key = attackerKeys.get(kind) ?? generateSigningKey(algorithm);
  attackerKeys.set(kind, key);
  return key;
}
