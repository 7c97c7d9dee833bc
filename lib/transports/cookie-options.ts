import {
  check,
  checkBoolean,
  checkInteger,
  ONE_HUNDRED_YEARS,
  readOptions,
} from "../util/option-checks.ts";

/** The options of `cookieTransport()`: those of fastapi-users' `CookieTransport`, and `trustedOrigins`. */
export interface CookieTransportOptions {
  /**
   * The cookie's name. A name with `__Host-` or `__Secure-` makes browsers hold the cookie to more:
   * `__Host-` keeps sub-domains from setting it. Default `"fastapiusersauth"`.
   */
  readonly cookieName?: string | undefined;
  /**
   * `Max-Age`: how long a browser keeps the cookie, in whole seconds, 1 to 100 years (browsers cut it
   * to 400 days). Default `null`: until the browser is closed.
   */
  readonly cookieMaxAge?: number | null | undefined;
  /** `Path`: below which path the cookie is sent. Default `"/"`. */
  readonly cookiePath?: string | undefined;
  /** `Domain`: to which domain and sub-domains the cookie is sent. Default `null`: to this host alone. */
  readonly cookieDomain?: string | null | undefined;
  /** `Secure`: only over HTTPS (and to localhost). Default `true`. */
  readonly cookieSecure?: boolean | undefined;
  /** `HttpOnly`: out of reach of the page's scripts. Default `true`. */
  readonly cookieHttpOnly?: boolean | undefined;
  /** `SameSite`: which requests from other sites carry the cookie. `"none"` needs `cookieSecure`. Default `"lax"`. */
  readonly cookieSameSite?: "lax" | "strict" | "none" | undefined;
  /**
   * Origins of other sites whose pages may act with the cookie, as `"https://app.example"`. Default:
   * none but the host itself.
   */
  readonly trustedOrigins?: readonly string[] | undefined;
}

/** The options, complete and checked. */
export interface CookieConfig {
  readonly cookieName: string;
  readonly cookieMaxAge: number | null;
  /** Those that a login and a logout have in common: a browser replaces no cookie of other attributes. */
  readonly attributes: readonly string[];
  readonly trustedOrigins: unknown;
}

const OPTION_NAMES = [
  "cookieName",
  "cookieMaxAge",
  "cookiePath",
  "cookieDomain",
  "cookieSecure",
  "cookieHttpOnly",
  "cookieSameSite",
  "trustedOrigins",
] as const;

/** `token` (RFC 9110 section 5.6.2). */
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** `path-value` (RFC 6265 section 4.1.1): no control characters, no semicolon. */
const PATH = /^\/[\x20-\x3a\x3c-\x7e]*$/;
const DOMAIN = /^\.?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/i;

/** Throws a TypeError that names the option and the fix. */
export function resolveCookie(options: CookieTransportOptions = {}): CookieConfig {
  const {
    cookieName = "fastapiusersauth",
    cookieMaxAge = null,
    cookiePath = "/",
    cookieDomain = null,
    cookieSecure = true,
    cookieHttpOnly = true,
    cookieSameSite = "lax",
    trustedOrigins = [],
  } = readOptions("cookieTransport", options, OPTION_NAMES);

  check(
    typeof cookieName === "string" && NAME.test(cookieName),
    "cookieName",
    "letters, digits and - _ .",
  );
  if (cookieMaxAge !== null) checkInteger(cookieMaxAge, "cookieMaxAge", 1, ONE_HUNDRED_YEARS);
  check(
    typeof cookiePath === "string" && PATH.test(cookiePath),
    "cookiePath",
    'a path such as "/", without semicolons',
  );
  check(
    cookieDomain === null || (typeof cookieDomain === "string" && DOMAIN.test(cookieDomain)),
    "cookieDomain",
    'null, or a domain such as "example.com"',
  );
  checkBoolean(cookieSecure, "cookieSecure");
  checkBoolean(cookieHttpOnly, "cookieHttpOnly");
  check(
    cookieSameSite === "lax" || cookieSameSite === "strict" || cookieSameSite === "none",
    "cookieSameSite",
    '"lax", "strict" or "none"',
  );
  check(
    cookieSecure || cookieSameSite !== "none",
    "cookieSecure",
    'true where cookieSameSite is "none"',
  );
  checkPrefix(cookieName, cookiePath, cookieDomain, cookieSecure);

  return {
    cookieName,
    cookieMaxAge,
    attributes: [
      `Path=${cookiePath}`,
      ...(cookieDomain === null ? [] : [`Domain=${cookieDomain}`]),
      ...(cookieSecure ? ["Secure"] : []),
      ...(cookieHttpOnly ? ["HttpOnly"] : []),
      `SameSite=${cookieSameSite}`,
    ],
    trustedOrigins,
  };
}

/** Browsers drop a cookie that does not keep what its name promises (RFC 6265bis section 4.1.3). */
function checkPrefix(name: string, path: string, domain: string | null, secure: boolean): void {
  const prefix = /^__(?:Host|Secure)-/i.exec(name)?.[0].toLowerCase();
  if (prefix === undefined) return;
  check(secure, "cookieSecure", `true for a cookieName with ${prefix}`);
  if (prefix === "__secure-") return;
  check(path === "/", "cookiePath", '"/" for a cookieName with __Host-');
  check(domain === null, "cookieDomain", "null for a cookieName with __Host-");
}
