import { createHash, randomBytes } from "node:crypto";
import { forge, nowInSeconds } from "./forge.ts";
import { generateRsaPair, toJwk } from "./keys.ts";
import { serve, type RunningServer } from "./server.ts";

/** A signing key of an identity provider. */
export interface ProviderKey {
  readonly kid: string;
  /** The published JWK. */
  readonly jwk: object;
  /** Signs claims. A header parameter that is `undefined` is left out. */
  sign(claims: object, header?: object): string;
}

export function createProviderKey({
  kid = randomBytes(20).toString("base64url"),
  ...members
}: { readonly kid?: string; readonly [member: string]: unknown } = {}): ProviderKey {
  const { privateKey, publicKey } = generateRsaPair();
  return {
    kid,
    jwk: { ...toJwk(publicKey, { kid, use: "sig" }), ...members },
    sign: (claims, header) =>
      forge("RS256", privateKey, claims, { alg: "RS256", typ: "JWT", kid, ...header }),
  };
}

/** The certificate members of a JWK (RFC 7517 sections 4.7 to 4.9). Random bytes, because nothing reads them. */
export function createCertificate(): {
  x5c: string[];
  x5t: string;
  "x5t#S256": string;
} {
  const certificate = randomBytes(700);
  const getThumbprint = (hash: string): string =>
    createHash(hash).update(certificate).digest("base64url");
  return {
    x5c: [certificate.toString("base64")],
    x5t: getThumbprint("sha1"),
    "x5t#S256": getThumbprint("sha256"),
  };
}

/** Publishes keys only at the path of the provider. */
export function publishKeys(path: string, ...keys: readonly ProviderKey[]): Promise<RunningServer> {
  const body = JSON.stringify({ keys: keys.map(({ jwk }) => jwk) });
  return serve((req, res) => {
    res.statusCode = req.url === path ? 200 : 404;
    res.setHeader("Content-Type", "application/json");
    res.end(res.statusCode === 200 ? body : "{}");
  });
}

/** `iat` and `exp` of a token that was issued a minute ago, for an hour. */
export function validTimes(): { iat: number; exp: number } {
  const iat = nowInSeconds() - 60;
  return { iat, exp: iat + 3600 };
}

/** `iat` and `exp` of a token that expired a second ago. */
export function expiredTimes(): { iat: number; exp: number } {
  const exp = nowInSeconds() - 1;
  return { iat: exp - 3600, exp };
}
