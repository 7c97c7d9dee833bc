import { isToken } from "../util/http-token.ts";
import { check, readOptions } from "../util/option-checks.ts";

/** The checked options of `bearerTransport()`. */
export interface BearerConfig {
  readonly header: string;
  readonly scheme: string | null;
  /** The header is `Authorization`. */
  readonly isAuthorization: boolean;
}

/** Throws a TypeError that names the option and the fix. */
export function resolveBearer(options: unknown): BearerConfig {
  const { header = "Authorization", scheme = "Bearer" } = readOptions("bearerTransport", options, [
    "header",
    "scheme",
  ]);
  check(isToken(header), "header", 'the name of a header, such as "X-Access-Token"');
  check(
    header.toLowerCase() !== "cookie",
    "header",
    "a header that browsers do not send by themselves: use cookieTransport() for cookies",
  );
  check(
    scheme === null || isToken(scheme),
    "scheme",
    'an authentication scheme such as "Bearer", or null',
  );
  const isAuthorization = header.toLowerCase() === "authorization";
  check(
    scheme !== null || !isAuthorization,
    "scheme",
    "set if header is Authorization: its value begins with a scheme (RFC 9110 section 11.6.2)",
  );
  return { header, scheme, isAuthorization };
}
