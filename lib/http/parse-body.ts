import type { IncomingMessage } from "node:http";
import { isUint8Array } from "node:util/types";
import { isPromiseLike } from "../util/awaitable.ts";
import { MAX_BODY_BYTES, wasJsonString } from "./body-length.ts";
import { getContentType, getMediaType } from "./content-type.ts";
import { parseMultipart } from "./multipart.ts";

/** Why a body is refused, for `NODE_DEBUG`. Constants, which contain nothing of the body. */
export type BodyProblem =
  | "the body is missing"
  | "the body is empty, or was read before the login"
  | "the body is longer than 16 KiB"
  | "the body has a Content-Encoding"
  | "the upload was cut off"
  | "req.body throws"
  | "the content type is not supported"
  | "the JSON is malformed"
  | "the JSON is not UTF-8"
  | "the multipart form is malformed"
  | "the form contains a file"
  | "the body is not an object";

const decoder = new TextDecoder();

/**
 * Returns the members of a body: of an object, a `URLSearchParams` or a `FormData`, or of text or
 * bytes, which are parsed according to the Content-Type.
 */
export function parseBody(req: IncomingMessage, content: unknown): object | BodyProblem {
  const members =
    typeof content === "string" || isUint8Array(content)
      ? parseContent(req, content)
      : toMembers(content);
  if (typeof members === "string") return members;
  return getMediaType(req) === "application/json" && hasReplacementCharacter(members)
    ? "the JSON is not UTF-8"
    : members;
}

/** Body parsers leave `undefined`, `{}` or another empty value in `req.body` if they read nothing. */
export function isEmpty(content: unknown): boolean {
  if (typeof content !== "object" || content === null) return !content;
  if (Array.isArray(content)) return false;
  if (isUint8Array(content)) return content.length === 0; // Object.keys() would list every byte.
  return (isForm(content) ? [...content] : Object.keys(content)).length === 0;
}

function toMembers(content: unknown): object | BodyProblem {
  if (typeof content !== "object" || content === null) return "the body is not an object";
  if (Array.isArray(content) || isPromiseLike(content)) return "the body is not an object";
  return isForm(content) ? fromFields(content) : content;
}

function parseContent(req: IncomingMessage, content: string | Uint8Array): object | BodyProblem {
  if (Buffer.byteLength(content) > MAX_BODY_BYTES) return "the body is longer than 16 KiB";
  switch (getMediaType(req)) {
    case "application/x-www-form-urlencoded":
      // URLSearchParams would drop a leading "?".
      return fromFields(new URLSearchParams(`&${decode(content)}`));
    case "application/json":
      if (wasJsonString(req, content)) return "the body is not an object";
      return parseJson(decode(content));
    case "multipart/form-data":
      return fromFields(parseMultipart(content, getContentType(req)));
    default:
      return "the content type is not supported";
  }
}

/** Replaces what is not UTF-8, as form parsers do (URL Standard, section 5.1), and drops a byte order mark. */
function decode(content: string | Uint8Array): string {
  return typeof content === "string" ? content.replace(/^\ufeff/, "") : decoder.decode(content);
}

function parseJson(text: string): object | BodyProblem {
  try {
    return toMembers(JSON.parse(text));
  } catch {
    return "the JSON is malformed";
  }
}

/** Recognizes the `URLSearchParams` and `FormData` of other realms and of packages too. */
function isForm(content: object): content is Iterable<[string, unknown]> {
  return ["[object URLSearchParams]", "[object FormData]"].includes(
    Object.prototype.toString.call(content),
  );
}

/** The value of a repeated field is an array, which is not a string. */
function fromFields(form: Iterable<readonly [string, unknown]> | undefined): object | BodyProblem {
  if (form === undefined) return "the multipart form is malformed";
  const members = new Map<string, unknown>();
  for (const [name, value] of form) {
    if (isUnusedFile(value)) continue;
    if (typeof value !== "string") return "the form contains a file";
    members.set(name, members.has(name) ? [] : value);
  }
  return Object.fromEntries(members);
}

/** What a browser sends for an `<input type=file>` without a choice (HTML Standard, section 4.10.21.4). */
function isUnusedFile(value: unknown): boolean {
  const { name, size } = Object(value) as { name?: unknown; size?: unknown };
  return name === "" && size === 0;
}

/** JSON must be UTF-8 (RFC 8259 section 8.1). Decoders, including those of body parsers, replace other bytes with U+FFFD. */
function hasReplacementCharacter(members: object): boolean {
  return Object.values(members).some(
    (value) => typeof value === "string" && value.includes("\ufffd"),
  );
}
