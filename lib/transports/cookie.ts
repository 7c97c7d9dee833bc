import type { IncomingMessage } from "node:http";
import { debug } from "../util/debug.ts";
import { CrossSiteRequestError, InvalidRequestError } from "../errors/auth-errors.ts";
import { resolveCookie, type CookieTransportOptions } from "./cookie-options.ts";
import { createSiteCheck } from "./cross-site.ts";
import { getOwnProperty } from "../util/own-property.ts";
import type { Transport } from "./transport.ts";

/** The size of a cookie that every browser accepts, attributes included (RFC 6265 section 6.1). */
const MAX_COOKIE_BYTES = 4096;

/**
 * Creates the transport that sends the token in a cookie. Login sets the cookie, logout clears it. A
 * request with an unsafe method (RFC 9110 section 9.2.1) is refused if a browser sends it from
 * another site. A login whose cookie would be longer than 4,096 bytes is a 500.
 *
 * Throws a TypeError that names the option and the fix.
 */
export function cookieTransport(options?: CookieTransportOptions): Transport {
  const { cookieName, cookieMaxAge, cookieSecure, attributes, trustedOrigins } =
    resolveCookie(options);

  function setCookie(value: string, maxAge: number | null): string {
    const lifetime = maxAge === null ? [] : [`Max-Age=${maxAge}`];
    return [`${cookieName}=${value}`, ...lifetime, ...attributes].join("; ");
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

  return {
    protect: createSiteCheck({ trustedOrigins, requireHttps: cookieSecure }),

    extractToken(req) {
      const values = readCookies(req, cookieName);
      if (values.length > 1) return cookieRepeated();
      const [value = ""] = values;
      if (value !== "") return value;
      debug("no cookie named %s", cookieName);
      return undefined;
    },

    loginResponse: (token) => ({ status: 204, headers: setTokenCookie(token) }),
    renewalHeaders: setTokenCookie,
    logoutResponse: () => ({ status: 204, headers: { "Set-Cookie": setCookie("", 0) } }),

    describe: () => ({
      securitySchemes: { cookieAuth: { type: "apiKey", in: "cookie", name: cookieName } },
      protectErrors: [new CrossSiteRequestError()],
      extractTokenErrors: [cookieRepeated()],
    }),
  };
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
    .map(trimBlanks)
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => unquote(pair.slice(name.length + 1)));
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

/** `cookie-value` may stand in double quotes (RFC 6265 section 4.1.1). */
function unquote(value: string): string {
  return /^"[^"]*"$/.test(value) ? value.slice(1, -1) : value;
}
