import type { IncomingMessage } from "node:http";
import { getOwnProperty } from "../util/own-property.ts";

/** The largest body that is read, in bytes. */
export const MAX_BODY_BYTES: number = 16 * 1024;

/** The Content-Length of a request; `undefined` for a chunked body, and in HTTP/2, which does not need it. */
export function getContentLength(req: IncomingMessage): number | undefined {
  const length = getOwnProperty(req.headers, "content-length");
  return length === undefined ? undefined : Number(length);
}

/** RFC 9112 section 6.3. HTTP/2 has no Transfer-Encoding, and does not require a Content-Length (RFC 9113 section 8.1.1). */
export function mayHaveBody(req: IncomingMessage): boolean {
  return (
    req.httpVersionMajor >= 2 ||
    getContentLength(req) !== undefined ||
    Object.hasOwn(req.headers, "transfer-encoding")
  );
}

/**
 * Whether the body that a parser has read was longer than the limit. Without a Content-Length, its
 * members tell: as an unescaped form, `name=text&…`, they are not longer than what was sent. Escapes
 * and blanks are lost.
 */
export function wasTooLong(req: IncomingMessage, members: object): boolean {
  if (getContentLength(req) !== undefined || !mayHaveBody(req)) return false;
  const pending: unknown[] = [members];
  let length = -2; // There is no & after the last pair, and no bracket around the form.
  while (pending.length > 0 && length <= MAX_BODY_BYTES) {
    const next = pending.pop();
    if (typeof next === "string") {
      length += Buffer.byteLength(next && `=${next}`);
      continue;
    }
    length += 1; // A digit or a bracket at least. It also ends the walk through a cycle.
    if (typeof next !== "object" || next === null) continue;
    const values = Object.entries(next);
    if (!Array.isArray(next)) for (const [name] of values) length += Buffer.byteLength(`&${name}`);
    pending.push(...values.map(([, value]: [string, unknown]) => value));
  }
  return length > MAX_BODY_BYTES;
}

const BYTE_ORDER_MARK_BYTES = 3;

/**
 * Whether a parser has already read the JSON around this text, as `express.json({ strict: false })`
 * does: the body was longer by its quotes and escapes. Parsers of text drop only a byte order mark.
 */
export function wasJsonString(req: IncomingMessage, content: string | Uint8Array): boolean {
  const parsedLength = Buffer.byteLength(content) + BYTE_ORDER_MARK_BYTES;
  return typeof content === "string" && (getContentLength(req) ?? 0) > parsedLength;
}
