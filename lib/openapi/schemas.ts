import type { Schema } from "./document.ts";

/** A reference to one of the schemas in `components`. */
export function refTo(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

/** The body of a login request (RFC 6749 section 4.3.2). */
export const LOGIN_BODY: Schema = {
  type: "object",
  properties: {
    username: {
      type: "string",
      description: "Without control characters.",
      minLength: 1,
      maxLength: 1024,
    },
    password: { type: "string", format: "password", minLength: 1, maxLength: 1024 },
    grant_type: { type: "string", enum: ["password"], description: "Optional." },
  },
  required: ["username", "password"],
};

/** The body of a refusal: an `AuthErrorBody`. */
export const AUTH_ERROR_BODY: Schema = {
  type: "object",
  properties: {
    detail: { type: "string", description: "The status text, or a LOGIN_… code." },
    error: {
      type: "string",
      description: "The error code. Absent if the request carries no credentials.",
    },
    error_description: { type: "string", description: "A constant text for human readers." },
  },
  required: ["detail"],
};
