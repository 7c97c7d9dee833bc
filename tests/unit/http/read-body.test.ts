import { EventEmitter, once } from "node:events";
import { Agent, IncomingMessage, request as httpRequest, type Server } from "node:http";
import { connect, createServer as createHttp2Server, type Http2ServerRequest } from "node:http2";
import { Socket, type AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import express, { type RequestHandler } from "express";
import { readBody } from "../../../lib/http/read-body.ts";
import { serve, type RunningServer } from "../../support/server.ts";

const FORM = "application/x-www-form-urlencoded";
const JSON_TYPE = "application/json";
const ADA = { username: "ada", password: "l0velace +&ü" };
const ADA_JSON = JSON.stringify(ADA);
const LIMIT = 16 * 1024;

/** Calls `readBody` with a request that was not received by a server. */
async function readParsed(
  members: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  return readBody(Object.assign(new IncomingMessage(new Socket()), { headers }, members));
}

type Body = RequestInit["body"];

function withBody(body: unknown): RequestHandler {
  return (req, _res, next) => {
    req.body = body;
    next();
  };
}

describe("readBody on a server", () => {
  const servers: RunningServer[] = [];
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  /** Responds with what was read, and with the `req.body` afterwards. */
  async function start(...before: RequestHandler[]): Promise<RunningServer> {
    const app = express().all("/", ...before, (req, res, next) => {
      readBody(req).then(
        (read) => res.json({ read, left: (req.body as unknown) ?? "nothing" }),
        next,
      );
    });
    const server = await serve(app);
    servers.push(server);
    return server;
  }

  async function post(
    { url }: RunningServer,
    body?: Body,
    headers: Record<string, string> = { "content-type": JSON_TYPE },
  ): Promise<{ read: unknown; left: unknown }> {
    const init = { method: "POST", headers, duplex: "half", body: body ?? null };
    const response = await fetch(url, init as RequestInit);
    return (await response.json()) as { read: unknown; left: unknown };
  }

  test.each([
    ["a form", new URLSearchParams(ADA), {}],
    ["JSON", ADA_JSON, { "content-type": JSON_TYPE }],
    ["a body of unknown length", new Blob([ADA_JSON]).stream(), { "content-type": JSON_TYPE }],
  ])("reads %s, and does not set req.body", async (_what, body, headers) => {
    expect(await post(await start(), body, headers)).toEqual({ read: ADA, left: "nothing" });
  });

  test.each([undefined, null, false, 0, "", {}])(
    "reads the body itself if req.body is %j",
    async (empty) => {
      const server = await start(withBody(empty));

      expect(await post(server, ADA_JSON)).toEqual({ read: ADA, left: empty ?? "nothing" });
    },
  );

  test("reads the req.body that other middleware has set", async () => {
    const members = Object.assign(Object.create(null) as object, ADA);
    const server = await start(withBody(members));

    expect(await post(server, undefined, {})).toEqual({ read: ADA, left: ADA });
    expect(await post(server, '{"username":"bob"}')).toEqual({ read: ADA, left: ADA });
  });

  test.each<[string, BufferEncoding]>([
    ["UTF-8", "utf8"],
    ["hexadecimal digits", "hex"],
  ])("reads a body that middleware has decoded into %s", async (_what, encoding) => {
    const server = await start((req, _res, next) => {
      req.setEncoding(encoding);
      next();
    });

    expect(await post(server, ADA_JSON)).toMatchObject({ read: ADA });
  });

  test("reports a missing body, and does not read the URL", async () => {
    const { url } = await start();
    const response = await fetch(`${url}/?username=ada&password=x`);

    expect(await response.json()).toMatchObject({ read: "the body is missing" });
  });

  test.each([
    ["a body of length 0", undefined],
    ["an empty body of unknown length", new Blob([]).stream()],
  ])("reports %s as empty", async (_what, body) => {
    expect(await post(await start(), body)).toMatchObject({
      read: "the body is empty, or was read before the login",
    });
  });

  test("does not wait for a body that was already consumed", async () => {
    const server = await start((req, _res, next) => {
      req.resume().once("end", next);
    });

    expect(await post(server, ADA_JSON)).toMatchObject({
      read: "the body is empty, or was read before the login",
    });
  });

  test("does not wait for a body if the client has disconnected", async () => {
    const reads = new EventEmitter();
    const read = once(reads, "read");
    const server = await start((req, _res, next) => {
      req.destroy();
      readBody(req).then((found) => reads.emit("read", found), next);
    });
    await post(server, ADA_JSON).catch(String);

    expect(await read).toEqual(["the upload was cut off"]);
  });

  test("stops if the client disconnects before the body is complete", async () => {
    const reads = new EventEmitter();
    const read = once(reads, "read");
    const { url } = await start((req, _res, next) => {
      readBody(req).then((found) => reads.emit("read", found), next);
      sent.destroy();
    });
    const headers = { "Content-Type": JSON_TYPE, "Content-Length": "100" };
    const sent = httpRequest(url, { method: "POST", headers });
    sent.on("error", () => undefined).write('{"username":"ada","password":');

    expect(await read).toEqual(["the upload was cut off"]);
  });

  describe("with its limit of 16 KiB", () => {
    const jsonOfLength = (length: number): string =>
      JSON.stringify({ padding: "x".repeat(length - '{"padding":""}'.length) });

    test.each([
      ["a body", (json: string): Body => json],
      ["a body of unknown length", (json: string): Body => new Blob([json]).stream()],
    ])("reads %s of 16 KiB, and refuses a longer one", async (_what, toBody) => {
      const server = await start();

      expect((await post(server, toBody(jsonOfLength(LIMIT)))).read).toHaveProperty("padding");
      for (const length of [LIMIT + 1, 1_000_000]) {
        expect((await post(server, toBody(jsonOfLength(length)))).read).toBe(
          "the body is longer than 16 KiB",
        );
      }
    });

    test("refuses a longer body after a parser has read it", async () => {
      const server = await start(express.json());
      const body = JSON.stringify({ ...ADA, padding: "x".repeat(LIMIT) });

      expect((await post(server, body)).read).toBe("the body is longer than 16 KiB");
    });

    test("serves the next request on the connection after a longer body", async () => {
      const { url } = await start();
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const send = async (body: string): Promise<[found: string, reusedSocket: boolean]> => {
        const headers = { "Content-Type": JSON_TYPE, "Transfer-Encoding": "chunked" };
        const sent = httpRequest(url, { method: "POST", headers, agent }).end(body);
        const [response] = (await once(sent, "response")) as [IncomingMessage];
        return [await text(response), sent.reusedSocket];
      };

      expect((await send(jsonOfLength(1_000_000)))[0]).toContain("the body is longer than 16 KiB");
      expect(await send(ADA_JSON)).toEqual([JSON.stringify({ read: ADA, left: "nothing" }), true]);
      agent.destroy();
    });
  });
});

describe("readBody over HTTP/2", () => {
  const reads = new EventEmitter();
  let server: Server | ReturnType<typeof createHttp2Server>;
  let client: ReturnType<typeof connect>;
  beforeEach(async () => {
    const http2Server = createHttp2Server((req: Http2ServerRequest, res) => {
      reads.emit("started");
      void readBody(req as unknown as IncomingMessage).then((found) => {
        reads.emit("read", found);
        res.end();
      });
    }).listen(0, "127.0.0.1");
    server = http2Server;
    await once(server, "listening");
    client = connect(`http://127.0.0.1:${String((http2Server.address() as AddressInfo).port)}`);
  });
  afterEach(async () => {
    await new Promise<void>((resolve) => client.close(resolve));
    await new Promise((resolve) => server.close(resolve));
  });

  async function read(body: string, headers: Record<string, string> = {}): Promise<unknown> {
    const found = once(reads, "read");
    const sent = client.request({ ":method": "POST", "content-type": JSON_TYPE, ...headers });
    sent.resume().end(body);
    return ((await found) as [unknown])[0];
  }

  test("reads a body, with or without a Content-Length", async () => {
    const length = String(Buffer.byteLength(ADA_JSON));

    expect(await read(ADA_JSON)).toEqual(ADA);
    expect(await read(ADA_JSON, { "content-length": length })).toEqual(ADA);
  });

  test("reads 16 KiB, and refuses a longer body", async () => {
    expect(await read("x=".padEnd(LIMIT, "x"), { "content-type": FORM })).toHaveProperty("x");
    expect(await read("x=".padEnd(LIMIT + 1, "x"), { "content-type": FORM })).toBe(
      "the body is longer than 16 KiB",
    );
  });

  test("reports an empty body", async () => {
    expect(await read("")).toBe("the body is empty, or was read before the login");
  });

  test("stops if the client disconnects before the body is complete", async () => {
    const found = once(reads, "read");
    const started = once(reads, "started");
    const sent = client.request({ ":method": "POST", "content-type": FORM });
    sent.on("error", () => undefined).write("username=ada&password=l0ve");
    await started;
    sent.destroy(new Error("gone"));

    expect(await found).toEqual(["the upload was cut off"]);
  });
});

describe("readBody behind a body parser", () => {
  test.each<[string, unknown]>([
    ["a string", ADA_JSON],
    ["a Buffer", Buffer.from(ADA_JSON)],
    ["an object", ADA],
  ])("reads req.body that is %s", async (_what, body) => {
    expect(await readParsed({ body }, { "content-type": JSON_TYPE })).toEqual(ADA);
  });

  test.each<[string, object]>([
    [
      "a getter of req.body",
      {
        get body(): never {
          throw new SyntaxError("Unexpected token");
        },
      },
    ],
    [
      "a trap for the keys of req.body",
      {
        body: new Proxy(ADA, {
          ownKeys() {
            throw new Error("no");
          },
        }),
      },
    ],
  ])("reports an error that %s throws", async (_what, members) => {
    const req = new IncomingMessage(new Socket());
    Object.defineProperties(req, Object.getOwnPropertyDescriptors(members));

    expect(await readBody(req)).toBe("req.body throws");
  });

  test.each<[string, object]>([
    ["one file", { file: { fieldname: "x" } }],
    ["a list of files", { files: [{ fieldname: "x" }] }],
    ["files by field", { files: { x: [{ fieldname: "x" }] } }],
  ])("refuses a request with %s", async (_what, files) => {
    expect(await readParsed({ body: ADA, ...files })).toBe("the form contains a file");
  });

  test.each<[string, object]>([
    ["no file", { file: undefined, files: null }],
    ["an empty list of files", { files: [] }],
    ["no files by field", { files: {} }],
  ])("accepts a request with %s", async (_what, files) => {
    expect(await readParsed({ body: ADA, ...files })).toEqual(ADA);
  });

  test.each([String(LIMIT + 1), "1000000", "1e9"])(
    "refuses a Content-Length of %s",
    async (length) => {
      expect(await readParsed({ body: ADA }, { "content-length": length })).toBe(
        "the body is longer than 16 KiB",
      );
    },
  );

  test.each([String(LIMIT), "0", "x"])("accepts a Content-Length of %s", async (length) => {
    expect(await readParsed({ body: ADA }, { "content-length": length })).toEqual(ADA);
  });

  test.each(["gzip", "GZIP", "br", "deflate", "zstd", "x", "identity, gzip", " "])(
    "refuses the Content-Encoding %j, because the parser may not have decoded it",
    async (encoding) => {
      expect(await readParsed({ body: ADA }, { "content-encoding": encoding })).toBe(
        "the body has a Content-Encoding",
      );
    },
  );

  test.each(["", "identity", "Identity"])("accepts the Content-Encoding %j", async (encoding) => {
    expect(await readParsed({ body: ADA }, { "content-encoding": encoding })).toEqual(ADA);
  });

  describe("with a polluted Object.prototype", () => {
    const polluted = {
      "content-encoding": "gzip",
      "content-length": "99999",
      files: [1],
      file: {},
    };
    afterEach(() => {
      for (const name of Object.keys(polluted)) Reflect.deleteProperty(Object.prototype, name);
    });

    test("reads only own headers and files", async () => {
      Object.assign(Object.prototype, polluted);

      expect(await readParsed({ body: ADA })).toEqual(ADA);
    });
  });
});
