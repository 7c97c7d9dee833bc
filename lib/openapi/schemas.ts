import type { OpenApiSchema } from "./document.ts";

/** Refers to one of the schemas that stand among the components. */
export function refTo(name: string): OpenApiSchema {
  return { $ref: `#/components/schemas/${name}` };
}

/** What `login` reads (RFC 6749 section 4.3.2). */
export const LOGIN_BODY: OpenApiSchema = {
  type: "object",
  properties: {
    username: {
      type: "string",
      description: "Without control characters.",
      minLength: 1,
      maxLength: 1024,
    },
    password: { type: "string", format: "password", minLength: 1, maxLength: 1024 },
    grant_type: { type: "string", enum: ["password"], description: "May be left out." },
  },
  required: ["username", "password"],
};

/** The body of a refusal: an `AuthErrorBody`. */
export const AUTH_ERROR_BODY: OpenApiSchema = {
  type: "object",
  properties: {
    detail: { type: "string", description: "The status in words, or a LOGIN_… code." },
    error: {
      type: "string",
      description: "What is wrong, as a code. Left out where the request carries no credentials.",
    },
    error_description: { type: "string", description: "A constant sentence for a human." },
  },
  required: ["detail"],
};
