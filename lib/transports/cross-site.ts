import type { IncomingMessage } from "node:http";
import { debug } from "../util/debug.ts";
import { CrossSiteRequestError } from "../errors/auth-errors.ts";
import { check } from "../util/option-checks.ts";

/** Methods that change nothing (RFC 9110 section 9.2.1), as long as they open no WebSocket. */
const SAFE_METHODS: readonly (string | undefined)[] = ["GET", "HEAD", "OPTIONS"];

/** Says why a request that may carry cookies is refused, or `undefined`. */
export type CheckSite = (
  req: IncomingMessage,
  changesState: boolean,
) => CrossSiteRequestError | undefined;

/**
 * Makes the check that keeps a page of another site from acting with a user's cookie: browsers say
 * where a request comes from, in `Sec-Fetch-Site` (W3C Fetch Metadata) or, older ones, in `Origin`
 * (RFC 6454 section 7). Without either it was no browser that sent it, and no cookie of a victim.
 */
export function createSiteCheck(trustedOrigins: unknown): CheckSite {
  check(
    Array.isArray(trustedOrigins) && Array.from<unknown>(trustedOrigins).every(isOrigin),
    "trustedOrigins",
    'a list of origins such as "https://app.example", without a path',
  );
  const trusted: ReadonlySet<unknown> = new Set(trustedOrigins);

  return function checkSite(req, changesState) {
    if (!changesState && isSafe(req)) return undefined;
    const { origin, "sec-fetch-site": site } = req.headers;
    const host = req.headers.host ?? req.headers[":authority"]; // HTTP/2 has the latter
    if (trusted.has(origin) || isOwnSite(site, origin, host)) return undefined;
    debug("cross-site: Sec-Fetch-Site is %O, Origin is %O, Host is %O", site, origin, host);
    return new CrossSiteRequestError();
  };
}

/** Also judges the method that the client has sent, where `method-override` has put another in its place. */
function isSafe(req: IncomingMessage & { originalMethod?: string }): boolean {
  const { method, originalMethod = method } = req;
  return (
    req.headers.upgrade === undefined &&
    SAFE_METHODS.includes(method) &&
    SAFE_METHODS.includes(originalMethod)
  );
}

function isOwnSite(site: unknown, origin: string | undefined, host: unknown): boolean {
  if (site !== undefined) return site === "same-origin" || site === "none";
  return origin === undefined || hostVariants(origin).includes(String(host).toLowerCase());
}

/** How `Host` may name an origin's host: with its port, which may be left out where it is the default. */
function hostVariants(origin: string): readonly string[] {
  if (!isWebOrigin(origin)) return [];
  const { protocol, host, hostname, port } = new URL(origin);
  return port === "" ? [host, `${hostname}:${protocol === "https:" ? "443" : "80"}`] : [host];
}

/** Neither "null" nor an origin of another kind, such as that of a file. */
function isWebOrigin(value: string): boolean {
  return /^https?:/.test(value) && URL.canParse(value);
}

/** An origin as browsers write it. A "*" would be taken for what it is not: a pattern. */
function isOrigin(value: unknown): boolean {
  return (
    typeof value === "string" &&
    isWebOrigin(value) &&
    new URL(value).origin === value &&
    !value.includes("*")
  );
}
