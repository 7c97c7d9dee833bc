import type { AuthError } from "../errors/auth-errors.ts";

// The types of an OpenAPI document are mutable and allow extensions: they are assignable to the types of
// openapi3-ts and openapi-types, and an app may change its own copy.

/** What a transport adds to an OpenAPI document. Its responses are described from examples of them. */
export interface TransportDescription {
  /** The ways in which a request may carry the token, by name. A request needs one of them. */
  readonly securitySchemes: Readonly<Record<string, SecurityScheme>>;
  /** The schema of the body of a login response. Default: any object, if the response has a body. */
  readonly loginBody?: Schema | undefined;
  /** The errors that `protect` may return, one of each kind. Default: none. */
  readonly protectErrors?: readonly AuthError[] | undefined;
  /** The errors that `extractToken` may return, one of each kind. Default: none. */
  readonly extractTokenErrors?: readonly AuthError[] | undefined;
}

/** Additional members of an app (OpenAPI 3.1, Specification Extensions). */
export type Extension = Record<`x-${string}`, unknown>;

/** A way to send a token (Security Scheme Object). */
export type SecurityScheme = HttpSecurityScheme | ApiKeySecurityScheme | PasswordSecurityScheme;

/** A token in the `Authorization` header. */
export interface HttpSecurityScheme extends Extension {
  /** HTTP authentication. */
  type: "http";
  /** The authentication scheme (RFC 9110 section 11.1), such as `"bearer"`. */
  scheme: string;
  /** The format of the token, for human readers. */
  bearerFormat?: string;
  /** A description in CommonMark. */
  description?: string;
}

/** A token in a cookie, a header or a query parameter. */
export interface ApiKeySecurityScheme extends Extension {
  /** A value that the client sends with each request. */
  type: "apiKey";
  /** The part of the request that carries the token. */
  in: "cookie" | "header" | "query";
  /** The name of the cookie, header or query parameter. */
  name: string;
  /** A description in CommonMark. */
  description?: string;
}

/** A token in the `Authorization` header that the client receives from a login. */
export interface PasswordSecurityScheme extends Extension {
  /** OAuth 2.0. */
  type: "oauth2";
  /** The password grant (RFC 6749 section 4.3). */
  flows: Record<"password", PasswordFlow>;
  /** A description in CommonMark. */
  description?: string;
}

/** The exchange of a username and a password for a token (OAuth Flow Object). */
export interface PasswordFlow extends Extension {
  /** The URL of the login; may be relative. */
  tokenUrl: string;
  /** The scopes that a client can request, each with a description. */
  scopes: Record<string, string>;
}

/** The part of JSON Schema draft 2020-12 that the descriptions use (Schema Object). */
export interface Schema extends Extension {
  /** A reference to another schema. */
  $ref?: string;
  /** The JSON type. */
  type?: "object" | "string" | "integer" | "number" | "boolean";
  /** A description in CommonMark. */
  description?: string;
  /** The format of a string, such as `"password"`. */
  format?: string;
  /** The allowed strings. */
  enum?: string[];
  /** The minimum of a number. */
  minimum?: number;
  /** The minimum length of a string. */
  minLength?: number;
  /** The maximum length of a string. */
  maxLength?: number;
  /** The members of an object. */
  properties?: Record<string, Schema>;
  /** The names of the required members. */
  required?: string[];
}
