import { auth } from "express-oauth2-jwt-bearer";

/**
 * With a fixed key, as "JWTs signed with symmetric algorithms" and "static public key" of its README
 * show: no discovery, no network. It demands an issuer, so every token of the benchmark has one. It
 * imports a PEM once by itself, so there is no better way to set it up.
 */
export function asDocumented({ algorithm, verificationKey, audience, issuer }) {
  const key = algorithm === "HS256" ? { secret: verificationKey } : { publicKey: verificationKey };
  return auth({ ...key, issuer, audience, tokenSigningAlg: algorithm });
}
