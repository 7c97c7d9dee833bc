import { isUtf8 } from "node:buffer";
import type { TokenRefusalReason } from "../errors/auth-errors.ts";
import type { JwtAlgorithm } from "../keys/algorithms.ts";
import { getOwnProperty } from "../util/own-property.ts";

/** The JOSE header of the tokens that this package signs. Without a `kid` it has fastapi-users' bytes. */
export interface TokenHeader {
  readonly alg: JwtAlgorithm;
  readonly typ: string;
  readonly kid?: string;
}

/** The part of a token's header that selects the key. */
export interface UnverifiedHeader {
  readonly kid: string | undefined;
}

/** Reads the header segment of a token, or returns the reason for which it is refused. */
export type ReadHeader = (segment: string) => UnverifiedHeader | TokenRefusalReason;

export function createTokenHeader(
  algorithm: JwtAlgorithm,
  typ: string,
  kid: string | undefined,
): TokenHeader {
  return { alg: algorithm, typ, ...(kid === undefined ? {} : { kid }) };
}

/**
 * Creates the function that reads a token's header, which the client controls until the signature is
 * verified.
 *
 * @param tokenTypes the values of `typ` that are accepted. A token without `typ` counts as "JWT".
 * @param kids the key IDs of the verification keys: their usual headers need no parsing.
 */
export function createHeaderReader(
  algorithm: JwtAlgorithm,
  tokenTypes: readonly string[],
  kids: readonly (string | undefined)[],
): ReadHeader {
  const mediaTypes = new Set(tokenTypes.map(toMediaType));
  const usualHeaders = new Map(
    [undefined, ...kids].flatMap((kid) =>
      tokenTypes.map((typ) => [encode(createTokenHeader(algorithm, typ, kid)), { kid }]),
    ),
  );

  return function readHeader(segment) {
    const usual = usualHeaders.get(segment);
    if (usual !== undefined) return usual;
    const header = parseHeader(segment);
    if (header === undefined) return "malformed";
    // The configuration chooses the algorithm, never the token (RFC 8725 section 3.1).
    if (getOwnProperty(header, "alg") !== algorithm) return "algorithm_mismatch";
    if (!isSupported(header, mediaTypes)) return "header_unsupported";
    // RFC 7515 section 4.1.4.
    const kid = getOwnProperty(header, "kid");
    return kid === undefined || typeof kid === "string" ? { kid } : "header_unsupported";
  };
}

function encode(header: TokenHeader): string {
  return Buffer.from(JSON.stringify(header)).toString("base64url");
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

function isSupported(header: object, mediaTypes: ReadonlySet<string>): boolean {
  // An extension that is not understood must be refused (RFC 7515 section 4.1.11).
  if (Object.hasOwn(header, "crit") || Object.hasOwn(header, "b64")) return false;
  // A token of another profile is refused (RFC 8725 section 3.11).
  const typ = Object.hasOwn(header, "typ") ? getOwnProperty(header, "typ") : "JWT";
  return typeof typ === "string" && mediaTypes.has(toMediaType(typ));
}

/** The case does not matter, and `application/` may be omitted (RFC 7515 section 4.1.9). */
function toMediaType(typ: string): string {
  return (typ.includes("/") ? typ : `application/${typ}`).toLowerCase();
}
