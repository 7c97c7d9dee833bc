import type { Extension, Schema, SecurityScheme } from "../transports/transport-description.ts";

export type {
  ApiKeySecurityScheme,
  Extension,
  HttpSecurityScheme,
  PasswordFlow,
  PasswordSecurityScheme,
  Schema,
  SecurityScheme,
} from "../transports/transport-description.ts";

/** The parts of an OpenAPI 3.1 document that describe a strategy. */
export interface Fragments {
  /** The components that the paths use, and that the app's own operations can use. */
  components: Components;
  /** The paths from the options, in the order login, logout, refresh. */
  paths: Record<string, PathItem>;
  /**
   * Requires a token, carried in any of the ways. At the top level of a document it applies to every
   * operation without `security`; set `security: []` on public operations.
   */
  security: SecurityRequirement[];
}

/** Reusable parts (Components Object). */
export interface Components extends Extension {
  /** The ways to send a token. */
  securitySchemes: Record<string, SecurityScheme>;
  /** The bodies `LoginBody`, `LoginResponse` and `AuthErrorBody`, if a path or a response uses them. */
  schemas: Record<string, Schema>;
  /** The refusals of guarded operations: `Unauthorized`, `Forbidden` and, if the transport has any, `BadRequest`. */
  responses: Record<string, Response>;
}

/** The name of a security scheme that a request must satisfy, with its scopes (Security Requirement Object). */
export type SecurityRequirement = Record<string, string[]>;

/** The operations of a path (Path Item Object). */
export interface PathItem extends Extension {
  /** The login, logout or refresh. */
  post: Operation;
}

/** A handler (Operation Object). */
export interface Operation extends Extension {
  /** A name for client generators. Not set: they derive one from the path. */
  operationId?: string;
  /** The groups of the operation: `"auth"`. */
  tags?: string[];
  /** A short summary. */
  summary?: string;
  /** A description in CommonMark. */
  description?: string;
  /** The ways to send a token; empty if the operation requires no token. */
  security: SecurityRequirement[];
  /** The body of the request. */
  requestBody?: RequestBody;
  /** The responses, by status. */
  responses: Record<string, Response>;
}

/** The body of a request (Request Body Object). */
export interface RequestBody extends Extension {
  /** A description in CommonMark. */
  description?: string;
  /** Whether the request must have a body. */
  required: boolean;
  /** The body, by media type. */
  content: Record<string, MediaType>;
}

/** The responses with one status (Response Object). */
export interface Response extends Extension {
  /** A description in CommonMark. */
  description: string;
  /** The headers, by name. */
  headers?: Record<string, Header>;
  /** The body, by media type. Not set: there is no body, or the app's `onAuthError` writes it. */
  content?: Record<string, MediaType>;
}

/** A response header (Header Object). */
export interface Header extends Extension {
  /** A description in CommonMark. */
  description?: string;
  /** Whether every response with this status has the header. */
  required: boolean;
  /** The schema of the value. */
  schema: Schema;
  /** Values, by the name of the response that has them. */
  examples?: Record<string, Example>;
}

/** A body in one media type (Media Type Object). */
export interface MediaType extends Extension {
  /** The schema of the body. */
  schema: Schema;
  /** Bodies, by the name of the response that has them. */
  examples?: Record<string, Example>;
}

/** An example (Example Object). */
export interface Example extends Extension {
  /** A short description. */
  summary?: string;
  /** The value. */
  value: unknown;
}
