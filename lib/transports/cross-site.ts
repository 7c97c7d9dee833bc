import type { IncomingMessage } from "node:http";
import { debug } from "../debug.ts";
import { CrossSiteRequestError } from "../errors.ts";
import { check } from "../option-checks.ts";

/** Methods that change nothing (RFC 9110 section 9.2.1), as long as they open no WebSocket. */
const SAFE_METHODS: readonly (string | undefined)[] = ["GET", "HEAD", "OPTIONS"];

/** Says why a request that may carry cookies is refused, or `undefined`. */
export type CheckSite = (req: IncomingMessage) => CrossSiteRequestError | undefined;

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

  return function checkSite(req) {
    const { origin, host, upgrade, "sec-fetch-site": site } = req.headers;
    if (upgrade === undefined && SAFE_METHODS.includes(req.method)) return undefined;
    if (trusted.has(origin) || isOwnSite(site, origin, host)) return undefined;
    debug("cross-site: Sec-Fetch-Site is %j, Origin is %j, Host is %j", site, origin, host);
    return new CrossSiteRequestError();
  };
}

function isOwnSite(site: unknown, origin: string | undefined, host: string | undefined): boolean {
  if (site !== undefined) return site === "same-origin" || site === "none";
  return origin === undefined || hostsOf(origin).includes(host?.toLowerCase());
}

/** How `Host` may name an origin's host: with its port, which may be left out where it is the default. */
function hostsOf(origin: string): readonly (string | undefined)[] {
  if (!URL.canParse(origin)) return [];
  const { protocol, host, hostname, port } = new URL(origin);
  return port === "" ? [host, `${hostname}:${protocol === "https:" ? "443" : "80"}`] : [host];
}

function isOrigin(value: unknown): boolean {
  return typeof value === "string" && URL.canParse(value) && new URL(value).origin === value;
}
