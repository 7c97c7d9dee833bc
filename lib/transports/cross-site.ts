import type { IncomingMessage } from "node:http";
import { CrossSiteRequestError } from "../errors/auth-errors.ts";
import { debug } from "../util/debug.ts";
import { isLoopback } from "../util/loopback.ts";
import { getOwnProperty } from "../util/own-property.ts";
import { getHost } from "./host.ts";

/** The safe methods of RFC 9110 section 9.2.1, except for WebSocket handshakes. */
const SAFE_METHODS: readonly (string | undefined)[] = ["GET", "HEAD", "OPTIONS"];

export interface SiteCheckConfig {
  /** The origins, compared as exact strings, whose pages may use the cookie. */
  readonly trustedOrigins: ReadonlySet<string>;
  /** `true` if the cookie is only sent over HTTPS: then a page on `http:` is of another origin. */
  readonly requireHttps: boolean;
}

/** Returns the error for which a request that may carry cookies is refused, or `undefined`. */
export type CheckSite = (
  req: IncomingMessage,
  unsafe: boolean,
) => CrossSiteRequestError | undefined;

/**
 * Creates the check that keeps a page of another site from using a user's cookie. Browsers name the
 * source of a request in `Sec-Fetch-Site` (W3C Fetch Metadata) or, if they are older, in `Origin`
 * (RFC 6454 section 7). A request without both is not from a browser, and has no cookie of a victim.
 */
export function createSiteCheck({ trustedOrigins, requireHttps }: SiteCheckConfig): CheckSite {
  function isOwnOrigin(origin: unknown, host: unknown): boolean {
    // Neither "null" nor the origin of a file.
    if (typeof origin !== "string" || !/^https?:\/\//.test(origin) || typeof host !== "string") {
      return false;
    }
    if (!URL.canParse(origin)) return false;
    const url = new URL(origin);
    // Only the serialization of RFC 6454 section 6.2: the host of "https://a@b" is another for other parsers.
    if (url.origin !== origin) return false;
    if (requireHttps && url.protocol === "http:" && !isLoopback(url.hostname)) return false;
    return hostVariants(url).includes(host.toLowerCase());
  }

  return function checkSite(req, unsafe) {
    if (!unsafe && isSafe(req)) return undefined;
    const origin = getOwnProperty(req.headers, "origin");
    const site = getOwnProperty(req.headers, "sec-fetch-site");
    const host = getHost(req);
    if (typeof origin === "string" && trustedOrigins.has(origin)) return undefined;
    if (site === "same-origin" || site === "none") return undefined;
    if (site === undefined && origin === undefined) return undefined;
    if (site === undefined && isOwnOrigin(origin, host)) return undefined;
    debug(
      "cross-site request: Sec-Fetch-Site is %O, Origin is %O, Host is %O. If this page may use the cookie, " +
        "add its origin to the trustedOrigins option of cookieTransport()",
      site,
      origin,
      host,
    );
    return new CrossSiteRequestError();
  };
}

/** Checks the client's method too: `method-override` may have replaced it. */
function isSafe(req: IncomingMessage & { originalMethod?: string }): boolean {
  const { method, originalMethod = method } = req;
  return (
    getOwnProperty(req.headers, "upgrade") === undefined &&
    SAFE_METHODS.includes(method) &&
    SAFE_METHODS.includes(originalMethod)
  );
}

/** The values of `Host` that name an origin: the default port may be omitted. */
function hostVariants({ protocol, host, hostname, port }: URL): readonly string[] {
  return port === "" ? [host, `${hostname}:${protocol === "https:" ? "443" : "80"}`] : [host];
}
