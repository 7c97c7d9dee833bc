import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { isKeyObject, isUint8Array } from "node:util/types";
import type { AsymmetricAlgorithm } from "./algorithms.ts";
import {
  checkJwkPurpose,
  getKid,
  hasPrivateMember,
  isJwk,
  isJwkSet,
  readPrivateJwk,
  readPublicJwk,
  type Jwk,
} from "./jwk.ts";
import type { KeyEntry } from "./key-entry.ts";
import { readDer, copyBytes } from "./key-material.ts";
import { DER_MISTAKES, findMistake } from "./key-mistakes.ts";
import { checkKeyStrength } from "./key-strength.ts";

/** An encrypted private key in PEM and its passphrase. */
export interface EncryptedPem {
  /** The PEM. */
  readonly key: string | Uint8Array;
  /** The passphrase that decrypts it. */
  readonly passphrase: string | Uint8Array;
}

/**
 * The `secret` of an asymmetric algorithm: its private key. A string is PEM, or base64 of PEM or DER;
 * bytes are PEM or DER.
 */
export type PrivateKey = string | Uint8Array | KeyObject | Jwk | EncryptedPem;

/**
 * The `publicKey` of an asymmetric algorithm: a public key or a certificate. A string is PEM, or base64
 * of PEM or DER; bytes are PEM or DER.
 */
export type PublicKey = string | Uint8Array | KeyObject | Jwk;

/** Imports and checks the private key that signs. */
export function importPrivateKey(value: unknown, algorithm: AsymmetricAlgorithm): KeyEntry {
  if (Array.isArray(value) || isJwkSet(value)) {
    throw new TypeError(
      "secret must be a single private key; put the public keys of the others into publicKey",
    );
  }
  const key = readPrivateKey(value, algorithm);
  checkKeyStrength("secret", key, algorithm);
  return { key, kid: isJwk(value) ? getKid("secret", value) : undefined };
}

/** Imports and checks a public key that verifies. */
export function importPublicKey(
  option: string,
  value: unknown,
  algorithm: AsymmetricAlgorithm,
): KeyEntry {
  const key = readPublicKey(option, value, algorithm);
  checkKeyStrength(option, key, algorithm);
  return { key, kid: isJwk(value) ? getKid(option, value) : undefined };
}

function readPrivateKey(value: unknown, algorithm: AsymmetricAlgorithm): KeyObject {
  if (isKeyObject(value)) return checkPrivate(value);
  if (isJwk(value)) {
    if (!hasPrivateMember(value)) throw publicKeyAsSecret();
    checkJwkPurpose("secret", value, algorithm, ["sign"]);
    return readPrivateJwk("secret", value);
  }
  const { key, passphrase } = isEncryptedPem(value) ? value : { key: value };
  const decoded = decodeKey("secret", key, algorithm);
  if (isKeyObject(decoded)) return checkPrivate(decoded);
  if (!PRIVATE_KEY.test(decoded)) throw findMistake("secret", decoded) ?? publicKeyAsSecret();
  if (passphrase === undefined) {
    if (decoded.includes("ENCRYPTED")) {
      throw new TypeError("secret is an encrypted PEM: pass { key, passphrase }");
    }
    return parsePem("secret", decoded, createPrivateKey);
  }
  if (typeof passphrase !== "string" && !isUint8Array(passphrase)) {
    throw new TypeError("secret.passphrase must be a string or a Buffer");
  }
  const passphraseBytes = copyBytes(passphrase);
  try {
    return parsePem("secret or its passphrase", decoded, (pem) =>
      createPrivateKey({ key: pem, passphrase: passphraseBytes }),
    );
  } finally {
    passphraseBytes.fill(0);
  }
}

function checkPrivate(key: KeyObject): KeyObject {
  if (key.type === "private") return key;
  throw publicKeyAsSecret();
}

function publicKeyAsSecret(): TypeError {
  return new TypeError(
    "secret must be a private key, because it signs; put public keys and certificates into publicKey",
  );
}

function readPublicKey(option: string, value: unknown, algorithm: AsymmetricAlgorithm): KeyObject {
  if (isKeyObject(value)) return checkPublic(option, value);
  if (isJwk(value)) {
    if (hasPrivateMember(value)) throw privateKeyAsPublic(option);
    checkJwkPurpose(option, value, algorithm, ["verify"]);
    return readPublicJwk(option, value);
  }
  const decoded = decodeKey(option, value, algorithm);
  if (isKeyObject(decoded)) return checkPublic(option, decoded);
  if (PRIVATE_KEY.test(decoded)) throw privateKeyAsPublic(option);
  return parsePem(option, decoded, createPublicKey);
}

function checkPublic(option: string, key: KeyObject): KeyObject {
  if (key.type === "public") return key;
  if (key.type === "private") throw privateKeyAsPublic(option);
  throw new TypeError(
    `${option} must be a public key; a shared secret is for HS256, HS384 and HS512`,
  );
}

function privateKeyAsPublic(option: string): TypeError {
  return new TypeError(
    `${option} is a private key: do not pass a private key as publicKey, because it can sign tokens; ` +
      "pass its public key",
  );
}

function isEncryptedPem(value: unknown): value is { key: unknown; passphrase: unknown } {
  return (
    typeof value === "object" &&
    value !== null &&
    Object.hasOwn(value, "key") &&
    Object.hasOwn(value, "passphrase")
  );
}

/** Text or bytes, decoded: DER is a KeyObject, PEM is a string. */
function decodeKey(
  option: string,
  value: unknown,
  algorithm: AsymmetricAlgorithm,
): KeyObject | string {
  if (typeof value !== "string" && !isUint8Array(value)) {
    throw new TypeError(
      `${option} must be a PEM string, a Buffer of PEM or DER, a KeyObject or a JWK`,
    );
  }
  const bytes = copyBytes(value);
  const text = bytes.toString("latin1");
  const decoded = copyBytes(/^[\w+/\s-]+=*\s*$/.test(text) ? text : "", "base64");
  try {
    const key = readDer(bytes) ?? findPem(bytes) ?? readDer(decoded) ?? findPem(decoded);
    if (key !== undefined) return key;
    throw (
      findMistake(option, text) ??
      findMistake(option, decoded.toString("latin1"), DER_MISTAKES) ??
      new TypeError(
        `${option} must be a key for ${algorithm} in PEM, DER or JWK form; ` +
          "a shared secret is for HS256, HS384 and HS512",
      )
    );
  } finally {
    bytes.fill(0);
    decoded.fill(0);
  }
}

const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;

/** Returns only the blocks of a PEM: tools may write anything before and after them (RFC 7468 section 5.2). */
function findPem(bytes: Buffer): string | undefined {
  const text = bytes.toString("latin1");
  const blocks = text.match(/-----BEGIN ([A-Z0-9 ]+)-----[^]*?-----END \1-----/g);
  return blocks?.join("\n") ?? (text.includes("-----BEGIN ") ? text : undefined);
}

/** Parses a PEM. The error of OpenSSL is not passed on, because it may quote the input. */
function parsePem(what: string, pem: string, create: (pem: Buffer) => KeyObject): KeyObject {
  try {
    return parseAndErase(copyBytes(pem, "latin1"), create);
  } catch {
    const damaged = `${what} cannot be read: the PEM is damaged (lost line breaks, a cut end) or contains no such key`;
    throw findMistake(what, pem) ?? new TypeError(damaged);
  }
}

function parseAndErase(pem: Buffer, create: (pem: Buffer) => KeyObject): KeyObject {
  try {
    return create(pem);
  } finally {
    pem.fill(0);
  }
}
