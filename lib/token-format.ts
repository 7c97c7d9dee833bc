/** The three segments of a JWS in compact serialization (RFC 7515 section 7.1). Nothing in them is verified. */
export interface UnverifiedSegments {
  readonly header: string;
  readonly payload: string;
  readonly signature: string;
}

/** Splits a token whose three segments are each in their one canonical spelling; `undefined` for any other text. */
export function splitToken(token: string): UnverifiedSegments | undefined {
  const first = token.indexOf(".");
  const second = token.indexOf(".", first + 1);
  if (first === -1 || second === -1 || token.includes(".", second + 1)) return undefined;
  const header = token.slice(0, first);
  const payload = token.slice(first + 1, second);
  const signature = token.slice(second + 1);
  return isCanonical(header) && isCanonical(payload) && isCanonical(signature)
    ? { header, payload, signature }
    : undefined;
}

/**
 * Whether decoding and encoding again gives the same text: only base64url without padding, foreign
 * characters, a dangling character or bits that decode to nothing does (RFC 4648 sections 3.5 and 5).
 * Otherwise one token would have many spellings.
 */
function isCanonical(segment: string): boolean {
  return segment !== "" && Buffer.from(segment, "base64url").toString("base64url") === segment;
}
