/** The three segments of a JWS in compact serialization (RFC 7515 section 7.1). None is verified. */
export interface UnverifiedSegments {
  readonly header: string;
  readonly payload: string;
  readonly signature: string;
}

/** Two dots, and else only the base64url alphabet (RFC 4648 section 5). */
const COMPACT_SERIALIZATION = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** Splits a token whose three segments are canonical base64url; `undefined` for any other text. */
export function splitToken(token: string): UnverifiedSegments | undefined {
  if (!COMPACT_SERIALIZATION.test(token)) return undefined;
  const firstDot = token.indexOf(".");
  const lastDot = token.lastIndexOf(".");
  const header = token.slice(0, firstDot);
  const payload = token.slice(firstDot + 1, lastDot);
  const signature = token.slice(lastDot + 1);
  return isCanonical(header) && isCanonical(payload) && isCanonical(signature)
    ? { header, payload, signature }
    : undefined;
}

/**
 * Whether the last character of a segment has no unused bits that are set (RFC 4648 section 3.5).
 * Otherwise one token could be written in several ways.
 */
function isCanonical(segment: string): boolean {
  const last = segment.slice(-1);
  switch (segment.length % 4) {
    case 0:
      return true;
    case 1:
      return false;
    case 2:
      return "AQgw".includes(last); // four bits unused
    default:
      return "AEIMQUYcgkosw048".includes(last); // two bits unused
  }
}
