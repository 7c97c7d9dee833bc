import { once } from "node:events";
import { Agent, request, type IncomingMessage } from "node:http";

/** What a client sees of an answer. */
export interface Answer {
  readonly status: number | undefined;
  readonly challenge: string | undefined;
  readonly caching: string | undefined;
  readonly body: string;
}

/** Asks a server on the loopback interface again and again, over a few connections that stay open. */
export interface Client {
  ask(token: string): Promise<Answer>;
  close(): void;
}

export function createClient(port: number): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });

  return {
    async ask(token) {
      const headers = { authorization: `Bearer ${onTheWire(token)}` };
      const sent = request({ agent, host: "127.0.0.1", port, headers }).end();
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
    close: () => agent.destroy(),
  };
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
