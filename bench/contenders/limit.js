// What no package can undercut: the signature check of node:crypto, one JSON.parse and the claims
// that everybody checks. Not fit for use: it is as strict as it must be to be comparable, no more.
import { createHmac, hash, timingSafeEqual, verify as verifySignature } from "node:crypto";
import { toKeyObject } from "./key-object.js";
import { minimalMiddleware } from "./minimal-middleware.js";

/** Every token is verified. */
export function verifyOnly(setup) {
  return minimalMiddleware(createVerify(setup));
}

/** A verified token is found by its digest. Unbounded, hence no cache that could be shipped. */
export function mapOfDigests(setup) {
  const verify = createVerify(setup);
  const remembered = new Map();
  return minimalMiddleware((token) => {
    const digest = hash("sha256", token, "binary");
    let claims = remembered.get(digest);
    if (claims === undefined) {
      claims = verify(token);
      remembered.set(digest, claims);
    } else if (claims.exp * 1000 <= Date.now()) {
      throw new Error("expired");
    }
    return claims;
  });
}

function createVerify(setup) {
  const { algorithm, audience } = setup;
  const isSigned = SIGNATURE_CHECKS[algorithm](toKeyObject(setup));
  const header = Buffer.from(JSON.stringify({ alg: algorithm, typ: "JWT" })).toString("base64url");

  return function verify(token) {
    const dot = token.lastIndexOf(".");
    const signed = token.slice(0, dot);
    if (!signed.startsWith(`${header}.`)) throw new Error("header");
    if (!isSigned(signed, Buffer.from(token.slice(dot + 1), "base64url"))) {
      throw new Error("signature");
    }
    const claims = JSON.parse(Buffer.from(signed.slice(header.length + 1), "base64url").toString());
    if (!claims.aud.includes(audience)) throw new Error("audience");
    if (claims.exp * 1000 <= Date.now()) throw new Error("expired");
    return claims;
  };
}

const SIGNATURE_CHECKS = {
  HS256: (key) => (signed, signature) => {
    const expected = createHmac("sha256", key).update(signed).digest();
    return signature.length === expected.length && timingSafeEqual(signature, expected);
  },
  RS256: (key) => (signed, signature) =>
    verifySignature("sha256", Buffer.from(signed), key, signature),
  ES256: (key) => (signed, signature) =>
    verifySignature("sha256", Buffer.from(signed), { key, dsaEncoding: "ieee-p1363" }, signature),
};
