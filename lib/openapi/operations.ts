import type { TransportResponse } from "../http/response.ts";
import type { RefusalTerms } from "../http/refusal.ts";
import type {
  OpenApiOperation,
  OpenApiResponse,
  OpenApiSchema,
  OpenApiSecurityRequirement,
} from "./document.ts";
import type { OpenApiPaths } from "./openapi-options.ts";
import type { NamedRefusal, Refusals } from "./refusals.ts";
import { describeAnswer, describeRefusals } from "./responses.ts";
import { refTo } from "./schemas.ts";

/** What operations are described by. */
export interface OperationParts {
  readonly terms: RefusalTerms;
  readonly refusals: Refusals;
  /** Any of the ways to carry a token. */
  readonly security: OpenApiSecurityRequirement[];
  /** Asked only for what is described: not every strategy issues tokens. */
  readonly loginResponse: () => TransportResponse;
  readonly logoutResponse: () => TransportResponse;
}

/** What a handler does, as its client sees it. */
type Describe = (parts: OperationParts) => OpenApiOperation;

/** In the order of the document. */
export const DESCRIBE: Readonly<Record<keyof OpenApiPaths, Describe>> = {
  login({ terms, refusals, loginResponse }) {
    const body = { schema: refTo("LoginBody") };
    return {
      tags: ["auth"],
      summary: "Log in with a username and a password",
      security: [],
      requestBody: {
        description: "At most 16 KiB, not compressed.",
        required: true,
        content: { "application/x-www-form-urlencoded": body, "application/json": body },
      },
      responses: {
        ...describeSuccess("A token.", loginResponse(), refTo("LoginAnswer")),
        ...describeFailures(refusals.login, terms),
      },
    };
  },

  logout({ terms, refusals, security, logoutResponse }) {
    return {
      tags: ["auth"],
      summary: "Log out",
      description:
        "Revokes nothing: the client forgets its token, which stays valid until it expires.",
      security,
      responses: {
        ...describeSuccess("The token was valid.", logoutResponse(), { type: "object" }),
        ...describeFailures(refusals.logout, terms),
      },
    };
  },

  refresh({ terms, refusals, security, loginResponse }) {
    return {
      tags: ["auth"],
      summary: "Exchange a valid token for a new one",
      description: "The old token stays valid until it expires.",
      security,
      responses: {
        ...describeSuccess("A new token.", loginResponse(), refTo("LoginAnswer")),
        ...describeFailures(refusals.refresh, terms),
      },
    };
  },
};

function describeSuccess(
  description: string,
  answer: TransportResponse,
  schema: OpenApiSchema,
): Record<string, OpenApiResponse> {
  return { [answer.status]: describeAnswer(description, answer, schema) };
}

/** Failures of the server reach the app's error handler, which answers as it likes. */
function describeFailures(
  refusals: readonly NamedRefusal[],
  terms: RefusalTerms,
): Record<string, OpenApiResponse> {
  return {
    ...describeRefusals(refusals, terms),
    "5XX": { description: "The server failed. The body is that of its error handler." },
  };
}
