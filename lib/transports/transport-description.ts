import type { AuthError } from "../errors/auth-errors.ts";
import type { OpenApiSchema, OpenApiSecurityScheme } from "../openapi/document.ts";

/** What a transport says of itself. How it answers is seen from its answers. */
export interface TransportDescription {
  /** Ways in which a request may carry the token, by name. One of them is enough. */
  readonly securitySchemes: Readonly<Record<string, OpenApiSecurityScheme>>;
  /** The body of the answer to a login. Left out: any, where the answer has one. */
  readonly loginBody?: OpenApiSchema | undefined;
  /** What `protect` may return, one error of each kind. Left out: none. */
  readonly protectErrors?: readonly AuthError[] | undefined;
  /** What `extractToken` may return, one error of each kind. Left out: none. */
  readonly extractTokenErrors?: readonly AuthError[] | undefined;
}
