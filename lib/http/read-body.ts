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

/** Express's reader handles lengths, aborted uploads and unread data. Compressed bodies are refused. */
const readBytes: Handler = express.raw({
  type: [FORM, JSON_TYPE],
  limit: 16 * 1024,
  inflate: false,
});

/**
 * Returns the members of a form or JSON body: `req.body` if a body parser has set it, otherwise the body
 * itself, unless it has been read. `undefined` if it is missing, too long, malformed or of another type.
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

/** Body parsers set `undefined` or `{}` if they read nothing. */
function hasContent(body: unknown): boolean {
  return isMembers(body) ? Object.keys(body).length > 0 : Boolean(body);
}

function isMembers(body: unknown): body is object {
  return (
    typeof body === "object" && body !== null && !Array.isArray(body) && !Buffer.isBuffer(body)
  );
}

/** Reads the bytes of the body and removes them from `req` afterwards: they contain the password. */
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

/** The value of a repeated name is an array, which is not a string. Throws a URIError if an escape is not UTF-8. */
function parseForm(text: string): object {
  decodeURIComponent(text);
  const form = new Map<string, unknown>();
  // URLSearchParams would remove a leading "?".
  for (const [name, value] of new URLSearchParams(`&${text}`)) {
    form.set(name, form.has(name) ? [] : value);
  }
  return Object.fromEntries(form);
}
