import type { IncomingMessage, ServerResponse } from "node:http";
import {
  InvalidLoginRequestError,
  UnsupportedGrantTypeError,
  type LoginError,
} from "../errors/login-errors.ts";
import { getOwnProperty } from "../util/own-property.ts";
import { readBody } from "./read-body.ts";

/** The username and the password of a login: two non-empty strings of at most 1,024 characters. */
export interface Credentials {
  /** Without control characters. */
  readonly username: string;
  /** Without NUL. */
  readonly password: string;
}

/** Limits the work for the hash of a password (CVE-2013-1443). */
const MAX_LENGTH = 1024;

/** Reads the username and the password of a login: the form of RFC 6749 section 4.3.2, or the same members in JSON. */
export async function readCredentials(
  req: IncomingMessage,
  res: ServerResponse,
): Promise<Credentials | LoginError> {
  const body = await readBody(req, res);
  if (body === undefined) return new InvalidLoginRequestError("body_invalid");
  const grantType = getOwnProperty(body, "grant_type") ?? "";
  if (typeof grantType !== "string") return new InvalidLoginRequestError("body_invalid");
  if (grantType !== "" && grantType !== "password") return new UnsupportedGrantTypeError();
  const username = getOwnProperty(body, "username");
  const password = getOwnProperty(body, "password");
  return isText(username) && !hasControlCharacter(username) && isText(password) && !hasNul(password)
    ? { username, password }
    : new InvalidLoginRequestError("username_or_password_invalid");
}

/** Only strings: `username[$ne]=` is parsed to an object, which could become part of a database query. */
function isText(value: unknown): value is string {
  return (
    typeof value === "string" && value !== "" && value.length <= MAX_LENGTH && value.isWellFormed()
  );
}

function hasControlCharacter(username: string): boolean {
  return /\p{Cc}/u.test(username);
}

/** Some hash functions ignore what follows a NUL. */
function hasNul(password: string): boolean {
  return password.includes("\0");
}
