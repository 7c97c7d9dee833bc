import { isUtf8 } from "node:buffer";
import type { JwtAlgorithm } from "../keys/algorithms.ts";
import type { TokenRefusalReason } from "../errors/auth-errors.ts";
import { getOwnProperty } from "../util/own-property.ts";

/** The JOSE header this package writes. Without a `kid` it has the bytes that fastapi-users writes. */
export interface WrittenHeader {
  readonly alg: JwtAlgorithm;
  readonly typ: "JWT";
  readonly kid?: string;
}

/** What of a token's header says which key to verify it with. */
export interface UnverifiedHeader {
  readonly kid: string | undefined;
}

/** Reads a header segment, or says why it is refused. */
export type ReadHeader = (segment: string) => UnverifiedHeader | TokenRefusalReason;

/** The header of the tokens that a key signs. */
export function writtenHeader(algorithm: JwtAlgorithm, kid: string | undefined): WrittenHeader {
  return { alg: algorithm, typ: "JWT", ...(kid === undefined ? {} : { kid }) };
}

/**
 * Makes the function that reads a token's header, which is attacker's text until the signature has
 * been verified.
 *
 * @param kids those of the keys that may have signed it.
 */
export function createHeaderReader(
  algorithm: JwtAlgorithm,
  kids: readonly (string | undefined)[],
): ReadHeader {
  // What nearly all tokens begin with needs no parsing.
  const known = new Map([undefined, ...kids].map((kid) => [written(algorithm, kid), { kid }]));

  return function readHeader(segment) {
    const usual = known.get(segment);
    if (usual !== undefined) return usual;
    const header = parseHeader(segment);
    if (header === undefined) return "malformed";
    // One algorithm per key, chosen by the configuration and never by the token (RFC 8725 section 3.1).
    if (getOwnProperty(header, "alg") !== algorithm) return "algorithm_mismatch";
    if (!isSupported(header)) return "header_unsupported";
    // RFC 7515 section 4.1.4.
    const kid = getOwnProperty(header, "kid");
    return kid === undefined || typeof kid === "string" ? { kid } : "header_unsupported";
  };
}

function written(algorithm: JwtAlgorithm, kid: string | undefined): string {
  return Buffer.from(JSON.stringify(writtenHeader(algorithm, kid))).toString("base64url");
}

function parseHeader(segment: string): object | undefined {
  const bytes = Buffer.from(segment, "base64url");
  if (!isUtf8(bytes)) return undefined;
  try {
    const header: unknown = JSON.parse(bytes.toString("utf8"));
    return typeof header === "object" && header !== null && !Array.isArray(header)
      ? header
      : undefined;
  } catch {
    return undefined;
  }
}

function isSupported(header: object): boolean {
  // No extension is understood here, and one that is not understood must be refused (RFC 7515 section 4.1.11).
  if (Object.hasOwn(header, "crit") || Object.hasOwn(header, "b64")) return false;
  // A token of another profile, as "at+jwt", is not ours (RFC 8725 section 3.11). No case (RFC 7515 section 4.1.9).
  const typ = getOwnProperty(header, "typ");
  return typ === undefined || (typeof typ === "string" && typ.toUpperCase() === "JWT");
}
