import type { TransportResponse } from "../http/response.ts";
import type { RefusalTerms } from "../http/refusal.ts";
import type { BoundTransport } from "../transports/transport.ts";
import type { OpenApiFragments, OpenApiPathItem, OpenApiResponse } from "./document.ts";
import { resolvePaths, type OpenApiOptions, type OpenApiPaths } from "./openapi-options.ts";
import { DESCRIBE } from "./operations.ts";
import { listRefusals, type RefusalRules } from "./refusals.ts";
import { describeRefusals } from "./responses.ts";
import { AUTH_ERROR_BODY, LOGIN_BODY } from "./schemas.ts";

/** Describes a strategy. */
export type OpenApi = (options?: OpenApiOptions) => OpenApiFragments;

/** What a strategy is described by. */
export interface OpenApiParts extends RefusalRules {
  readonly terms: RefusalTerms;
  readonly transport: BoundTransport;
  readonly lifetimeSeconds: number | null;
  /** Throws a TypeError where the strategy has no such handler. */
  readonly getHandler: (name: keyof OpenApiPaths) => unknown;
}

/** Has the form of a token, and can be none. */
const EXAMPLE_TOKEN = "header.payload.signature";

/** Makes the function that describes a strategy in the terms of OpenAPI 3.1. */
export function createOpenApi(parts: OpenApiParts): OpenApi {
  const { terms, transport, lifetimeSeconds, getHandler } = parts;

  return function openapi(options = {}) {
    const { describe } = transport;
    if (describe === undefined) {
      throw new TypeError(
        "openapi asks the transport to describe itself: give yours the method describe of a Transport",
      );
    }
    const pathOf = resolvePaths(options);
    const description = describe(lifetimeSeconds, pathOf.login);
    const { securitySchemes, loginBody = { type: "object" } } = description;
    const refusals = listRefusals(description, parts);
    const security = Object.keys(securitySchemes).map((name) => ({ [name]: [] }));
    const loginResponse = (): TransportResponse =>
      transport.loginResponse(EXAMPLE_TOKEN, lifetimeSeconds);
    const { logoutResponse } = transport;

    const paths: Record<string, OpenApiPathItem> = {};
    for (const name of ["login", "logout", "refresh"] as const) {
      const path = pathOf[name];
      if (path === undefined) continue;
      getHandler(name);
      paths[path] = {
        post: DESCRIBE[name]({ terms, refusals, security, loginResponse, logoutResponse }),
      };
    }

    return copy({
      components: {
        securitySchemes,
        schemas: {
          ...(pathOf.login !== undefined && { LoginBody: LOGIN_BODY }),
          ...(issuesTokens(pathOf) && loginResponse().body && { LoginAnswer: loginBody }),
          ...(terms.onAuthError === undefined && { AuthErrorBody: AUTH_ERROR_BODY }),
        },
        responses: nameByStatus(describeRefusals(refusals.authenticate, terms)),
      },
      paths,
      security,
    });
  };
}

function issuesTokens({ login, refresh }: OpenApiPaths): boolean {
  return login !== undefined || refresh !== undefined;
}

const STATUS_NAMES = { 400: "BadRequest", 401: "Unauthorized", 403: "Forbidden" } as const;

function nameByStatus(
  responses: Readonly<Record<string, OpenApiResponse>>,
): Record<string, OpenApiResponse> {
  return Object.fromEntries(
    Object.entries(STATUS_NAMES).flatMap(([status, name]) => {
      const response = responses[status];
      return response === undefined ? [] : [[name, response] as const];
    }),
  );
}

/** The caller may change what it is given: nothing of it may be ours, or another caller's. */
function copy<T>(data: T): T {
  return JSON.parse(JSON.stringify(data)) as T;
}
