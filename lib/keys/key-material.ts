import { X509Certificate, createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";

/**
 * Copies text or bytes out of the reach of other code: a small `Buffer.from()` lies in a pool that all
 * code of the process shares. Clear the copy with `fill(0)` after use.
 */
export function copyBytes(value: string | Uint8Array, encoding: BufferEncoding = "utf8"): Buffer {
  if (typeof value === "string") {
    const bytes = Buffer.alloc(Buffer.byteLength(value, encoding));
    return bytes.subarray(0, bytes.write(value, encoding));
  }
  const bytes = Buffer.alloc(value.length);
  bytes.set(value);
  return bytes;
}

/** Private keys first: OpenSSL would read some of them as their public key. */
const DER_READERS: readonly ((der: Buffer) => KeyObject)[] = [
  (key) => createPrivateKey({ key, format: "der", type: "pkcs8" }),
  (key) => createPrivateKey({ key, format: "der", type: "pkcs1" }),
  (key) => createPrivateKey({ key, format: "der", type: "sec1" }),
  (key) => createPublicKey({ key, format: "der", type: "spki" }),
  (key) => createPublicKey({ key, format: "der", type: "pkcs1" }),
  (certificate) => new X509Certificate(certificate).publicKey,
];

/** Reads a private key, a public key or a certificate in DER. Returns `undefined` for other bytes. */
export function readDer(bytes: Buffer): KeyObject | undefined {
  if (!mayBeDer(bytes)) return undefined;
  for (const read of DER_READERS) {
    try {
      return read(bytes);
    } catch {
      // Another decoder may recognize the format.
    }
  }
  return undefined;
}

const INTEGER = 0x02;
const SEQUENCE = 0x30;

/** Every key and certificate is a SEQUENCE that begins with an INTEGER or a SEQUENCE (ITU-T X.690). */
function mayBeDer(bytes: Buffer): boolean {
  const [tag, length = 0] = bytes;
  const first = bytes[length < 0x80 ? 2 : length - 0x80 + 2];
  return tag === SEQUENCE && (first === INTEGER || first === SEQUENCE);
}

/** The words with which formats of keys and certificates begin. A random secret contains none of them. */
const KEY_FORMATS: readonly RegExp[] = [
  /-----BEGIN /,
  /BEGIN\W+(?:\w+\W+){0,4}(?:KEY|CERTIFICATE)\b/, // PEM, SSH2 (RFC 4716) and OpenPGP, with other dashes or none
  /ssh-(?:rsa|ed25519|dss)|ecdsa-sha2-/, // OpenSSH and PuTTY, in text and in bytes
  /(?:^|\W)kty(?:\\[nrt]|\W)+(?:RSA|EC|OKP|AKP|oct)\b/, // JWKs and JWK Sets, however they are nested or escaped
  /"keys"\s*:/,
  /(?:KeyValue|Modulus|X509Certificate)>/i, // XML signatures and SAML metadata
];

/**
 * What keys, certificates and their containers in DER have within, in hex: the identifiers of algorithms
 * and formats, and the beginning of an RSA key in PKCS#1, which has none.
 */
const DER_PARTS: readonly string[] = [
  "2a864886f70d01", // PKCS: RSA, encrypted keys, PKCS#7 and PKCS#12
  "2a8648ce3[8de]", // ANSI X9: DSA, EC, DH
  "06052b810400", // the curves of SEC 2
  "300506032b65(?:6e|6f|70|71)", // RFC 8410
  "0609608648016503", // NIST: ML-DSA, SLH-DSA, and the ciphers of containers
  "30(?:81..|82....)(?:020100)?02(?:81..|82....)00[89a-f]",
];
const DER_PART = new RegExp(`^(?:..)*?(?:${DER_PARTS.join("|")})`);

/** How often encodings are undone: base64 of base64 of a PEM is found. */
const MAX_ENCODINGS = 6;

/**
 * Whether the bytes are a public or private key, which others may hold (CVE-2015-9235, CVE-2022-29217).
 * Finds what `KEY_FORMATS` and `DER_PARTS` name, whatever stands around it, in UTF-8, UTF-16,
 * percent-encoding, base64, base64url or hex, up to six of these around each other. A run of base64
 * or hex must begin where its key does. Best effort: numbers of a key without a format (a raw Ed25519
 * key, a modulus, a point) look random, and other encodings and compressed keys are not recognized.
 */
export function isKeyMaterial(bytes: Buffer, encodings: number = MAX_ENCODINGS): boolean {
  if (readDer(bytes) !== undefined || DER_PART.test(bytes.toString("hex"))) return true;
  const text = bytes.toString("latin1").replaceAll("\0", ""); // UTF-16 of ASCII
  if (KEY_FORMATS.some((format) => format.test(text))) return true;
  return encodings > 0 && findEncoded(text).some((found) => isEncodedKey(...found, encodings - 1));
}

function isEncodedKey(text: string, encoding: BufferEncoding, encodings: number): boolean {
  const bytes = copyBytes(text, encoding);
  try {
    return isKeyMaterial(bytes, encodings);
  } finally {
    bytes.fill(0);
  }
}

/**
 * The text without percent-encoding, and the runs of base64, base64url and hex that are long enough for
 * a key, across line breaks and escaped ones. OpenSSL prints hex with colons.
 */
function findEncoded(text: string): readonly (readonly [string, BufferEncoding])[] {
  const decoded = decodePercent(text);
  if (decoded !== text) return [[decoded, "latin1"]];
  const joined = text.replace(/\s|\\[nrt]/g, "");
  const hexRuns = joined.match(/(?:[\da-f]{2}:){20,}[\da-f]{2}/gi) ?? [];
  const runs = joined.match(/[\w+/-]{40,}/g) ?? [];
  return [
    ...hexRuns.map((run) => [run.replaceAll(":", ""), "hex"] as const),
    ...runs.flatMap((run) => {
      const hex = /^(?:0x)?([\da-f]+)$/i.exec(run)?.[1];
      return [[run, "base64"] as const, ...(hex === undefined ? [] : [[hex, "hex"] as const])];
    }),
  ];
}

/** A text may be encoded several times on its way, as a part of a URL within a URL. */
function decodePercent(text: string, times = 3): string {
  const decoded = text.replace(/%([\da-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return times > 1 && decoded !== text ? decodePercent(decoded, times - 1) : decoded;
}
