import {
  createPrivateKey,
  createPublicKey,
  type JsonWebKeyInput,
  type KeyObject,
} from "node:crypto";
import { getOwnProperty } from "../util/own-property.ts";
import type { JwtAlgorithm } from "./algorithms.ts";
import { copyBytes } from "./key-material.ts";

/** What a key is used for, in the words of `key_ops` (RFC 7517 section 4.3). */
export type KeyOperation = "sign" | "verify";

/**
 * A JSON Web Key as an object (RFC 7517 section 4, RFC 7518 section 6). The `JsonWebKey` of Node.js and
 * the `JWK` of jose are assignable to it. No member is required, as in `JsonWebKey`; a missing one is a
 * TypeError at construction.
 */
export interface Jwk {
  /** The key type: `"oct"`, `"RSA"`, `"EC"` or `"OKP"`. */
  readonly kty?: string | undefined;
  /** The key ID. Written into the header of the tokens that the key signs. */
  readonly kid?: string | undefined;
  /** The algorithm that the key is restricted to. */
  readonly alg?: string | undefined;
  /** The use that the key is restricted to: `"sig"`. */
  readonly use?: string | undefined;
  /** The operations that the key is restricted to: `"sign"`, `"verify"`. */
  readonly key_ops?: readonly string[] | undefined;
  /** Whether Web Crypto may export the key; ignored. */
  readonly ext?: boolean | undefined;
  /** The URL of a certificate; ignored. */
  readonly x5u?: string | undefined;
  /** A certificate chain; ignored. */
  readonly x5c?: readonly string[] | undefined;
  /** The SHA-1 thumbprint of a certificate; ignored. */
  readonly x5t?: string | undefined;
  /** The SHA-256 thumbprint of a certificate; ignored. */
  readonly "x5t#S256"?: string | undefined;
  /** The secret of an `"oct"` key. */
  readonly k?: string | undefined;
  /** The modulus of an RSA key. */
  readonly n?: string | undefined;
  /** The public exponent of an RSA key. */
  readonly e?: string | undefined;
  /** The curve of an `"EC"` or `"OKP"` key. */
  readonly crv?: string | undefined;
  /** The x coordinate of an `"EC"` key, or the public key of an `"OKP"` key. */
  readonly x?: string | undefined;
  /** The y coordinate of an `"EC"` key. */
  readonly y?: string | undefined;
  /** The private key, or the private exponent of an RSA key. */
  readonly d?: string | undefined;
  /** The first prime factor of a private RSA key. */
  readonly p?: string | undefined;
  /** The second prime factor of a private RSA key. */
  readonly q?: string | undefined;
  /** The CRT exponent of `p`. */
  readonly dp?: string | undefined;
  /** The CRT exponent of `q`. */
  readonly dq?: string | undefined;
  /** The CRT coefficient. */
  readonly qi?: string | undefined;
  /** The other prime factors of a private RSA key; not supported. */
  readonly oth?: readonly object[] | undefined;
}

export function isJwk(value: unknown): value is Jwk {
  return typeof value === "object" && value !== null && Object.hasOwn(value, "kty");
}

/** A JWK Set (RFC 7517 section 5). */
export function isJwkSet(value: unknown): value is { readonly keys: readonly unknown[] } {
  return (
    typeof value === "object" &&
    value !== null &&
    !isJwk(value) &&
    Array.isArray(getOwnProperty(value, "keys"))
  );
}

/** The kid is sent in every token. */
const MAX_KID_LENGTH = 256;

/** The `kid` of a JWK, which goes into the header of the tokens that it signs (RFC 7517 section 4.5). */
export function getKid(option: string, jwk: Jwk): string | undefined {
  const kid = getMember(jwk, "kid");
  if (kid === undefined) return undefined;
  if (typeof kid === "string" && kid !== "" && kid.length <= MAX_KID_LENGTH && kid.isWellFormed()) {
    return kid;
  }
  throw new TypeError(
    `${option} is a JWK whose kid is not a well-formed string of 1 to ${MAX_KID_LENGTH} characters`,
  );
}

/** The members that are private or secret (RFC 7518 section 6). */
const PRIVATE_MEMBERS = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] as const;

export function hasPrivateMember(jwk: Jwk): boolean {
  return PRIVATE_MEMBERS.some((name) => getMember(jwk, name) !== undefined);
}

/** Some serializers write members that are absent as null. */
function getMember(jwk: Jwk, name: string): unknown {
  return getOwnProperty(jwk, name) ?? undefined;
}

/**
 * Checks a JWK against its own `alg`, `use` and `key_ops` (RFC 7517 sections 4.2 to 4.4): a key made
 * for one purpose must not serve another.
 */
export function checkJwkPurpose(
  option: string,
  jwk: Jwk,
  algorithm: JwtAlgorithm,
  operations: readonly KeyOperation[],
): void {
  const alg = getMember(jwk, "alg");
  const use = getMember(jwk, "use");
  const keyOps = getMember(jwk, "key_ops");
  if (alg !== undefined && alg !== algorithm) {
    throw new TypeError(
      `${option} is a JWK made for another algorithm: its alg must be ${algorithm}, like the algorithm option`,
    );
  }
  if (use !== undefined && use !== "sig") {
    throw new TypeError(`${option} is a JWK that is not for signatures: its use must be "sig"`);
  }
  if (
    keyOps !== undefined &&
    !(Array.isArray(keyOps) && operations.every((operation) => keyOps.includes(operation)))
  ) {
    throw new TypeError(
      `${option} is a JWK whose key_ops forbid its use here: they must include ${operations.join(" and ")}`,
    );
  }
}

export function readPublicJwk(option: string, jwk: Jwk): KeyObject {
  return readJwk(option, () => createPublicKey(toInput(jwk)));
}

export function readPrivateJwk(option: string, jwk: Jwk): KeyObject {
  return readJwk(option, () =>
    jwk.crv === "Ed25519" ? readEd25519(jwk) : createPrivateKey(toInput(jwk)),
  );
}

/** Without null members, which Node.js 26 refuses: some issuers write null for what a key does not have. */
function toInput(jwk: Jwk): JsonWebKeyInput {
  const members = Object.entries(jwk).filter(([, value]) => value !== null);
  return { key: Object.fromEntries(members), format: "jwk" };
}

/** The error of Node.js is not passed on, because it may quote the key. */
function readJwk(option: string, read: () => KeyObject): KeyObject {
  try {
    return read();
  } catch {
    throw new TypeError(
      `${option} is a JWK that cannot be read: a member is missing, damaged or of another key`,
    );
  }
}

/** PKCS#8 of an Ed25519 key (RFC 8410 section 7), before the 32 bytes of the key. */
const ED25519_PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");

/** Node.js would ignore `x`, and leave a copy of `d` in its Buffer pool. */
function readEd25519({ kty, d = "", x }: Jwk): KeyObject {
  const bytes = copyBytes(d, "base64url");
  const der = Buffer.alloc(ED25519_PKCS8.length + bytes.length);
  try {
    der.set(ED25519_PKCS8);
    der.set(bytes, ED25519_PKCS8.length);
    const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
    const isWhole = kty === "OKP" && createPublicKey(key).export({ format: "jwk" }).x === x;
    if (!isWhole || bytes.toString("base64url") !== d) throw new TypeError("not one key");
    return key;
  } finally {
    bytes.fill(0);
    der.fill(0);
  }
}
