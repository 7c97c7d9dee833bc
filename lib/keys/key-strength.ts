import type { KeyObject } from "node:crypto";
import { algorithmRules, type AsymmetricAlgorithm } from "./algorithms.ts";

/** RFC 7518 sections 3.3 and 3.5. */
const MIN_RSA_BITS = 2048;

/** Verification takes four times as long for twice the bits, and a token without a `kid` is tried with every key. */
const MAX_RSA_BITS = 8192;

/**
 * The limit of BoringSSL. Each bit of the exponent makes verification slower: with the 256 bits that
 * FIPS 186-5 allows, it takes ten times as long as with 65537.
 */
const MAX_RSA_EXPONENT_BITS = 33n;

/** Refuses a key of the wrong type, or one that is too weak or too slow. */
export function checkKeyStrength(
  option: string,
  key: KeyObject,
  algorithm: AsymmetricAlgorithm,
): void {
  const { keyTypes, curve } = algorithmRules[algorithm];
  const { asymmetricKeyType = "", asymmetricKeyDetails: details = {} } = key;
  if (!keyTypes.includes(asymmetricKeyType)) {
    throw new TypeError(
      `${option} is ${describeType(asymmetricKeyType)}: ${algorithm} requires ${describeType(keyTypes[0])}`,
    );
  }
  if (details.namedCurve !== curve) {
    throw new TypeError(`${option} is an EC key on another curve: ${algorithm} requires ${curve}`);
  }
  if (asymmetricKeyType.startsWith("rsa")) checkRsa(option, details);
  if (asymmetricKeyType === "rsa-pss") checkPssParameters(option, details, algorithm);
  if (asymmetricKeyType === "ed25519") checkEd25519(option, key);
}

const KEY_TYPES: Readonly<Record<string, string>> = {
  rsa: "an RSA key",
  "rsa-pss": "an RSA-PSS key",
  ec: "an EC key",
  ed25519: "an Ed25519 key",
  ed448: "an Ed448 key, which is not supported",
  x25519: "an X25519 key, which is for key agreement and cannot sign",
  x448: "an X448 key, which is for key agreement and cannot sign",
};

function describeType(type = ""): string {
  return KEY_TYPES[type] ?? "a key of an unsupported type";
}

function checkRsa(option: string, details: RsaDetails): void {
  const { modulusLength = 0, publicExponent = 0n } = details;
  if (modulusLength < MIN_RSA_BITS) {
    throw new TypeError(
      `${option} is an RSA key of fewer than ${MIN_RSA_BITS} bits (RFC 7518 section 3.3): generate a longer one`,
    );
  }
  if (modulusLength > MAX_RSA_BITS) {
    throw new TypeError(
      `${option} is an RSA key of more than ${MAX_RSA_BITS} bits, which makes each verification slow: generate a shorter one`,
    );
  }
  // With 1 a signature is the message itself, and an even exponent is not RSA.
  const isOdd = publicExponent % 2n === 1n;
  if (!isOdd || publicExponent < 3n || publicExponent >> MAX_RSA_EXPONENT_BITS > 0n) {
    throw new TypeError(
      `${option} is an RSA key whose public exponent is not an odd number from 3 to 2^33 - 1: ` +
        "generate one with 65537",
    );
  }
}

/** An RSASSA-PSS key contains the parameters for its use (RFC 4055 section 3.1). */
function checkPssParameters(
  option: string,
  { hashAlgorithm, mgf1HashAlgorithm, saltLength = 0 }: RsaDetails,
  algorithm: AsymmetricAlgorithm,
): void {
  const { hash, hashBytes } = algorithmRules[algorithm];
  if (hashAlgorithm !== hash || mgf1HashAlgorithm !== hash || saltLength > hashBytes) {
    throw new TypeError(
      `${option} is an RSA-PSS key with other parameters: ${algorithm} requires ${hash} for hash and MGF1, ` +
        `and a salt of at most ${hashBytes} bytes`,
    );
  }
}

/**
 * The `y` coordinates of the points of edwards25519 whose order divides 8, and their non-canonical
 * forms, in little-endian hex. With such a key, signatures that need no private key are valid.
 */
const SMALL_ORDER_Y: ReadonlySet<string> = new Set([
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]);

function checkEd25519(option: string, key: KeyObject): void {
  const y = Buffer.from(String(key.export({ format: "jwk" }).x), "base64url");
  y.writeUInt8(y.readUInt8(31) & 0x7f, 31); // the sign of x (RFC 8032 section 5.1.2)
  if (SMALL_ORDER_Y.has(y.toString("hex"))) {
    throw new TypeError(
      `${option} is an Ed25519 key of small order, for which anyone can sign: generate another one`,
    );
  }
}

type RsaDetails = NonNullable<KeyObject["asymmetricKeyDetails"]>;
