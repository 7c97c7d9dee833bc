import type { TransportResponse } from "../http/response.ts";
import type { HandlerPaths } from "./describe-options.ts";
import type { Operation, Response, Schema, SecurityRequirement } from "./document.ts";
import type { NamedRefusal, Refusals } from "./refusals.ts";
import {
  describeHeader,
  describeRefusals,
  describeResponse,
  type ErrorResponseConfig,
} from "./responses.ts";
import { refTo } from "./schemas.ts";

/** What the description of an operation depends on. */
export interface OperationDeps {
  readonly config: ErrorResponseConfig;
  readonly refusals: Refusals;
  /** The ways to send a token. */
  readonly security: SecurityRequirement[];
  /** Called only for a handler that is described: not every strategy issues tokens. */
  readonly loginResponse: () => TransportResponse;
  readonly logoutResponse: () => TransportResponse;
}

/** In the order of the document. */
export const DESCRIBE: Readonly<Record<keyof HandlerPaths, (deps: OperationDeps) => Operation>> = {
  login({ config, refusals, loginResponse }) {
    const body = { schema: refTo("LoginBody") };
    return {
      tags: ["auth"],
      summary: "Log in with a username and a password",
      security: [],
      requestBody: {
        description: "At most 16 KiB, not compressed.",
        required: true,
        content: {
          "application/x-www-form-urlencoded": body,
          "application/json": body,
          "multipart/form-data": body,
        },
      },
      responses: {
        ...describeSuccess("A token.", loginResponse(), refTo("LoginResponse")),
        ...describeFailures(refusals.login, config),
      },
    };
  },

  logout({ config, refusals, security, logoutResponse }) {
    return {
      tags: ["auth"],
      summary: "Log out",
      description:
        "Does not revoke the token: the client discards it, and it stays valid until it expires.",
      security,
      responses: {
        ...describeSuccess("The token was valid.", logoutResponse(), { type: "object" }),
        ...describeFailures(refusals.logout, config, logoutResponse()),
      },
    };
  },

  refresh({ config, refusals, security, loginResponse }) {
    return {
      tags: ["auth"],
      summary: "Exchange a valid token for a new one",
      description: "The old token stays valid until it expires.",
      security,
      responses: {
        ...describeSuccess("A new token.", loginResponse(), refTo("LoginResponse")),
        ...describeFailures(refusals.refresh, config),
      },
    };
  },
};

function describeSuccess(
  description: string,
  response: TransportResponse,
  schema: Schema,
): Record<string, Response> {
  return { [response.status]: describeResponse(description, response, schema) };
}

function describeFailures(
  refusals: readonly NamedRefusal[],
  config: ErrorResponseConfig,
  logoutResponse?: TransportResponse,
): Record<string, Response> {
  return {
    ...addSetCookie(describeRefusals(refusals, config), logoutResponse),
    "5XX": { description: "A server error. The app's error handler writes the body." },
  };
}

/** A refused logout may clear the cookie. */
function addSetCookie(
  responses: Record<string, Response>,
  { headers = {} }: Pick<TransportResponse, "headers"> = {},
): Record<string, Response> {
  const cookie = headers["Set-Cookie"];
  if (cookie === undefined) return responses;
  const setCookie = describeHeader({ response: { value: [cookie].flat()[0] } }, false);
  return Object.fromEntries(
    Object.entries(responses).map(([status, response]) => [
      status,
      { ...response, headers: { ...response.headers, "Set-Cookie": setCookie } },
    ]),
  );
}
