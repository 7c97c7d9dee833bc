// Sends requests, and counts their results.
import { Agent, request, type IncomingHttpHeaders } from "node:http";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Client {
  /** The response, or `undefined` if the connection failed. */
  send(method: "GET" | "POST", path: string, options?: SendOptions): Promise<Answer | undefined>;
  close(): void;
}

export interface SendOptions {
  readonly token?: string;
  readonly form?: Record<string, string>;
}

/** @param address the client's own address: any of 127.0.0.0/8 belongs to this machine */
export function createClient(port: number, address = "127.0.0.1"): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });

  function send(
    method: "GET" | "POST",
    path: string,
    { token, form }: SendOptions = {},
  ): Promise<Answer | undefined> {
    const body = form === undefined ? "" : new URLSearchParams(form).toString();
    const headers = {
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      ...(form !== undefined && { "Content-Type": "application/x-www-form-urlencoded" }),
      "Content-Length": String(Buffer.byteLength(body)),
    };
    return new Promise((resolve) => {
      const options = {
        port,
        host: "127.0.0.1",
        localAddress: address,
        agent,
        method,
        path,
        headers,
      };
      request(options, (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => (text += chunk));
        response.on("end", () => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
        });
        response.on("error", () => resolve(undefined));
      })
        .on("error", () => resolve(undefined))
        .end(body);
    });
  }

  return { send, close: () => agent.destroy() };
}

/** The results of the requests of one step. */
export class Tally {
  sent = 0;
  answered = 0;
  /** The number of requests by status, or "no answer". */
  readonly lost: Map<string, number> = new Map<string, number>();

  count(answer: Answer | undefined, expected: number): void {
    this.sent += 1;
    if (answer?.status === expected) {
      this.answered += 1;
      return;
    }
    const what = answer === undefined ? "no answer" : String(answer.status);
    this.lost.set(what, (this.lost.get(what) ?? 0) + 1);
  }
}
