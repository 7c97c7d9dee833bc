// The parts of an OpenAPI 3.1 document that a strategy is described by. Not readonly, and open to
// extensions: so they are assignable to the types of openapi3-ts and openapi-types, and an app may
// change what it is given.

/** What is an app's own in a part of a document (Specification Extensions). */
export type OpenApiExtension = Record<`x-${string}`, unknown>;

/** Parts of an OpenAPI 3.1 document, to be spread into that of the app. */
export interface OpenApiFragments {
  /** What the paths refer to, and what guarded operations of the app may refer to. */
  components: OpenApiComponents;
  /** The paths that the options name. */
  paths: Record<string, OpenApiPathItem>;
  /**
   * A token, carried in any of the ways. In a document it is demanded of all operations that do not say
   * otherwise: `security: []` where anybody may ask.
   */
  security: OpenApiSecurityRequirement[];
}

/** What other parts refer to (Components Object). */
export interface OpenApiComponents extends OpenApiExtension {
  /** The ways to carry a token. */
  securitySchemes: Record<string, OpenApiSecurityScheme>;
  /** The bodies: `LoginBody`, `LoginAnswer`, `AuthErrorBody`, as far as they are referred to. */
  schemas: Record<string, OpenApiSchema>;
  /** The refusals of guarded operations: `Unauthorized`, `Forbidden` and, where the transport refuses so, `BadRequest`. */
  responses: Record<string, OpenApiResponse>;
}

/** The name of a security scheme that a request must satisfy, with its scopes (Security Requirement Object). */
export type OpenApiSecurityRequirement = Record<string, string[]>;

/** A way to carry a token (Security Scheme Object). */
export type OpenApiSecurityScheme =
  OpenApiHttpSecurityScheme | OpenApiApiKeySecurityScheme | OpenApiPasswordSecurityScheme;

/** A token in the `Authorization` header. */
export interface OpenApiHttpSecurityScheme extends OpenApiExtension {
  /** By the authentication of HTTP. */
  type: "http";
  /** The scheme of RFC 9110 section 11.1, as `"bearer"`. */
  scheme: string;
  /** What a token is, for a human. */
  bearerFormat?: string;
  /** More of it, in CommonMark. */
  description?: string;
}

/** A token in a cookie or in a header of its own. */
export interface OpenApiApiKeySecurityScheme extends OpenApiExtension {
  /** By a value that the client has. */
  type: "apiKey";
  /** Where it stands. */
  in: "cookie" | "header" | "query";
  /** The name under which it stands there. */
  name: string;
  /** More of it, in CommonMark. */
  description?: string;
}

/** A token in the `Authorization` header, which the client gets by a login. */
export interface OpenApiPasswordSecurityScheme extends OpenApiExtension {
  /** By OAuth 2. */
  type: "oauth2";
  /** The flow of RFC 6749 section 4.3. */
  flows: Record<"password", OpenApiPasswordFlow>;
  /** More of it, in CommonMark. */
  description?: string;
}

/** Where a username and a password are exchanged for a token (OAuth Flow Object). */
export interface OpenApiPasswordFlow extends OpenApiExtension {
  /** Where the login is: a URL, which may be relative. */
  tokenUrl: string;
  /** The scopes that can be asked for, each with a description. */
  scopes: Record<string, string>;
}

/** The operations of a path (Path Item Object). */
export interface OpenApiPathItem extends OpenApiExtension {
  /** A login, a logout or a refresh. */
  post: OpenApiOperation;
}

/** What a handler does (Operation Object). */
export interface OpenApiOperation extends OpenApiExtension {
  /** A name for generators of clients. Left out: they make one of the path. */
  operationId?: string;
  /** The groups that it belongs to: `"auth"`. */
  tags?: string[];
  /** What it does, in a few words. */
  summary?: string;
  /** More of it, in CommonMark. */
  description?: string;
  /** Any of the ways to carry a token, or none where none is needed. */
  security: OpenApiSecurityRequirement[];
  /** What it reads. */
  requestBody?: OpenApiRequestBody;
  /** What it answers, by status. */
  responses: Record<string, OpenApiResponse>;
}

/** The body of a request (Request Body Object). */
export interface OpenApiRequestBody extends OpenApiExtension {
  /** More of it, in CommonMark. */
  description?: string;
  /** Whether it must be there. */
  required: boolean;
  /** The body, by media type. */
  content: Record<string, OpenApiMediaType>;
}

/** The answers of a status (Response Object). */
export interface OpenApiResponse extends OpenApiExtension {
  /** What they say, in CommonMark. */
  description: string;
  /** Their headers, by name. */
  headers?: Record<string, OpenApiHeader>;
  /** Their body, by media type. Left out: none, or one that is the app's own. */
  content?: Record<string, OpenApiMediaType>;
}

/** A header of answers (Header Object). */
export interface OpenApiHeader extends OpenApiExtension {
  /** More of it, in CommonMark. */
  description?: string;
  /** Whether all of the answers have it. */
  required: boolean;
  /** What its value is like. */
  schema: OpenApiSchema;
  /** Values of it, by the names of the answers that have them. */
  examples?: Record<string, OpenApiExample>;
}

/** A body in one media type (Media Type Object). */
export interface OpenApiMediaType extends OpenApiExtension {
  /** What the body is like. */
  schema: OpenApiSchema;
  /** Bodies, by the names of the answers that have them. */
  examples?: Record<string, OpenApiExample>;
}

/** An example (Example Object). */
export interface OpenApiExample extends OpenApiExtension {
  /** What it is an example of. */
  summary?: string;
  /** What is sent. */
  value: unknown;
}

/** A JSON Schema of draft 2020-12, as far as one is needed here (Schema Object). */
export interface OpenApiSchema extends OpenApiExtension {
  /** Where the schema stands instead. */
  $ref?: string;
  /** The type of JSON. */
  type?: "object" | "string" | "integer" | "number" | "boolean";
  /** What it means, in CommonMark. */
  description?: string;
  /** What a string is, as `"password"`. */
  format?: string;
  /** The only strings that it may be. */
  enum?: string[];
  /** The least number. */
  minimum?: number;
  /** The least length of a string. */
  minLength?: number;
  /** The greatest length of a string. */
  maxLength?: number;
  /** The members of an object. */
  properties?: Record<string, OpenApiSchema>;
  /** The members that must be there. */
  required?: string[];
}
