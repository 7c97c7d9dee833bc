import type { IncomingMessage } from "node:http";
import { getOwnProperty } from "../util/own-property.ts";

/** The host that a request names: HTTP/2 has `:authority` for it (RFC 9113 section 8.3.1). */
export function getHost({ headers }: IncomingMessage): unknown {
  return getOwnProperty(headers, "host") ?? getOwnProperty(headers, ":authority");
}
