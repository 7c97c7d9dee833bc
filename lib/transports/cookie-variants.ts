import type { IncomingMessage } from "node:http";
import { DOMAIN, PATH, type CookieScope } from "./cookie-options.ts";
import { getHost } from "./host.ts";

/** More are not worth the bytes of a response. */
const MAX_LEVELS = 6;

/**
 * Lists the scopes that a cookie of a request may have: the browser sends a cookie to all hosts of its
 * domain, and below its path (RFC 6265 section 5.4).
 */
export function listScopes(req: IncomingMessage & { originalUrl?: string }): CookieScope[] {
  const paths = listPaths(String(req.originalUrl ?? req.url));
  const domains = listDomains(getHost(req));
  return [null, ...domains].flatMap((cookieDomain) =>
    paths.map((cookiePath) => ({ cookiePath, cookieDomain })),
  );
}

/** `"/"`, `"/auth"`, `"/auth/"`, ... */
function listPaths(url: string): readonly string[] {
  const [path = "/"] = url.split(/[?#]/, 1);
  const names = path.split("/").slice(1, MAX_LEVELS);
  const paths = names.map((_name, index) => `/${names.slice(0, index + 1).join("/")}`);
  return [...new Set(["/", ...paths, ...paths.map((one) => `${one}/`)])].filter(
    (one) => PATH.test(one) && !one.endsWith("//"),
  );
}

/** `"app.example.com"`, `"example.com"`: no browser accepts a cookie for a top-level domain. */
function listDomains(host: unknown): readonly string[] {
  const name = String(host).replace(/:\d*$/, "");
  if (!DOMAIN.test(name) || /^[\d.]+$/.test(name)) return [];
  const labels = name.split(".").slice(-MAX_LEVELS);
  return labels.slice(0, -1).map((_label, index) => labels.slice(index).join("."));
}
