import { constants, createHmac, timingSafeEqual, verify, type KeyObject } from "node:crypto";
import { algorithmRules, isHmacAlgorithm, type JwtAlgorithm } from "../keys/algorithms.ts";

/** Whether a key has signed a token, whose last segment is the signature. Nothing is parsed. */
export type CheckSignature = (token: string, signature: string, key: KeyObject) => boolean;

const PSS_SCHEME = {
  padding: constants.RSA_PKCS1_PSS_PADDING,
  saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
};

/** Makes the check of signatures of one algorithm (RFC 7518 section 3.1). */
export function createSignatureCheck(algorithm: JwtAlgorithm): CheckSignature {
  const { hash } = algorithmRules[algorithm];
  const isHmac = isHmacAlgorithm(algorithm);
  const scheme = algorithm.startsWith("PS") ? PSS_SCHEME : { dsaEncoding: "ieee-p1363" as const };

  return function hasValidSignature(token, signature, key) {
    const input = Buffer.from(token.slice(0, -signature.length - 1));
    const bytes = Buffer.from(signature, "base64url");
    if (!isHmac) return verify(hash, input, { key, ...scheme }, bytes);
    const mac = createHmac(hash, key).update(input).digest();
    return bytes.length === mac.length && timingSafeEqual(bytes, mac);
  };
}
