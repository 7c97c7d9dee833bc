import type { IncomingMessage } from "node:http";
import {
  InvalidLoginRequestError,
  UnsupportedGrantTypeError,
  type LoginError,
} from "../errors/login-errors.ts";
import { debug } from "../util/debug.ts";
import { getOwnProperty } from "../util/own-property.ts";
import { getMediaType } from "./content-type.ts";
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

type Field = "grant_type" | "username" | "password";

/** Reads the username and the password of a login: the form of RFC 6749 section 4.3.2, or the same members in JSON. */
export async function readCredentials(req: IncomingMessage): Promise<Credentials | LoginError> {
  const body = await readBody(req);
  if (typeof body === "string") return refuse(req, "body_invalid", body);
  const fields = readFields(body);
  if (fields === undefined) return refuse(req, "body_invalid", "a member of req.body throws");
  const { grantType, username, password } = fields;
  if (typeof grantType !== "string") {
    return refuse(req, "body_invalid", `grant_type ${describeNonText(grantType)}`);
  }
  if (grantType !== "" && grantType !== "password") return new UnsupportedGrantTypeError();
  const problem = findProblem("username", username) ?? findProblem("password", password);
  if (problem !== undefined) return refuse(req, "username_or_password_invalid", problem);
  return { username, password } as Credentials;
}

/** Reads each member once: members of `req.body` may be getters. `undefined` if one throws. */
function readFields(
  body: object,
): { grantType: unknown; username: unknown; password: unknown } | undefined {
  try {
    return {
      grantType: readField(body, "grant_type") ?? "",
      username: readField(body, "username"),
      password: readField(body, "password"),
    };
  } catch {
    return undefined;
  }
}

/**
 * Some form parsers make a list of `username[]=`, an object of `username[$ne]=` and a username of
 * `[username]=`, others keep the name. Code in front of the login may have looked at one of them.
 */
function readField(body: object, name: Field): unknown {
  const forms = [`${name}[`, `[${name}]`];
  const hasBrackets = Object.keys(body).some((key) => forms.some((form) => key.startsWith(form)));
  return hasBrackets ? [] : getOwnProperty(body, name);
}

function findProblem(name: Field, value: unknown): string | undefined {
  if (typeof value !== "string") return `${name} ${describeNonText(value)}`;
  if (value === "") return `${name} is empty`;
  if (value.length > MAX_LENGTH) return `${name} is longer than 1,024 characters`;
  if (!value.isWellFormed()) return `${name} is not well-formed Unicode`;
  if (name === "username" && /\p{Cc}/u.test(value)) return `${name} contains a control character`;
  // Some hash functions ignore what follows a NUL.
  return value.includes("\0") ? `${name} contains a NUL` : undefined;
}

/** Only strings are accepted: an object could become part of a database query. */
function describeNonText(value: unknown): string {
  if (value === undefined || value === null) return "is missing";
  return Array.isArray(value) ? "is repeated, or a list" : "is not a string";
}

/** `problem` is a constant: nothing that the client sent is printed. */
function refuse(
  req: IncomingMessage,
  reason: "body_invalid" | "username_or_password_invalid",
  problem: string,
): InvalidLoginRequestError {
  debug(`login: Content-Type is ${getMediaType(req)}, ${problem}`);
  return new InvalidLoginRequestError(reason);
}
