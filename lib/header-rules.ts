import { isUtf8 } from "node:buffer";
import type { JwtAlgorithm } from "./keys/algorithms.ts";
import type { TokenRefusalReason } from "./errors.ts";
import { own } from "./own.ts";

/** The JOSE header this package writes, and nearly every token has: the bytes that fastapi-users writes. */
export function usualHeader(algorithm: JwtAlgorithm): { alg: JwtAlgorithm; typ: "JWT" } {
  return { alg: algorithm, typ: "JWT" };
}

/** Says why a header segment is refused, or `undefined` for a good one. */
export type CheckHeader = (segment: string) => TokenRefusalReason | undefined;

/** Makes the check of a token's header, which is attacker's text until the signature has been verified. */
export function createHeaderCheck(algorithm: JwtAlgorithm): CheckHeader {
  const usualSegment = Buffer.from(JSON.stringify(usualHeader(algorithm))).toString("base64url");

  return function checkHeader(segment) {
    if (segment === usualSegment) return undefined;
    const header = parseHeader(segment);
    if (header === undefined) return "malformed";
    // One algorithm per key, chosen by the configuration and never by the token (RFC 8725 section 3.1).
    if (own(header, "alg") !== algorithm) return "algorithm_mismatch";
    return isSupported(header) ? undefined : "header_unsupported";
  };
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
  const typ = own(header, "typ");
  if (typ !== undefined && !(typeof typ === "string" && typ.toUpperCase() === "JWT")) return false;
  // RFC 7515 section 4.1.4.
  const kid = own(header, "kid");
  return kid === undefined || typeof kid === "string";
}
