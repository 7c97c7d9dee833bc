import { IncomingMessage, type IncomingHttpHeaders } from "node:http";
import { Socket } from "node:net";

/** A request as Node creates it, without a connection. */
export function createRequest(method: string, headers: IncomingHttpHeaders): IncomingMessage {
  return Object.assign(new IncomingMessage(new Socket()), { method, headers });
}
