import { check, readOptions } from "../util/option-checks.ts";

/** The options of `openapi()`: where the app has mounted the handlers. A handler without a path is not described. */
export interface OpenApiOptions {
  /**
   * Where `login` is, as `"/auth/login"`. `bearerTransport()` then also offers the password flow of
   * OAuth 2, by which the Authorize dialog of Swagger UI logs in. This path is its `tokenUrl`, which no
   * path in the document's `servers` is put in front of.
   */
  readonly loginPath?: string | undefined;
  /** Where `logout` is, as `"/auth/logout"`. */
  readonly logoutPath?: string | undefined;
  /** Where `refresh` is, as `"/auth/refresh"`. */
  readonly refreshPath?: string | undefined;
}

/** The paths of the handlers that are to be described. */
export interface OpenApiPaths {
  readonly login: string | undefined;
  readonly logout: string | undefined;
  readonly refresh: string | undefined;
}

/** Not "//host", which names another host in a URL, and no parameters, which would have to be described. */
const PATH = /^\/(?!\/)[\w\-.~%/]*$/;

/** Throws a TypeError that names the option. */
export function resolvePaths(options: unknown): OpenApiPaths {
  const { loginPath, logoutPath, refreshPath } = readOptions("openapi", options, [
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
    "another than loginPath",
  );
  check(
    refreshPath === undefined || (refreshPath !== loginPath && refreshPath !== logoutPath),
    "refreshPath",
    "another than loginPath and logoutPath",
  );
  return { login: loginPath, logout: logoutPath, refresh: refreshPath };
}

function checkPath(value: unknown, name: string): asserts value is string | undefined {
  check(
    value === undefined || (typeof value === "string" && PATH.test(value)),
    name,
    'a path such as "/auth/login", without parameters',
  );
}
