import { once } from "node:events";
import {
  Agent,
  IncomingMessage,
  request,
  ServerResponse,
  type OutgoingHttpHeader,
  type RequestListener,
} from "node:http";
import { Socket } from "node:net";
import { serve } from "../server.ts";

/** The parts of a response that a client reads. */
export interface TransportResponse {
  readonly status: number | undefined;
  readonly challenge: string | undefined;
  readonly caching: string | undefined;
  readonly body: string;
}

/** Sends requests to an app. */
export interface Client {
  send(token: string): Promise<TransportResponse>;
  close(): Promise<void>;
}

/** Creates a client of an app. */
export type Connect = (app: RequestListener) => Promise<Client>;

/** Sends requests over a few persistent connections on the loopback interface. */
export async function overSockets(app: RequestListener): Promise<Client> {
  const server = await serve(app);
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });

  return {
    async send(token) {
      const headers = { authorization: `Bearer ${onTheWire(token)}` };
      const sent = request({ agent, host: "127.0.0.1", port: server.port, headers }).end();
      const [response] = (await once(sent, "response")) as [IncomingMessage];
      let body = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
      await once(response, "end");
      return {
        status: response.statusCode,
        challenge: response.headers["www-authenticate"],
        caching: response.headers["cache-control"],
        body,
      };
    },
    async close() {
      agent.destroy();
      await server.close();
    },
  };
}

/** Calls the app with request and response objects of Node.js, which is much faster than a connection. */
export function inProcess(app: RequestListener): Promise<Client> {
  const socket = new Socket();

  function send(token: string): Promise<TransportResponse> {
    const req = Object.assign(new IncomingMessage(socket), { method: "GET", url: "/" });
    const value = `Bearer ${onTheWire(token)}`;
    req.headers.authorization = value;
    req.rawHeaders.push("authorization", value);
    const res = new ServerResponse(req);
    return new Promise((resolve) => {
      res.end = (body: unknown) => {
        resolve({
          status: res.statusCode,
          challenge: text(res.getHeader("www-authenticate")),
          caching: text(res.getHeader("cache-control")),
          body: String(body),
        });
        return res;
      };
      app(req, res);
    });
  }

  return Promise.resolve({ send, close: () => Promise.resolve() });
}

function text(header: OutgoingHttpHeader | undefined): string | undefined {
  return header === undefined ? undefined : String(header);
}

/** Encodes a header value in UTF-8, one character for each byte. */
function onTheWire(token: string): string {
  return Buffer.from(token).toString("latin1");
}

/**
 * Whether a token can be part of a header value: without control characters and surrounding spaces
 * (RFC 9110 section 5.5), and within the 16 KiB that Node.js accepts.
 */
export function fitsIntoHeader(token: string): boolean {
  const value = onTheWire(token);
  return (
    token.length < 15_000 && /^[\t\x20-\x7e\x80-\xff]*$/.test(value) && !/^[\t ]|[\t ]$/.test(value)
  );
}
