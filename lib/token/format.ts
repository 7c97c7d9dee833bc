/** The three segments of a JWS in compact serialization (RFC 7515 section 7.1). Nothing in them is verified. */
export interface UnverifiedSegments {
  readonly header: string;
  readonly payload: string;
  readonly signature: string;
}

/** Three segments of the base64url alphabet (RFC 4648 section 5), none empty. */
const COMPACT_SERIALIZATION = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/;

/** Splits a token whose three segments are each in their one canonical spelling; `undefined` for any other text. */
export function splitToken(token: string): UnverifiedSegments | undefined {
  const match = COMPACT_SERIALIZATION.exec(token) as [string, string, string, string] | null;
  if (match === null) return undefined;
  const [, header, payload, signature] = match;
  return isCanonical(header) && isCanonical(payload) && isCanonical(signature)
    ? { header, payload, signature }
    : undefined;
}

/**
 * Whether text of the base64url alphabet is how its bytes are encoded: no character dangles, and the
 * last one has no bits that decode to nothing (RFC 4648 section 3.5). Otherwise one token would have
 * many spellings.
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
