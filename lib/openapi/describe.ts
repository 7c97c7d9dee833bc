import type { TransportResponse } from "../http/response.ts";
import type { Transport } from "../transports/transport.ts";
import { resolvePaths, type HandlerPaths } from "./describe-options.ts";
import type { Fragments, PathItem, Response } from "./document.ts";
import { DESCRIBE } from "./operations.ts";
import { listRefusals, type RefusalConfig } from "./refusals.ts";
import { describeRefusals, type ErrorResponseConfig } from "./responses.ts";
import { AUTH_ERROR_BODY, LOGIN_BODY } from "./schemas.ts";

/** The settings of a strategy that show in its description. */
export interface DescribedConfig extends RefusalConfig, ErrorResponseConfig {
  readonly transport: Pick<Transport, "describe" | "loginResponse" | "logoutResponse">;
  readonly lifetimeSeconds: number | null;
}

/** Has the form of a token and is invalid. */
const EXAMPLE_TOKEN = "header.payload.signature";

/**
 * Describes a strategy in the terms of OpenAPI 3.1.
 *
 * @param checkHandler throws a TypeError if the strategy has no such handler.
 */
export function describe(
  config: DescribedConfig,
  options: unknown,
  checkHandler: (name: keyof HandlerPaths) => void,
): Fragments {
  const { transport, lifetimeSeconds } = config;
  if (transport.describe === undefined) {
    throw new TypeError(
      "describeStrategy requires a transport with the method describe: add it to your Transport",
    );
  }
  const handlerPaths = resolvePaths(options);
  const description = transport.describe(lifetimeSeconds, handlerPaths.login);
  const { securitySchemes, loginBody = { type: "object" } } = description;
  const refusals = listRefusals(description, config);
  const security = Object.keys(securitySchemes).map((name) => ({ [name]: [] }));
  const loginResponse = (): TransportResponse =>
    transport.loginResponse(EXAMPLE_TOKEN, lifetimeSeconds);
  const logoutResponse = (): TransportResponse => transport.logoutResponse();

  const paths: Record<string, PathItem> = {};
  for (const name of ["login", "logout", "refresh"] as const) {
    const path = handlerPaths[name];
    if (path === undefined) continue;
    checkHandler(name);
    paths[path] = {
      post: DESCRIBE[name]({ config, refusals, security, loginResponse, logoutResponse }),
    };
  }

  return copy({
    components: {
      securitySchemes,
      schemas: {
        ...(handlerPaths.login !== undefined && { LoginBody: LOGIN_BODY }),
        ...(issuesTokens(handlerPaths) && loginResponse().body && { LoginResponse: loginBody }),
        ...(!config.hasOnAuthError && { AuthErrorBody: AUTH_ERROR_BODY }),
      },
      responses: nameByStatus(describeRefusals(refusals.authenticate, config)),
    },
    paths,
    security,
  });
}

function issuesTokens({ login, refresh }: HandlerPaths): boolean {
  return login !== undefined || refresh !== undefined;
}

const STATUS_NAMES = { 400: "BadRequest", 401: "Unauthorized", 403: "Forbidden" } as const;

function nameByStatus(responses: Readonly<Record<string, Response>>): Record<string, Response> {
  return Object.fromEntries(
    Object.entries(STATUS_NAMES).flatMap(([status, name]) => {
      const response = responses[status];
      return response === undefined ? [] : [[name, response] as const];
    }),
  );
}

/** The caller may change the result: it must not share objects with this module or with itself. */
function copy<T>(data: T): T {
  return JSON.parse(JSON.stringify(data)) as T;
}
