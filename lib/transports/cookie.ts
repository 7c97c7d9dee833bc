import { debug } from "../util/debug.ts";
import { CrossSiteRequestError, InvalidRequestError } from "../errors/auth-errors.ts";
import { resolveCookie, type CookieTransportOptions } from "./cookie-options.ts";
import { createSiteCheck } from "./cross-site.ts";
import type { Transport } from "./transport.ts";

/** What a browser keeps of a cookie at least: its name, value and attributes (RFC 6265 section 6.1). */
const MAX_COOKIE_BYTES = 4096;

/**
 * The token travels in a cookie, which login sets and logout clears. Requests that may change
 * something are refused when a browser sends them from another site. A login whose cookie would be
 * longer than 4,096 bytes is a 500. Throws a TypeError that names the option and the fix.
 */
export function cookieTransport(options?: CookieTransportOptions): Transport {
  const { cookieName, cookieMaxAge, attributes, trustedOrigins } = resolveCookie(options);

  function setCookie(value: string, maxAge: number | null): string {
    const lifetime = maxAge === null ? [] : [`Max-Age=${maxAge}`];
    return [`${cookieName}=${value}`, ...lifetime, ...attributes].join("; ");
  }

  function setTokenCookie(token: string): { "Set-Cookie": string } {
    const cookie = setCookie(token, cookieMaxAge);
    if (cookie.length > MAX_COOKIE_BYTES) {
      throw new Error(
        `The cookie would be longer than the ${MAX_COOKIE_BYTES} bytes that browsers keep: put less into claims`,
      );
    }
    return { "Set-Cookie": cookie };
  }

  return {
    protect: createSiteCheck(trustedOrigins),

    extractToken(req) {
      const values = readCookies([req.headers.cookie ?? ""].flat().join(";"), cookieName);
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
 * The values of all cookies of a name, raw (RFC 6265 section 5.4): a token needs no decoding, and two
 * cookies of one name mean that somebody, a sub-domain perhaps, has put one beside ours.
 */
function readCookies(header: string, name: string): readonly string[] {
  return header
    .split(";")
    .map((pair) => pair.replace(/^[ \t]+/, "")) // no other blanks: "\xa0__Host-" would become "__Host-"
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
}
