import type { IncomingMessage } from "node:http";
import { debug } from "../debug.ts";
import { InvalidRequestError } from "../errors.ts";
import type { Transport } from "./transport.ts";

/** The scheme of RFC 6750 section 2.1 where nothing that could belong to a scheme's name follows (RFC 9110 section 5.6.2). */
const BEARER_SCHEME = /^bearer(?![!#$%&'*+\-.^_`|~0-9a-z])/i;

/**
 * The token travels in the `Authorization` header (RFC 6750 section 2.1), and a login answers with
 * the JSON of RFC 6749 section 5.1. Tokens in the URL or the body are never read.
 */
export function bearerTransport(): Transport {
  return {
    extractToken(req) {
      if (countAuthorizationLines(req) > 1) {
        debug("more than one Authorization header");
        return new InvalidRequestError("authorization_repeated");
      }
      const { authorization } = req.headers;
      if (authorization === undefined) {
        debug("no Authorization header");
        return undefined;
      }
      return parseAuthorization(authorization);
    },

    loginAnswer: (token, lifetimeSeconds) => ({
      status: 200,
      headers: { Pragma: "no-cache" },
      body: {
        access_token: token,
        token_type: "bearer",
        ...(lifetimeSeconds === null ? {} : { expires_in: lifetimeSeconds }),
      },
    }),

    logoutAnswer: () => ({ status: 204 }),
  };
}

/**
 * Node keeps the first of two Authorization lines without a word, and a proxy in front of it may
 * have judged by the second (RFC 9110 section 5.3). Some adapters have no raw headers.
 */
function countAuthorizationLines({ rawHeaders = [] }: Partial<IncomingMessage>): number {
  let lines = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length === 13 && name.toLowerCase() === "authorization") lines += 1;
  }
  return lines;
}

/** `credentials = "Bearer" 1*SP b64token` (RFC 6750 section 2.1); the token itself is judged by the codec. */
function parseAuthorization(authorization: unknown): string | InvalidRequestError | undefined {
  if (typeof authorization !== "string") return new InvalidRequestError("authorization_malformed");
  if (!authorization.startsWith("Bearer ") && !BEARER_SCHEME.test(authorization)) {
    debug("Authorization header present, scheme is %s, expected Bearer", schemeOf(authorization));
    return undefined;
  }
  let start = "Bearer".length;
  while (authorization[start] === " ") start += 1;
  const token = authorization.slice(start);
  return start === "Bearer".length || token === "" || hasSeparator(token)
    ? new InvalidRequestError("authorization_malformed")
    : token;
}

/** A scheme for the log. What has no blank behind it may be a token that lacks its scheme. */
function schemeOf(authorization: string): string {
  return /^([A-Za-z][A-Za-z0-9-]{0,19}) /.exec(authorization)?.[1] ?? "missing";
}

/** Whatever would make the rest more than one token: blanks, or the comma of a list. */
function hasSeparator(token: string): boolean {
  return token.includes(" ") || token.includes("\t") || token.includes(",");
}
