import { isUtf8 } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import express from "express";
import type { Handler } from "./handler.ts";

const FORM = "application/x-www-form-urlencoded";
const JSON_TYPE = "application/json";

/** What a body parser adds to a request. */
interface MayHaveBody {
  body?: unknown;
}

/** Express's own reader: it knows about lengths, aborted uploads and unread rests. Compressed bodies are refused. */
const readBytes: Handler = express.raw({
  type: [FORM, JSON_TYPE],
  limit: 16 * 1024,
  inflate: false,
});

/**
 * The members of a form or JSON body: what a body parser has left in `req.body`, or else the body
 * itself, if nobody has read it. `undefined` where it is missing, too long, malformed or of another type.
 */
export async function readBody(
  req: IncomingMessage,
  res: ServerResponse,
): Promise<object | undefined> {
  const { body: parsed } = req as MayHaveBody;
  if (hasContent(parsed)) return isMembers(parsed) ? parsed : undefined;
  const bytes = await readUnparsed(req, res);
  if (!Buffer.isBuffer(bytes) || !isUtf8(bytes)) return undefined;
  const text = bytes.toString("utf8");
  try {
    const isForm = String(req.headers["content-type"]).toLowerCase().startsWith(FORM);
    const body: unknown = isForm ? parseForm(text) : JSON.parse(text);
    return isMembers(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

/** Body parsers leave `undefined` or `{}` where they read nothing. */
function hasContent(body: unknown): boolean {
  return isMembers(body) ? Object.keys(body).length > 0 : Boolean(body);
}

function isMembers(body: unknown): body is object {
  return (
    typeof body === "object" && body !== null && !Array.isArray(body) && !Buffer.isBuffer(body)
  );
}

/** The bytes of the body, which are gone from `req` again when it is done: they hold the password. */
async function readUnparsed(req: IncomingMessage, res: ServerResponse): Promise<unknown> {
  const holder = req as MayHaveBody;
  const before = holder.body;
  try {
    return await new Promise((resolve) => {
      readBytes(req, res, (error?: unknown) =>
        resolve(error === undefined ? holder.body : undefined),
      );
    });
  } finally {
    holder.body = before;
  }
}

/** A repeated name becomes a list, which is no string. Throws a URIError where the escapes are not UTF-8. */
function parseForm(text: string): object {
  decodeURIComponent(text);
  const form = new Map<string, unknown>();
  // URLSearchParams would drop a leading "?", as it stands in a URL.
  for (const [name, value] of new URLSearchParams(`&${text}`)) {
    form.set(name, form.has(name) ? [] : value);
  }
  return Object.fromEntries(form);
}
