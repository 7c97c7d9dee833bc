import {
  check,
  checkBoolean,
  checkInteger,
  ONE_HUNDRED_YEARS,
  readOptions,
} from "../util/option-checks.ts";

/** The options of `cookieTransport()`: those of fastapi-users' `CookieTransport`, and more. */
export interface CookieTransportOptions {
  /**
   * The name of the cookie. With the prefix `__Host-`, browsers accept the cookie only with `Secure`,
   * `Path=/` and without `Domain`, so that subdomains cannot set it; `__Secure-` requires `Secure`
   * (RFC 6265bis section 4.1.3). Default `"fastapiusersauth"`.
   */
  readonly cookieName?: string | undefined;
  /**
   * `Max-Age`: how long a browser keeps the cookie, in whole seconds, from 1 to 100 years (browsers
   * limit it to 400 days). Default `null`: until the browser is closed.
   */
  readonly cookieMaxAge?: number | null | undefined;
  /** `Path`: the path below which browsers send the cookie. Default `"/"`. */
  readonly cookiePath?: string | undefined;
  /**
   * `Domain`: the domain to which browsers send the cookie, its subdomains included. Default `null`:
   * only this host.
   */
  readonly cookieDomain?: string | null | undefined;
  /**
   * `Secure`: browsers send the cookie only over HTTPS. Chrome and Firefox make an exception for
   * `http://localhost`; Safari does not. A page on `http:` is then of another origin, except on this
   * machine. Default `true`.
   */
  readonly cookieSecure?: boolean | undefined;
  /** `HttpOnly`: scripts of the page cannot read the cookie. Default `true`. */
  readonly cookieHttpOnly?: boolean | undefined;
  /**
   * `SameSite`: which requests from other sites carry the cookie. `"none"` requires `cookieSecure`.
   * Default `"lax"`.
   */
  readonly cookieSameSite?: "lax" | "strict" | "none" | undefined;
  /**
   * `Partitioned` (CHIPS): a page that is embedded in other sites has another cookie for each of them,
   * also in browsers that block third-party cookies. Requires `cookieSecure`, without which browsers
   * reject the cookie (draft-cutler-httpbis-partitioned-cookies), and `cookieSameSite:
   * "none"`, without which they send no cookie to an embedded page (RFC 6265bis section 5.2). Default
   * `false`.
   */
  readonly cookiePartitioned?: boolean | undefined;
  /**
   * Origins whose pages may send requests with the cookie, compared as exact strings, such as
   * `"https://app.example"` or `"capacitor://localhost"`. A page on another port of the same host is
   * of another origin. Default: only the host itself.
   */
  readonly trustedOrigins?: readonly string[] | undefined;
  /**
   * The path of this site to which a browser is sent after a login by a plain HTML form, with 303: if it
   * navigates (`Sec-Fetch-Mode: navigate`, or without that header an `Accept` that prefers HTML). Begins
   * with a single `"/"`. Default: 204, as for other clients. `onAuthError` answers failed logins.
   */
  readonly loginRedirect?: string | undefined;
  /** The same after a logout. Default: 204. */
  readonly logoutRedirect?: string | undefined;
}

/** Where a browser sends a cookie. */
export interface CookieScope {
  readonly cookiePath: string;
  /** `null`: only to the host that has set it. */
  readonly cookieDomain: string | null;
}

/** The checked options. */
export interface CookieConfig extends CookieScope {
  readonly cookieName: string;
  readonly cookieMaxAge: number | null;
  readonly cookieSecure: boolean;
  /** The attributes except for lifetime and scope. */
  readonly attributes: readonly string[];
  readonly trustedOrigins: ReadonlySet<string>;
  readonly loginRedirect: string | undefined;
  readonly logoutRedirect: string | undefined;
}

const OPTION_NAMES = [
  "cookieName",
  "cookieMaxAge",
  "cookiePath",
  "cookieDomain",
  "cookieSecure",
  "cookieHttpOnly",
  "cookieSameSite",
  "cookiePartitioned",
  "trustedOrigins",
  "loginRedirect",
  "logoutRedirect",
] as const;

/** `token` (RFC 9110 section 5.6.2). */
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** `path-value` (RFC 6265 section 4.1.1): no control characters, no semicolon. */
export const PATH: RegExp = /^\/[\x20-\x3a\x3c-\x7e]*$/;
export const DOMAIN: RegExp = /^\.?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/i;

/** A path of this site: browsers read "//host" and "/\\host" as another host. */
const REDIRECT = /^\/(?![/\\])[\x21-\x7e]*$/;

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
    cookiePartitioned = false,
    trustedOrigins = [],
    loginRedirect,
    logoutRedirect,
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
    'true if cookieSameSite is "none"',
  );
  checkBoolean(cookiePartitioned, "cookiePartitioned");
  check(
    cookieSameSite === "none" || !cookiePartitioned,
    "cookieSameSite",
    '"none" if cookiePartitioned is true: browsers send an embedded page no other cookie',
  );
  check(
    Array.isArray(trustedOrigins) && Array.from<unknown>(trustedOrigins).every(isOrigin),
    "trustedOrigins",
    'a list of origins such as "https://app.example", without a path',
  );
  checkRedirect(loginRedirect, "loginRedirect");
  checkRedirect(logoutRedirect, "logoutRedirect");
  checkPrefix(cookieName, cookiePath, cookieDomain, cookieSecure);

  return {
    cookieName,
    cookieMaxAge,
    cookieSecure,
    cookiePath,
    cookieDomain,
    attributes: [
      ...(cookieSecure ? ["Secure"] : []),
      ...(cookieHttpOnly ? ["HttpOnly"] : []),
      `SameSite=${cookieSameSite}`,
      ...(cookiePartitioned ? ["Partitioned"] : []),
    ],
    trustedOrigins: new Set(trustedOrigins as string[]),
    loginRedirect,
    logoutRedirect,
  };
}

/** An origin as browsers send it (RFC 6454 section 6.2). A "*" would be mistaken for a pattern. */
function isOrigin(value: unknown): boolean {
  if (typeof value !== "string" || value.includes("*")) return false;
  return /^https?:/i.test(value)
    ? URL.canParse(value) && new URL(value).origin === value
    : /^[a-z][a-z0-9+.-]*:\/\/[a-z0-9.-]+(?::\d+)?$/i.test(value);
}

function checkRedirect(value: unknown, name: string): asserts value is string | undefined {
  check(
    value === undefined || (typeof value === "string" && REDIRECT.test(value)),
    name,
    'a path of this site that begins with a single "/", such as "/account"',
  );
}

/** Browsers reject a cookie that breaks the rule of its prefix (RFC 6265bis section 4.1.3). */
function checkPrefix(name: string, path: string, domain: string | null, secure: boolean): void {
  const isHostCookie = /^__Host-/i.test(name);
  if (!isHostCookie && !/^__Secure-/i.test(name)) return;
  check(
    secure,
    "cookieSecure",
    `true if cookieName begins with ${isHostCookie ? "__Host-" : "__Secure-"}`,
  );
  if (!isHostCookie) return;
  check(path === "/", "cookiePath", '"/" if cookieName begins with __Host-');
  check(domain === null, "cookieDomain", "null if cookieName begins with __Host-");
}
