import { debug } from "../util/debug.ts";
import { getOwnProperty } from "../util/own-property.ts";
import { InvalidRequestError } from "../errors/auth-errors.ts";
import type { Transport } from "./transport.ts";
import type { Schema } from "./transport-description.ts";

/** The scheme of RFC 6750 section 2.1 where nothing that could belong to a scheme's name follows (RFC 9110 section 5.6.2). */
const BEARER_SCHEME = /^bearer(?![!#$%&'*+\-.^_`|~0-9a-z])/i;

/**
 * The token travels in the `Authorization` header (RFC 6750 section 2.1), and a login answers with
 * the JSON of RFC 6749 section 5.1. Tokens in the URL or the body are never read.
 */
export function bearerTransport(): Transport {
  return {
    requestHeader: "Authorization",

    extractToken(req) {
      if (countAuthorizationLines(req) > 1) {
        debug("more than one Authorization header");
        return new InvalidRequestError("authorization_repeated");
      }
      const authorization = getOwnProperty(req.headers, "authorization");
      if (authorization === undefined) {
        debug("no Authorization header");
        return undefined;
      }
      return parseAuthorization(authorization);
    },

    loginResponse: (token, lifetimeSeconds) => ({
      status: 200,
      headers: { Pragma: "no-cache" },
      body: {
        access_token: token,
        token_type: "bearer",
        ...(lifetimeSeconds === null ? {} : { expires_in: lifetimeSeconds }),
      },
    }),

    logoutResponse: () => ({ status: 204 }),

    describe: (lifetimeSeconds, loginPath) => ({
      securitySchemes: {
        bearerAuth: { type: "http", scheme: "bearer", bearerFormat: "JWT" },
        ...(loginPath !== undefined && {
          passwordAuth: {
            type: "oauth2",
            flows: { password: { tokenUrl: loginPath, scopes: {} } },
          },
        }),
      },
      loginBody: describeLoginBody(lifetimeSeconds !== null),
      extractTokenErrors: [new InvalidRequestError("authorization_malformed")],
    }),
  };
}

/** RFC 6749 section 5.1 */
function describeLoginBody(expires: boolean): Schema {
  return {
    type: "object",
    properties: {
      access_token: { type: "string" },
      token_type: { type: "string", enum: ["bearer"] },
      ...(expires && {
        expires_in: { type: "integer", minimum: 1, description: "In seconds." },
      }),
    },
    required: ["access_token", "token_type", ...(expires ? ["expires_in"] : [])],
  };
}

/**
 * Node keeps the first of two Authorization lines without a word, and a proxy in front of it may
 * have judged by the second (RFC 9110 section 5.3). Some adapters have no raw headers.
 */
function countAuthorizationLines(req: { rawHeaders?: readonly string[] | null }): number {
  const rawHeaders = req.rawHeaders ?? [];
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
    debug("Authorization header present, scheme is %s, expected Bearer", getScheme(authorization));
    return undefined;
  }
  let start = "Bearer".length;
  while (authorization[start] === " ") start += 1;
  const token = authorization.slice(start);
  return start === "Bearer".length || token === "" || hasSeparator(token)
    ? new InvalidRequestError("authorization_malformed")
    : token;
}

/** Schemes that may be named in a log. Any other word may be a secret that lacks its scheme. */
const KNOWN_SCHEMES = ["ApiKey", "Basic", "Digest", "DPoP", "JWT", "Negotiate", "OAuth", "Token"];

function getScheme(authorization: string): string {
  const [scheme = ""] = authorization.toLowerCase().split(" ", 1);
  return KNOWN_SCHEMES.find((known) => known.toLowerCase() === scheme) ?? "unknown";
}

/** Whatever would make the rest more than one token: blanks, or the comma of a list. */
function hasSeparator(token: string): boolean {
  return token.includes(" ") || token.includes("\t") || token.includes(",");
}
