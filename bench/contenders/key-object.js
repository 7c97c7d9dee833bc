import { createPublicKey, createSecretKey } from "node:crypto";

/** The verification key, parsed once: what jsonwebtoken otherwise does for every token. */
export function toKeyObject({ algorithm, verificationKey }) {
  return algorithm === "HS256"
    ? createSecretKey(verificationKey, "utf8")
    : createPublicKey(verificationKey);
}
