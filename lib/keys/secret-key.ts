import {
  X509Certificate,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  type KeyObject,
} from "node:crypto";
import { isKeyObject, isUint8Array } from "node:util/types";
import { algorithmRules, type HmacAlgorithm } from "./algorithms.ts";
import { checkJwkPurpose, isJwk, getKid, type Jwk } from "./jwk.ts";
import type { KeyEntry } from "./key-entry.ts";

/** The `secret` of HS256, HS384 and HS512. */
export type HmacSecret = string | Uint8Array | KeyObject | Jwk;

/**
 * Imports and checks the secret of an HMAC algorithm; the sentence of each refusal names the fix.
 *
 * @param allowWeak `undefined` where no option could allow it.
 */
export function importSecretKey(
  option: string,
  secret: unknown,
  algorithm: HmacAlgorithm,
  allowWeak: boolean | undefined,
): KeyEntry {
  const bytes = secretBytes(option, secret, algorithm);
  if (bytes.length === 0) {
    throw new TypeError(`${option} is empty: generate one with crypto.randomBytes(64)`);
  }
  if (isKeyMaterial(bytes)) {
    throw new TypeError(
      `${option} is a key in PEM, DER or JWK form, and ${algorithm} would use its text as a password: ` +
        "set algorithm to the key's own (RS256, ES256, ...), or use a random secret",
    );
  }
  const { hashBytes } = algorithmRules[algorithm];
  if (bytes.length < hashBytes && !allowWeak) {
    throw new TypeError(
      `${option} is shorter than the ${hashBytes} bytes that ${algorithm} needs (RFC 7518 section 3.2): ` +
        "generate one with crypto.randomBytes(64)" +
        (allowWeak === undefined
          ? ""
          : ", or, to share the tokens of an old deployment, set dangerouslyAllowWeakSecret"),
    );
  }
  return { key: createSecretKey(bytes), kid: isJwk(secret) ? getKid(option, secret) : undefined };
}

function secretBytes(option: string, secret: unknown, algorithm: HmacAlgorithm): Buffer {
  if (typeof secret === "string") {
    // HMAC pads its key with NUL bytes, so "key" and "key\0" would be one secret (RFC 2104 section 2).
    if (secret.endsWith("\0") || !secret.isWellFormed()) {
      throw new TypeError(
        `${option} ends in a NUL character or is not well-formed Unicode: give random bytes as a Buffer`,
      );
    }
    return Buffer.from(secret, "utf8");
  }
  if (isUint8Array(secret)) return Buffer.from(secret);
  if (isKeyObject(secret) && secret.type === "secret") return secret.export();
  if (isJwk(secret) && secret.kty === "oct" && typeof secret.k === "string") {
    checkJwkPurpose(option, secret, algorithm, ["sign", "verify"]);
    const bytes = Buffer.from(secret.k, "base64url");
    if (bytes.toString("base64url") === secret.k) return bytes;
    throw new TypeError(`${option} is a JWK whose k is not base64url (RFC 7518 section 6.4.1)`);
  }
  throw new TypeError(
    `${option} must be a string, a Buffer, a secret KeyObject or a JWK of kty "oct" for ${algorithm}`,
  );
}

/** Whether the bytes are a public or private key, which anyone may hold: the oldest JWT forgery (CVE-2015-9235). */
function isKeyMaterial(bytes: Buffer): boolean {
  const decoded = Buffer.from(bytes.toString("latin1"), "base64"); // as environment variables hold it
  return [bytes, decoded].some((form) => isPem(form) || isDer(form) || isJwkText(form));
}

function isPem(bytes: Buffer): boolean {
  return bytes.includes("-----BEGIN ");
}

function isJwkText(bytes: Buffer): boolean {
  try {
    const value: unknown = JSON.parse(bytes.toString("latin1"));
    return isJwk(value) || isJwkSet(value);
  } catch {
    return false;
  }
}

function isJwkSet(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.hasOwn(value, "keys");
}

const DER_READERS: readonly ((der: Buffer) => unknown)[] = [
  (key) => createPublicKey({ key, format: "der", type: "spki" }),
  (key) => createPublicKey({ key, format: "der", type: "pkcs1" }),
  (key) => createPrivateKey({ key, format: "der", type: "pkcs8" }),
  (key) => createPrivateKey({ key, format: "der", type: "pkcs1" }),
  (key) => createPrivateKey({ key, format: "der", type: "sec1" }),
  (certificate) => new X509Certificate(certificate),
];

function isDer(bytes: Buffer): boolean {
  const SEQUENCE = 0x30; // the first byte of every DER key and certificate
  return bytes[0] === SEQUENCE && DER_READERS.some((read) => succeeds(() => read(bytes)));
}

function succeeds(attempt: () => unknown): boolean {
  try {
    attempt();
    return true;
  } catch {
    return false;
  }
}
