import type { ServerResponse } from "node:http";

/** A response, as data. */
export interface TransportResponse {
  /** The status code. */
  readonly status: number;
  /** Headers. `Set-Cookie` joins the cookies that are set already, any other header replaces its like. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Sent as JSON. Left out: no body. */
  readonly body?: object;
}

/** Sets headers: `Set-Cookie` joins the cookies that are set already, any other replaces its like. */
export function setHeaders(
  res: ServerResponse,
  headers: NonNullable<TransportResponse["headers"]>,
): void {
  for (const [name, value] of Object.entries(headers)) {
    const isCookie = name.toLowerCase() === "set-cookie";
    // A new list: the present one, or ours, may serve other responses as well.
    res.setHeader(
      name,
      isCookie ? [res.getHeader(name) ?? []].flat().map(String).concat(value) : value,
    );
  }
}

/** Writes an answer, unless the app has answered in the meantime. Nothing of it may be stored. */
export function sendAnswer(
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
