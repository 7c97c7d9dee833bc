import { constants, createHmac, timingSafeEqual, verify, type KeyObject } from "node:crypto";
import { algorithmRules, type AlgorithmRules, type JwtAlgorithm } from "../keys/algorithms.ts";

/** What `crypto.sign` and `crypto.verify` need beside the key, for each scheme. */
export const SIGNATURE_PARAMETERS: Readonly<Record<AlgorithmRules["scheme"], SignatureParameters>> =
  {
    hmac: {},
    pkcs1: { padding: constants.RSA_PKCS1_PADDING },
    pss: {
      padding: constants.RSA_PKCS1_PSS_PADDING,
      saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
    },
    ecdsa: { dsaEncoding: "ieee-p1363" },
    eddsa: {},
  };

interface SignatureParameters {
  readonly padding?: number;
  readonly saltLength?: number;
  readonly dsaEncoding?: "ieee-p1363";
}

/** Returns whether a key has signed a token whose last segment is this signature. */
export type HasValidSignature = (token: string, signature: string, key: KeyObject) => boolean;

/** Creates the signature check of one algorithm. It parses nothing. */
export function createSignatureCheck(algorithm: JwtAlgorithm): HasValidSignature {
  const { scheme, hash, signatureBytes } = algorithmRules[algorithm];
  const parameters = SIGNATURE_PARAMETERS[scheme];

  return function hasValidSignature(token, signature, key) {
    // The length is compared first: OpenSSL throws on some, and accepts a PSS signature without its
    // leading zeros, which would be a second spelling of one token (RFC 8017 section 8.1.2).
    const given = Buffer.from(signature, "base64url");
    if (given.length !== (signatureBytes ?? modulusBytes(key))) return false;
    const signingInput = token.slice(0, -signature.length - 1);
    return scheme === "hmac"
      ? timingSafeEqual(given, createHmac(hash, key).update(signingInput).digest())
      : verify(hash, Buffer.from(signingInput, "latin1"), { key, ...parameters }, given);
  };
}

function modulusBytes({ asymmetricKeyDetails: { modulusLength = 0 } = {} }: KeyObject): number {
  return Math.ceil(modulusLength / 8);
}
