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

/** What a client sees of an answer. */
export interface TransportResponse {
  readonly status: number | undefined;
  readonly challenge: string | undefined;
  readonly caching: string | undefined;
  readonly body: string;
}

/** Asks an app again and again. */
export interface Client {
  ask(token: string): Promise<TransportResponse>;
  close(): Promise<void>;
}

/** Makes a client of an app. */
export type Connect = (app: RequestListener) => Promise<Client>;

/** Asks over the loopback interface, over a few connections that stay open. */
export async function overSockets(app: RequestListener): Promise<Client> {
  const server = await serve(app);
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });

  return {
    async ask(token) {
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

/** Calls the app, with a request and a response of Node's own: many times as fast as a connection. */
export function inProcess(app: RequestListener): Promise<Client> {
  const socket = new Socket();

  function ask(token: string): Promise<TransportResponse> {
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

  return Promise.resolve({ ask, close: () => Promise.resolve() });
}

function text(header: OutgoingHttpHeader | undefined): string | undefined {
  return header === undefined ? undefined : String(header);
}

/** A header is bytes: what is no ASCII goes as UTF-8. */
function onTheWire(token: string): string {
  return Buffer.from(token).toString("latin1");
}

/**
 * Whether HTTP can carry a text at the end of a header line: no control characters, no blanks at
 * its ends, which are not part of the value (RFC 9110 section 5.5), and within Node's 16 KiB.
 */
export function fitsIntoHeader(token: string): boolean {
  const value = onTheWire(token);
  return (
    token.length < 15_000 && /^[\t\x20-\x7e\x80-\xff]*$/.test(value) && !/^[\t ]|[\t ]$/.test(value)
  );
}
