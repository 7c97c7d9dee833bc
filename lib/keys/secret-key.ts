import { createSecretKey, type KeyObject } from "node:crypto";
import { isKeyObject, isUint8Array } from "node:util/types";
import { algorithmRules, type HmacAlgorithm } from "./algorithms.ts";
import { checkJwkPurpose, getKid, isJwk, type Jwk } from "./jwk.ts";
import type { KeyEntry } from "./key-entry.ts";
import { isKeyMaterial, copyBytes } from "./key-material.ts";

/** The `secret` of HS256, HS384 and HS512. */
export type HmacSecret = string | Uint8Array | KeyObject | Jwk;

/**
 * Imports and checks the secret of an HMAC algorithm. Throws a TypeError that names the option and the fix.
 *
 * @param allowWeak `undefined` if there is no option that allows it.
 */
export function importSecretKey(
  option: string,
  secret: unknown,
  algorithm: HmacAlgorithm,
  allowWeak: boolean | undefined,
): KeyEntry {
  const bytes = readSecret(option, secret, algorithm);
  try {
    const length = getLength(bytes);
    if (length === 0) {
      throw new TypeError(
        `${option} is empty or only NUL bytes: generate one with crypto.randomBytes(64)`,
      );
    }
    if (isKeyMaterial(bytes)) {
      throw new TypeError(
        `${option} is a key or certificate in PEM, DER, JWK or another format, which others may know: ` +
          "generate a secret with crypto.randomBytes(64), or use the key with its own algorithm (RS256, ES256, ...)",
      );
    }
    const { hashBytes } = algorithmRules[algorithm];
    if (length < hashBytes && !allowWeak) {
      throw new TypeError(
        `${option} is shorter than the ${hashBytes} bytes that ${algorithm} requires (RFC 7518 section 3.2), ` +
          "not counting NUL bytes at its end: generate one with crypto.randomBytes(64)" +
          (allowWeak === undefined
            ? ""
            : ", or set dangerouslyAllowWeakSecret to share the tokens of an old deployment"),
      );
    }
    return { key: createSecretKey(bytes), kid: isJwk(secret) ? getKid(option, secret) : undefined };
  } finally {
    bytes.fill(0);
  }
}

/** More NUL bytes end one of 2^40 random secrets. */
const MAX_RANDOM_NULS = 4;

/** HMAC pads a key with NUL bytes, so that those at its end add nothing (RFC 2104 section 2). */
function getLength(bytes: Buffer): number {
  const length = bytes.findLastIndex((byte) => byte !== 0) + 1;
  return length > 0 && bytes.length - length <= MAX_RANDOM_NULS ? bytes.length : length;
}

/** Returns a copy of the bytes, for the caller to clear. */
function readSecret(option: string, secret: unknown, algorithm: HmacAlgorithm): Buffer {
  if (typeof secret === "string") {
    // NUL characters at the end are a mistake: random bytes are not text.
    if (secret.endsWith("\0") || !secret.isWellFormed()) {
      throw new TypeError(
        `${option} ends in a NUL character or is not well-formed Unicode: pass random bytes as a Buffer`,
      );
    }
    return copyBytes(secret);
  }
  if (isUint8Array(secret)) return copyBytes(secret);
  if (isKeyObject(secret) && secret.type === "secret") return secret.export();
  if (isJwk(secret) && secret.kty === "oct" && typeof secret.k === "string") {
    checkJwkPurpose(option, secret, algorithm, ["sign", "verify"]);
    const bytes = copyBytes(secret.k, "base64url");
    if (bytes.toString("base64url") === secret.k) return bytes;
    throw new TypeError(`${option} is a JWK whose k is not base64url (RFC 7518 section 6.4.1)`);
  }
  throw new TypeError(
    `${option} must be a string, a Buffer, a secret KeyObject or a JWK of kty "oct" for ${algorithm}`,
  );
}
