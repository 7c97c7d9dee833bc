import type { JsonWebKey } from "node:crypto";
import { getOwnProperty } from "../util/own-property.ts";
import type { JwtAlgorithm } from "./algorithms.ts";

/** What a key is going to do, in the words of `key_ops` (RFC 7517 section 4.3). */
export type KeyOperation = "sign" | "verify";

/** A JSON Web Key, as an object (RFC 7517). */
export type Jwk = JsonWebKey;

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
