import { debug } from "../util/debug.ts";
import { InvalidRequestError } from "../errors/auth-errors.ts";
import { isToken } from "../util/http-token.ts";
import { getOwnProperty } from "../util/own-property.ts";
import { resolveBearer, type BearerConfig } from "./bearer-options.ts";
import type { Transport } from "./transport.ts";
import type { Schema, TransportDescription } from "./transport-description.ts";

/**
 * Creates the transport that reads the token from a header, by default `Authorization: Bearer` (RFC 6750
 * section 2.1). A login answers with the JSON of RFC 6749 section 5.1. Tokens in the URL or the body are
 * never read.
 *
 * Throws a TypeError that names the option and the fix.
 */
export function bearerTransport(
  options: {
    /**
     * The name of the header, such as `"X-Access-Token"`. Challenges then name it in the parameter
     * `header`. `"Cookie"` is a TypeError. Default `"Authorization"`.
     */
    readonly header?: string | undefined;
    /**
     * The authentication scheme before the token (RFC 9110 section 11.1), such as `"JWT"`, in any case;
     * challenges name it. A header with another scheme contains no credentials. `null`: the header
     * contains nothing but the token; a TypeError with `Authorization`. Default `"Bearer"`.
     */
    readonly scheme?: string | null | undefined;
  } = {},
): Transport {
  const config = resolveBearer(options);
  const { header, scheme, isAuthorization } = config;
  const name = header.toLowerCase();
  const parse = createParser(config);
  const tokenType = (scheme ?? "Bearer").toLowerCase();

  return {
    requestHeader: header,

    extractToken(req) {
      if (countLines(req, name) > 1) {
        debug("more than one %s header", header);
        return new InvalidRequestError("authorization_repeated", getDescription(config));
      }
      const value = getOwnProperty(req.headers, name);
      if (value === undefined) {
        debug("no %s header", header);
        return undefined;
      }
      return parse(value);
    },

    loginResponse: (token, lifetimeSeconds) => ({
      status: 200,
      headers: { Pragma: "no-cache" },
      body: {
        access_token: token,
        token_type: tokenType,
        ...(lifetimeSeconds === null ? {} : { expires_in: lifetimeSeconds }),
      },
    }),

    logoutResponse: () => ({ status: 204 }),

    challenge: {
      scheme: scheme ?? "Bearer",
      parameters: isAuthorization ? {} : { header },
    },

    describe: (lifetimeSeconds, loginPath) => ({
      securitySchemes: describeSchemes(config, loginPath),
      loginBody: describeLoginBody(tokenType, lifetimeSeconds !== null),
      extractTokenErrors: [createMalformedError(config)],
    }),
  };
}

function describeSchemes(
  { header, scheme, isAuthorization }: BearerConfig,
  loginPath: string | undefined,
): TransportDescription["securitySchemes"] {
  if (!isAuthorization) {
    const description = scheme === null ? {} : { description: `The value is "${scheme} <token>".` };
    return { headerAuth: { type: "apiKey", in: "header", name: header, ...description } };
  }
  if (scheme?.toLowerCase() !== "bearer") {
    return { tokenAuth: { type: "http", scheme: String(scheme) } };
  }
  return {
    bearerAuth: { type: "http", scheme: "bearer", bearerFormat: "JWT" },
    ...(loginPath !== undefined && {
      passwordAuth: {
        type: "oauth2",
        flows: { password: { tokenUrl: loginPath, scopes: {} } },
      },
    }),
  };
}

/** RFC 6749 section 5.1 */
function describeLoginBody(tokenType: string, expires: boolean): Schema {
  return {
    type: "object",
    properties: {
      access_token: { type: "string" },
      token_type: { type: "string", enum: [tokenType] },
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
function countLines(
  { rawHeaders }: { rawHeaders?: readonly string[] | null },
  header: string,
): number {
  if (rawHeaders === undefined || rawHeaders === null) return 0;
  let lines = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length === header.length && name.toLowerCase() === header) lines += 1;
  }
  return lines;
}

type ParseHeader = (value: unknown) => string | InvalidRequestError | undefined;

/** `credentials = scheme 1*SP b64token` (RFC 6750 section 2.1); the token itself is judged by the codec. */
function createParser(config: BearerConfig): ParseHeader {
  const { header, scheme } = config;

  function parseToken(token: string): string | InvalidRequestError {
    // A blank, or the comma of a list, would separate several tokens.
    const isOne = !token.includes(" ") && !token.includes("\t") && !token.includes(",");
    return isOne && token !== "" ? token : createMalformedError(config);
  }

  if (scheme === null) {
    return function parseBareToken(value) {
      if (value === "") return undefined;
      return typeof value === "string" ? parseToken(value) : createMalformedError(config);
    };
  }
  const prefix = `${scheme} `;
  const lowerCaseScheme = scheme.toLowerCase();

  return function parseCredentials(value) {
    if (typeof value !== "string") return createMalformedError(config);
    if (!value.startsWith(prefix) && !hasScheme(value, lowerCaseScheme)) {
      debug("%s header present, scheme is %s, expected %s", header, getScheme(value), scheme);
      return undefined;
    }
    let start = scheme.length;
    while (value[start] === " ") start += 1;
    return start === scheme.length ? createMalformedError(config) : parseToken(value.slice(start));
  };
}

/** Whether a value begins with a scheme, and nothing that could belong to its name follows (RFC 9110 section 5.6.2). */
function hasScheme(value: string, lowerCaseScheme: string): boolean {
  const { length } = lowerCaseScheme;
  return value.slice(0, length).toLowerCase() === lowerCaseScheme && !isToken(value.charAt(length));
}

function createMalformedError(config: BearerConfig): InvalidRequestError {
  return new InvalidRequestError("authorization_malformed", getDescription(config));
}

function getDescription({ header, isAuthorization }: BearerConfig): string {
  return `The ${isAuthorization ? "Authorization" : header} header is malformed`;
}

/** Schemes that may be named in a log. Any other word may be a secret that lacks its scheme. */
const KNOWN_SCHEMES = [
  ...["ApiKey", "Basic", "Bearer", "Digest", "DPoP", "JWT", "Negotiate", "OAuth", "Token"],
];

function getScheme(authorization: string): string {
  const [scheme = ""] = authorization.toLowerCase().split(" ", 1);
  return KNOWN_SCHEMES.find((known) => known.toLowerCase() === scheme) ?? "unknown";
}
