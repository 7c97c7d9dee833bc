import type { KeyObject } from "node:crypto";
import { algorithmRules, type AsymmetricAlgorithm } from "./algorithms.ts";

/** RFC 7518 sections 3.3 and 3.5. */
const MIN_RSA_BITS = 2048;

/** Refuses a key of the wrong type, or one too weak to be worth a signature. */
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
}

const KEY_TYPES: Readonly<Record<string, string>> = {
  rsa: "an RSA key",
  "rsa-pss": "an RSA-PSS key",
  ec: "an EC key",
  ed25519: "an Ed25519 key",
  ed448: "an Ed448 key, which is not supported",
  x25519: "an X25519 key, which agrees on secrets and cannot sign",
  x448: "an X448 key, which agrees on secrets and cannot sign",
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
  // With exponent 1 a signature is its own message, an even one is no RSA at all, and a huge one costs
  // each verification dear (FIPS 186-5 appendix A.1.1).
  if (publicExponent < 3n || publicExponent % 2n === 0n || publicExponent >= 2n ** 256n) {
    throw new TypeError(`${option} is an RSA key with an unsafe public exponent: 65537 is usual`);
  }
}

/** An RSASSA-PSS key names the parameters it may be used with (RFC 4055 section 3.1). */
function checkPssParameters(
  option: string,
  { hashAlgorithm, mgf1HashAlgorithm, saltLength = 0 }: RsaDetails,
  algorithm: AsymmetricAlgorithm,
): void {
  const { hash, hashBytes } = algorithmRules[algorithm];
  if (hashAlgorithm !== hash || mgf1HashAlgorithm !== hash || saltLength > hashBytes) {
    throw new TypeError(
      `${option} is an RSA-PSS key with other parameters: ${algorithm} needs ${hash} for hash and MGF1, ` +
        `and a salt of at most ${hashBytes} bytes`,
    );
  }
}

type RsaDetails = NonNullable<KeyObject["asymmetricKeyDetails"]>;
