import type { ServerResponse } from "node:http";

/** A response, as data. */
export interface TransportResponse {
  /** The status code. */
  readonly status: number;
  /** The headers. `Set-Cookie` is added to the cookies of the response; any other header replaces a present one. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Sent as JSON. Default: no body. */
  readonly body?: object;
}

/** Sets headers: `Set-Cookie` is added to the cookies of the response; any other header replaces a present one. */
export function setHeaders(
  res: ServerResponse,
  headers: NonNullable<TransportResponse["headers"]>,
): void {
  for (const [name, value] of Object.entries(headers)) {
    const isCookie = name.toLowerCase() === "set-cookie";
    // A new array: other responses may share the present one, or the transport's.
    res.setHeader(
      name,
      isCookie ? [res.getHeader(name) ?? []].flat().map(String).concat(value) : value,
    );
  }
}

/** Sends a response that caches must not store, unless the app has sent one already. */
export function sendResponse(
  res: ServerResponse,
  { status, headers = {}, body }: TransportResponse,
): void {
  if (res.headersSent) return;
  res.statusCode = status;
  setHeaders(res, headers);
  res.setHeader("Cache-Control", "no-store");
  if (body === undefined) {
    res.end();
  } else {
    res.setHeader("Content-Type", "application/json"); // RFC 8259 section 11
    res.end(JSON.stringify(body));
  }
}
