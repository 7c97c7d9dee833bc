import type { ServerResponse } from "node:http";
import { getMember } from "../util/own-property.ts";

/** A response, as data. */
export interface TransportResponse {
  /** The status code. */
  readonly status: number;
  /** The headers. Each replaces a present one; `Set-Cookie` replaces only a cookie of the same name. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Sent as JSON. Default: no body. */
  readonly body?: object;
}

/** The headers of a response. */
export function getHeaders(response: TransportResponse): NonNullable<TransportResponse["headers"]> {
  return (getMember(response, "headers") ?? {}) as NonNullable<TransportResponse["headers"]>;
}

/**
 * Sets headers. Each replaces a present one; `Set-Cookie` replaces only a cookie of the same name (RFC 6265
 * section 4.1.1): a logout must not send a token that a renewal has set before.
 */
export function setHeaders(
  res: ServerResponse,
  headers: NonNullable<TransportResponse["headers"]>,
): void {
  for (const [name, value] of Object.entries(headers)) {
    const isCookie = name.toLowerCase() === "set-cookie";
    res.setHeader(name, isCookie ? replaceCookies(res.getHeader(name), [value].flat()) : value);
  }
}

/** Returns a new array: other responses may share the present one, or the transport's. */
function replaceCookies(
  present: ReturnType<ServerResponse["getHeader"]>,
  cookies: readonly string[],
): string[] {
  const names = new Set(cookies.map(getCookieName));
  const kept = [present ?? []]
    .flat()
    .map(String)
    .filter((cookie) => !names.has(getCookieName(cookie)));
  return [...kept, ...cookies];
}

function getCookieName(cookie: string): string | undefined {
  return cookie.split("=", 1)[0]?.trim();
}

/** Adds the request headers on which a response depends to `Vary` (RFC 9110 section 12.5.5). */
export function addVary(res: ServerResponse, names: readonly string[]): void {
  const vary = res.getHeader("Vary");
  if (vary === undefined) {
    if (names.length > 0) res.setHeader("Vary", names.join(", "));
    return;
  }
  const listed = [vary]
    .flat()
    .flatMap((value) => String(value).split(","))
    .map((name) => name.trim());
  const present = new Set(listed.map((name) => name.toLowerCase()));
  const missing = names.filter((name) => !present.has(name.toLowerCase()));
  if (missing.length > 0 && !present.has("*")) {
    res.setHeader("Vary", [...listed, ...missing].join(", "));
  }
}

/** Sends a response that caches must not store, unless the app has sent one already. */
export function sendResponse(res: ServerResponse, response: TransportResponse): void {
  if (res.headersSent) return;
  const body = getMember(response, "body");
  res.statusCode = response.status;
  setHeaders(res, getHeaders(response));
  res.setHeader("Cache-Control", "no-store");
  if (body === undefined) {
    res.end();
  } else {
    res.setHeader("Content-Type", "application/json"); // RFC 8259 section 11
    res.end(JSON.stringify(body));
  }
}
