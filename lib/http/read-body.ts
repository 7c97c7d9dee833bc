import type { IncomingMessage } from "node:http";
import { getOwnProperty } from "../util/own-property.ts";
import { isEmpty, MAX_BODY_BYTES, parseBody, type BodyProblem } from "./parse-body.ts";

/**
 * The members of a login's body: what middleware has left in `req.body`, or else the body itself,
 * if nobody has read it. The same rules hold for both, so that it does not matter which body parser
 * an app has.
 */
export async function readBody(req: IncomingMessage): Promise<object | BodyProblem> {
  if (isCompressed(req)) return "the body has a Content-Encoding";
  if (Number(getOwnProperty(req.headers, "content-length")) > MAX_BODY_BYTES) {
    return "the body is longer than 16 KiB";
  }
  try {
    if (hasFiles(req)) return "the form contains a file";
    const { body } = req as { body?: unknown };
    if (!isEmpty(body)) return await parseBody(req, body);
  } catch {
    return "req.body throws"; // A getter that parses on demand, as on Vercel.
  }
  const bytes = await readBytes(req);
  return typeof bytes === "string" ? bytes : parseBody(req, bytes);
}

/** A compressed body of 16 KiB could become one of megabytes, and a parser in front may or may not have inflated it. */
function isCompressed(req: IncomingMessage): boolean {
  const encoding = getOwnProperty(req.headers, "content-encoding") ?? "identity";
  return typeof encoding !== "string" || !/^(?:identity)?$/i.test(encoding);
}

/** multer and other multipart parsers keep files out of `req.body`. */
function hasFiles(req: IncomingMessage): boolean {
  return ["file", "files"].some((name) => Object.keys(getOwnProperty(req, name) ?? {}).length > 0);
}

async function readBytes(req: IncomingMessage): Promise<Buffer | BodyProblem> {
  if (!mayHaveBody(req)) return "the body is missing";
  const chunks: Buffer[] = [];
  let length = 0;
  const encoding = req.readableEncoding;
  try {
    // Destroying the request would close the connection before the response is sent.
    for await (const chunk of req.iterator({ destroyOnReturn: false })) {
      // Middleware may have called `req.setEncoding()`.
      const bytes = encoding === null ? (chunk as Buffer) : Buffer.from(chunk as string, encoding);
      length += bytes.length;
      if (length > MAX_BODY_BYTES) break;
      chunks.push(bytes);
    }
  } catch {
    return "the upload was cut off";
  }
  if (length > MAX_BODY_BYTES) {
    req.resume(); // The connection has a next request only behind the rest of this one.
    return "the body is longer than 16 KiB";
  }
  if (length === 0) return "the body is empty, or was read before the login";
  return Buffer.concat(chunks);
}

/** RFC 9112 section 6.3. HTTP/2 has no Transfer-Encoding, and demands no Content-Length (RFC 9113 section 8.1.1). */
function mayHaveBody({ headers, httpVersionMajor }: IncomingMessage): boolean {
  return (
    httpVersionMajor >= 2 ||
    Object.hasOwn(headers, "content-length") ||
    Object.hasOwn(headers, "transfer-encoding")
  );
}
