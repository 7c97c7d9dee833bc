import { expect } from "@jest/globals";
import type { Response } from "supertest";

const DESCRIPTIONS = {
  invalid_request: "The Authorization header is malformed",
  invalid_token: "The access token is invalid",
  insufficient_scope: "The user is not allowed to do this",
} as const;

const DETAILS: Record<number, string> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
};

/** The parts of a response that are specified for a refusal. */
export function refusalIn(response: Response): Record<string, unknown> {
  return {
    status: response.status,
    challenge: response.headers["www-authenticate"],
    caching: response.headers["cache-control"],
    type: response.headers["content-type"],
    body: response.text,
  };
}

/** Expects a refusal of RFC 6750. Without a code, the request had no credentials. */
export async function expectRefusal(
  request: PromiseLike<Response>,
  status: 400 | 401 | 403,
  code?: keyof typeof DESCRIPTIONS,
  description: string | undefined = code && DESCRIPTIONS[code],
  realm = "api",
): Promise<void> {
  const response = await request;
  const challenge = `Bearer realm="${realm}"`;
  expect(refusalIn(response)).toEqual({
    status,
    challenge:
      code === undefined
        ? challenge
        : `${challenge}, error="${code}", error_description="${String(description)}"`,
    caching: "no-store",
    type: "application/json",
    body: JSON.stringify(
      code === undefined
        ? { detail: DETAILS[status] }
        : { detail: DETAILS[status], error: code, error_description: description },
    ),
  });
}

/** Expects a 403 with a challenge that names the missing scopes (RFC 6750 section 3). */
export async function expectMissingScope(
  request: PromiseLike<Response>,
  scope: string,
): Promise<void> {
  const description = DESCRIPTIONS.insufficient_scope;
  expect(refusalIn(await request)).toEqual({
    status: 403,
    challenge: `Bearer realm="api", error="insufficient_scope", error_description="${description}", scope="${scope}"`,
    caching: "no-store",
    type: "application/json",
    body: JSON.stringify({
      detail: DETAILS[403],
      error: "insufficient_scope",
      error_description: description,
    }),
  });
}
