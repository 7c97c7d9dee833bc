import { check, readOptions } from "../util/option-checks.ts";

/** The options of `describeStrategy()`: the paths where the app mounts the handlers. A handler without a path is not described. */
export interface DescribeStrategyOptions {
  /**
   * The path of `login`, such as `"/auth/login"`. With `bearerTransport()` it is also the `tokenUrl` of
   * an OAuth 2.0 password flow, which lets the Authorize dialog of Swagger UI log in; the document's
   * `servers` do not apply to that URL.
   */
  readonly loginPath?: string | undefined;
  /** The path of `logout`, such as `"/auth/logout"`. */
  readonly logoutPath?: string | undefined;
  /** The path of `refresh`, such as `"/auth/refresh"`. */
  readonly refreshPath?: string | undefined;
}

/** The path of each handler to describe. */
export interface HandlerPaths {
  readonly login: string | undefined;
  readonly logout: string | undefined;
  readonly refresh: string | undefined;
}

/** Excludes "//host", which names another host (RFC 3986 section 4.2), and the parameters of Express and OpenAPI. */
const PATH = /^\/(?!\/)[\w\-.~%/]*$/;

/** Throws a TypeError that names the option. */
export function resolvePaths(options: unknown): HandlerPaths {
  const { loginPath, logoutPath, refreshPath } = readOptions("describeStrategy", options, [
    "loginPath",
    "logoutPath",
    "refreshPath",
  ]);
  checkPath(loginPath, "loginPath");
  checkPath(logoutPath, "logoutPath");
  checkPath(refreshPath, "refreshPath");
  check(
    logoutPath === undefined || logoutPath !== loginPath,
    "logoutPath",
    "different from loginPath",
  );
  check(
    refreshPath === undefined || (refreshPath !== loginPath && refreshPath !== logoutPath),
    "refreshPath",
    "different from loginPath and logoutPath",
  );
  return { login: loginPath, logout: logoutPath, refresh: refreshPath };
}

function checkPath(value: unknown, name: string): asserts value is string | undefined {
  check(
    value === undefined || (typeof value === "string" && isRequestPath(value)),
    name,
    'a URL path such as "/auth/login", without parameters, dot segments and invalid percent-encoding',
  );
}

/** Whether a client can request exactly this path: a client removes dot segments, encoded ones too. */
function isRequestPath(path: string): boolean {
  return (
    PATH.test(path) && isPercentEncoded(path) && new URL(path, "http://localhost").pathname === path
  );
}

/** Express answers 400 for a path that is not percent-encoded UTF-8. */
function isPercentEncoded(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}
