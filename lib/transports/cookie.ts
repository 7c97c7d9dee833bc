import type { IncomingMessage } from "node:http";
import { debug } from "../util/debug.ts";
import { CrossSiteRequestError, InvalidRequestError } from "../errors/auth-errors.ts";
import type { TransportResponse } from "../http/response.ts";
import { resolveCookie, type CookieScope, type CookieTransportOptions } from "./cookie-options.ts";
import { listScopes } from "./cookie-variants.ts";
import { createSiteCheck } from "./cross-site.ts";
import { getOwnProperty } from "../util/own-property.ts";
import { isNavigation } from "./navigation.ts";
import type { Transport } from "./transport.ts";

/** The size of a cookie that every browser accepts, attributes included (RFC 6265 section 6.1). */
const MAX_COOKIE_BYTES = 4096;

/** Browsers accept `Partitioned` only with `Secure`, and from an embedded page only `SameSite=none`. */
const PARTITIONED = ["Secure", "HttpOnly", "SameSite=none", "Partitioned"];

/**
 * Creates the transport that sends the token in a cookie. Login sets the cookie, logout clears it. A
 * request with an unsafe method (RFC 9110 section 9.2.1) is refused if a browser sends it from
 * another site. A login whose cookie would be longer than 4,096 bytes is a 500.
 *
 * Throws a TypeError that names the option and the fix.
 */
export function cookieTransport(options?: CookieTransportOptions): Transport {
  const config = resolveCookie(options);
  const { cookieName, cookieMaxAge, cookieSecure, trustedOrigins } = config;
  const notPartitioned = config.attributes.filter((attribute) => attribute !== "Partitioned");

  function setCookie(
    value: string,
    maxAge: number | null,
    scope: CookieScope = config,
    attributes: readonly string[] = config.attributes,
  ): string {
    return [
      `${cookieName}=${value}`,
      ...(maxAge === null ? [] : [`Max-Age=${maxAge}`]),
      `Path=${scope.cookiePath}`,
      ...(scope.cookieDomain === null ? [] : [`Domain=${scope.cookieDomain}`]),
      ...attributes,
    ].join("; ");
  }

  function setTokenCookie(token: string): { "Set-Cookie": string } {
    const cookie = setCookie(token, cookieMaxAge);
    if (cookie.length > MAX_COOKIE_BYTES) {
      throw new Error(
        `The cookie is longer than the ${MAX_COOKIE_BYTES} bytes that browsers accept: return fewer claims`,
      );
    }
    return { "Set-Cookie": cookie };
  }

  /**
   * Clears the cookie. If the browser has several of the name, an older version of the app may have set them
   * with another path or domain, or with and without `Partitioned`: they are cleared, too, because only one of
   * them would lock the user out.
   */
  function clearCookies(req: IncomingMessage | undefined): string | readonly string[] {
    const cleared = setCookie("", 0);
    if (req === undefined || readCookies(req, cookieName).length < 2) return cleared;
    const variants = listScopes(req).flatMap((scope) =>
      [notPartitioned, PARTITIONED].map((attributes) => setCookie("", 0, scope, attributes)),
    );
    return [...new Set([cleared, ...variants])];
  }

  return {
    requestHeader: "Cookie",

    protect: createSiteCheck({ trustedOrigins, requireHttps: cookieSecure }),

    extractToken(req) {
      const values = readCookies(req, cookieName);
      if (values.length > 1) return cookieRepeated();
      const [value = ""] = values;
      if (value !== "") return value;
      debug("no cookie named %s", cookieName);
      return undefined;
    },

    loginResponse: (token, _lifetimeSeconds, req) =>
      redirect(config.loginRedirect, req, setTokenCookie(token)),
    renewalHeaders: setTokenCookie,
    logoutResponse: (req) =>
      redirect(config.logoutRedirect, req, { "Set-Cookie": clearCookies(req) }),

    describe: () => ({
      securitySchemes: { cookieAuth: { type: "apiKey", in: "cookie", name: cookieName } },
      protectErrors: [new CrossSiteRequestError()],
      extractTokenErrors: [cookieRepeated()],
    }),
  };
}

function redirect(
  path: string | undefined,
  req: IncomingMessage | undefined,
  headers: NonNullable<TransportResponse["headers"]>,
): TransportResponse {
  return path !== undefined && req !== undefined && isNavigation(req)
    ? { status: 303, headers: { ...headers, Location: path } }
    : { status: 204, headers };
}

function cookieRepeated(): InvalidRequestError {
  return new InvalidRequestError("cookie_repeated", "The cookie is sent more than once");
}

/**
 * The values of all cookies of a name, not decoded (RFC 6265 section 4.2): a token needs no decoding.
 * Two cookies of one name mean that another host, such as a subdomain, may have set one of them.
 */
function readCookies({ headers }: IncomingMessage, name: string): readonly string[] {
  return [getOwnProperty(headers, "cookie") ?? ""]
    .flat()
    .map(String)
    .join(";")
    .split(";")
    .filter((pair) => isNamed(pair, name))
    .map((pair) => unquote(trimBlanks(pair.slice(pair.indexOf("=") + 1))));
}

/** Blanks around a name do not belong to it (RFC 6265 section 5.2), nor for Starlette, which fastapi-users runs on. */
function isNamed(pair: string, name: string): boolean {
  const end = pair.indexOf("=");
  return end !== -1 && trimBlanks(pair.slice(0, end)) === name;
}

/**
 * Removes only spaces and tabs: trim() would turn "\xa0__Host-" into "__Host-". A loop, because a
 * regular expression for the end takes quadratic time.
 */
function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text[start])) start += 1;
  while (end > start && isBlank(text[end - 1])) end -= 1;
  return text.slice(start, end);
}

function isBlank(character: string | undefined): boolean {
  return character === " " || character === "\t";
}

/** `cookie-value` may be enclosed in double quotes (RFC 6265 section 4.1.1). */
function unquote(value: string): string {
  return /^"[^"]*"$/.test(value) ? value.slice(1, -1) : value;
}
