import type { IncomingMessage } from "node:http";
import { handleRejectionsIn } from "../util/find-promises.ts";
import { getMember, getOwnProperty } from "../util/own-property.ts";
import { getContentLength, MAX_BODY_BYTES, mayHaveBody, wasTooLong } from "./body-length.ts";
import { isEmpty, parseBody, type BodyProblem } from "./parse-body.ts";

/**
 * Returns the members of a login's body: `req.body` if middleware has set it, otherwise the body
 * itself. The same rules apply to both, so that the result does not depend on the app's body parser.
 */
export async function readBody(req: IncomingMessage): Promise<object | BodyProblem> {
  if (isCompressed(req)) return "the body has a Content-Encoding";
  if (Number(getContentLength(req)) > MAX_BODY_BYTES) return "the body is longer than 16 KiB";
  try {
    if (hasFiles(req)) return "the form contains a file";
    const body = getMember(req, "body");
    handleRejectionsIn(body);
    if (!isEmpty(body)) {
      const members = parseBody(req, body);
      return typeof members === "object" && wasTooLong(req, members)
        ? "the body is longer than 16 KiB"
        : members;
    }
  } catch {
    return "req.body throws"; // A getter that parses the body when it is read.
  }
  const bytes = await readBytes(req);
  return typeof bytes === "string" ? bytes : parseBody(req, bytes);
}

/** 16 KiB can inflate to megabytes, and a parser in front may or may not have inflated the body: it is refused either way. */
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
    req.resume(); // The next request of this connection comes after the rest of the body.
    return "the body is longer than 16 KiB";
  }
  if (length === 0) return "the body is empty, or was read before the login";
  return Buffer.concat(chunks);
}
