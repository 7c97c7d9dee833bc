import { createHash } from "node:crypto";
import type { JwtAlgorithm } from "./algorithms.ts";
import type { KeyEntry } from "./key-entry.ts";

/** A public key as it is published (RFC 7517 section 4). */
export interface PublicJwk {
  readonly kty: string;
  readonly kid: string;
  readonly alg: JwtAlgorithm;
  readonly use: "sig";
  readonly [member: string]: string;
}

/** The members of a public key, in the order of a thumbprint (RFC 7638 section 3.2, RFC 8037 section 2). */
const PUBLIC_MEMBERS = {
  RSA: ["e", "kty", "n"],
  EC: ["crv", "kty", "x", "y"],
  OKP: ["crv", "kty", "x"],
} as const;

/**
 * Exports a public key as a JWK. Its `kid` is the thumbprint (RFC 7638) if the key has no `kid`. Throws a
 * TypeError for a key that a JWK cannot express.
 */
export function toPublicJwk({ key, kid }: KeyEntry, algorithm: JwtAlgorithm): PublicJwk {
  if (key.asymmetricKeyType === "rsa-pss") {
    throw new TypeError(
      "jwks cannot publish an RSA-PSS key, because a JWK has no members for its parameters: use an RSA key",
    );
  }
  const exported = key.export({ format: "jwk" });
  // An allowlist, so that no private member can be published.
  const names = PUBLIC_MEMBERS[exported.kty as keyof typeof PUBLIC_MEMBERS];
  const members = Object.fromEntries(names.map((name) => [name, exported[name]])) as PublicMembers;
  return { ...members, kid: kid ?? thumbprint(members), alg: algorithm, use: "sig" };
}

type PublicMembers = Record<"kty", string>;

function thumbprint(members: PublicMembers): string {
  return createHash("sha256").update(JSON.stringify(members)).digest("base64url");
}
