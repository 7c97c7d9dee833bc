import type { ServerResponse } from "node:http";

/** Ends a response with a JSON body (RFC 8259 section 11). */
export function sendJson(res: ServerResponse, status: number, body: object): void {
  res.statusCode = status;
  res.setHeader("Content-Type", "application/json");
  res.end(JSON.stringify(body));
}
