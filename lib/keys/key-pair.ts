import {
  createPrivateKey,
  createPublicKey,
  type JsonWebKeyInput,
  type KeyObject,
} from "node:crypto";
import { isKeyObject, isUint8Array } from "node:util/types";
import type { AsymmetricAlgorithm } from "./algorithms.ts";
import { checkKeyStrength } from "./key-strength.ts";
import { checkJwkPurpose, isJwk, getKid, type Jwk } from "./jwk.ts";
import type { KeyEntry } from "./key-entry.ts";

/** An encrypted private key in PEM and the passphrase that opens it. */
export interface EncryptedPem {
  /** The PEM. */
  readonly key: string | Uint8Array;
  /** What it was encrypted with. */
  readonly passphrase: string | Uint8Array;
}

/** The `secret` of an asymmetric algorithm: its private key. Text and bytes are PEM. */
export type PrivateKey = string | Uint8Array | KeyObject | Jwk | EncryptedPem;

/** The `publicKey` of an asymmetric algorithm. Text and bytes are PEM, of a key or a certificate. */
export type PublicKey = string | Uint8Array | KeyObject | Jwk;

/** Imports and checks the private key that signs. */
export function importPrivateKey(value: unknown, algorithm: AsymmetricAlgorithm): KeyEntry {
  if (Array.isArray(value)) {
    throw new TypeError(
      "secret is a list, and one private key signs: give the public halves of the others in publicKey",
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
  if (isKeyObject(value)) {
    if (value.type === "private") return value;
    throw new TypeError(`secret always signs, so ${algorithm} needs a KeyObject of type "private"`);
  }
  if (isJwk(value)) {
    if (!Object.hasOwn(value, "d")) {
      throw new TypeError("secret is a public JWK: it always signs, so give the private one");
    }
    checkJwkPurpose("secret", value, algorithm, ["sign"]);
    return readJwk("secret", value, createPrivateKey);
  }
  const { key, passphrase } = isEncryptedPem(value) ? value : { key: value };
  const pem = readPem("secret", key, algorithm);
  if (!pem.includes("PRIVATE KEY-----")) {
    throw new TypeError(
      "secret is a public key or a certificate: it always signs, so give the private key; " +
        "a service that only verifies gives publicKey and no secret",
    );
  }
  if (passphrase === undefined) {
    if (pem.includes("ENCRYPTED")) {
      throw new TypeError("secret is an encrypted PEM: give { key, passphrase }");
    }
    return parsePem("secret", () => createPrivateKey(pem));
  }
  if (typeof passphrase !== "string" && !isUint8Array(passphrase)) {
    throw new TypeError("secret.passphrase must be a string or a Buffer");
  }
  return parsePem("secret or its passphrase", () =>
    createPrivateKey({ key: pem, passphrase: Buffer.from(passphrase) }),
  );
}

function readPublicKey(option: string, value: unknown, algorithm: AsymmetricAlgorithm): KeyObject {
  if (isKeyObject(value)) {
    if (value.type === "public") return value;
    throw new TypeError(
      `${option} must be a KeyObject of type "public": a private key has no place where only verification happens`,
    );
  }
  if (isJwk(value)) {
    if (PRIVATE_MEMBERS.some((name) => Object.hasOwn(value, name)))
      throw privateKeyAsPublic(option);
    checkJwkPurpose(option, value, algorithm, ["verify"]);
    return readJwk(option, value, createPublicKey);
  }
  const pem = readPem(option, value, algorithm);
  if (pem.includes("PRIVATE KEY-----")) throw privateKeyAsPublic(option);
  return parsePem(option, () => createPublicKey(pem));
}

/** The members of a JWK that are nobody else's business (RFC 7518 section 6). */
const PRIVATE_MEMBERS = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

function privateKeyAsPublic(option: string): TypeError {
  return new TypeError(
    `${option} holds a private key: give its public half, since whoever has the private key can sign tokens`,
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

/** The text of a PEM whose lines are intact. */
function readPem(option: string, value: unknown, algorithm: AsymmetricAlgorithm): string {
  const text = isUint8Array(value) ? Buffer.from(value).toString("latin1") : value;
  if (typeof text !== "string") {
    throw new TypeError(`${option} must be a PEM string, a Buffer of one, a KeyObject or a JWK`);
  }
  if (!text.includes("-----BEGIN ")) {
    throw new TypeError(
      `${option} must be a key in PEM for ${algorithm}, and this is no PEM: a shared secret goes with HS256`,
    );
  }
  if (text.includes("\\n")) {
    throw new TypeError(
      `${option} is a PEM whose line breaks have become the two characters \\n, as environment variables do: ` +
        'restore them with value.replaceAll("\\\\n", "\\n")',
    );
  }
  return text;
}

/** Parses a PEM. What OpenSSL says of it stays inside: it may quote the input. */
function parsePem(what: string, parse: () => KeyObject): KeyObject {
  try {
    return parse();
  } catch {
    throw new TypeError(
      `${what} cannot be read: the PEM is damaged (quotes, lost line breaks, a cut end) or does not fit`,
    );
  }
}

function readJwk(
  option: string,
  jwk: Jwk,
  create: (input: JsonWebKeyInput) => KeyObject,
): KeyObject {
  try {
    return create({ key: jwk as JsonWebKeyInput["key"], format: "jwk" });
  } catch {
    throw new TypeError(`${option} is a JWK that cannot be read: a member is missing or damaged`);
  }
}
