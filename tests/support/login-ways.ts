import { once } from "node:events";
import { connect, createServer as createHttp2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { configure as serverlessExpress } from "@codegenie/serverless-express";
import type expressPackage from "express";
import type { ErrorRequestHandler, Express, RequestHandler } from "express";
import type { Handler } from "express-jwt-strategy";
import multer from "multer";
import serverlessHttp from "serverless-http";
import { invoke, PAYLOAD_FORMATS, type LambdaHandler } from "./lambda.ts";
import { serve } from "./server.ts";

/** A request to POST /login. */
export interface Sent {
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
}

/** The response. */
export interface Received {
  readonly status: number;
  readonly challenge: string | undefined;
  readonly caching: string | undefined;
  readonly body: string;
}

/** An environment in which a body reaches a login. */
export interface Way {
  readonly name: string;
  /** Whether a body parser of the app may refuse a body before the login. */
  readonly hasParser: boolean;
  send(sent: Sent): Promise<Received>;
  close(): Promise<unknown>;
}

export const REFUSED_BY_PARSER = "refused by a body parser";

/** Mounts a login in every way: behind each body parser, over HTTP/2, and in AWS Lambda. */
export async function mountEverywhere(
  express: typeof expressPackage,
  login: Handler,
): Promise<readonly Way[]> {
  const mount = (...parsers: RequestHandler[]): Express =>
    express()
      .post("/login", ...parsers, login)
      .use(refuseForParser);
  const upload = multer();
  const extended = [express.json(), express.urlencoded({ extended: true })];
  const simple = [express.json(), express.urlencoded({ extended: false })];
  return [
    await overHttp("no parser", mount()),
    await overHttp("no parser, no Content-Length", mount(), false, true),
    await overHttp("express.json and urlencoded", mount(...extended), true),
    await overHttp(
      "express.json and urlencoded, no Content-Length",
      mount(...extended),
      true,
      true,
    ),
    await overHttp("express.json and urlencoded, not extended", mount(...simple), true),
    await overHttp("express.json, not strict", mount(express.json({ strict: false })), true),
    await overHttp("express.raw", mount(express.raw({ type: "*/*" })), true),
    await overHttp("express.text", mount(express.text({ type: "*/*" })), true),
    await overHttp("multer().none()", mount(upload.none()), true),
    await overHttp("multer().any()", mount(upload.any()), true),
    await overHttp("multer().any(), no Content-Length", mount(upload.any()), true, true),
    await overHttp2("HTTP/2, no Content-Length", login),
    ...inLambda("serverless-http", serverlessHttp(mount())),
    ...inLambda("serverless-http, express.json", serverlessHttp(mount(...extended)), true),
    ...inLambda("serverless-express", toPromise(mount())),
    ...inLambda("serverless-express, express.json", toPromise(mount(...extended)), true),
  ];
}

/** Answers 400 to every error of a body parser, like many apps. */
const refuseForParser: ErrorRequestHandler = (_error, _req, res, next) => {
  if (res.headersSent) next();
  else res.status(400).send(REFUSED_BY_PARSER);
};

async function overHttp(
  name: string,
  app: Express,
  hasParser = false,
  isChunked = false,
): Promise<Way> {
  const server = await serve(app);
  return {
    name,
    hasParser,
    async send({ headers, bytes }) {
      const body = isChunked
        ? { body: new Blob([bytes]).stream(), duplex: "half" }
        : { body: bytes };
      const init = { method: "POST", headers, ...body } as RequestInit;
      const response = await fetch(`${server.url}/login`, init);
      return {
        status: response.status,
        challenge: response.headers.get("www-authenticate") ?? undefined,
        caching: response.headers.get("cache-control") ?? undefined,
        body: await response.text(),
      };
    },
    close: () => server.close(),
  };
}

/** Express does not support HTTP/2: the handler is called with the compatibility API of Node.js. */
async function overHttp2(name: string, login: Handler): Promise<Way> {
  const handle = login as unknown as (...args: unknown[]) => void;
  const server = createHttp2Server((req, res) =>
    handle(req, res, (error: unknown) => res.writeHead(500).end(String(error))),
  ).listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = connect(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}`);
  return {
    name,
    hasParser: false,
    async send({ headers, bytes }) {
      const stream = client.request({ ":method": "POST", ":path": "/login", ...headers });
      stream.end(bytes);
      const [response] = (await once(stream, "response")) as [Record<string, string | undefined>];
      return {
        status: Number(response[":status"]),
        challenge: response["www-authenticate"],
        caching: response["cache-control"],
        body: await text(stream),
      };
    },
    close: () => new Promise((resolve) => client.close(() => server.close(resolve))),
  };
}

function inLambda(name: string, handler: unknown, hasParser = false): Way[] {
  return PAYLOAD_FORMATS.flatMap((format) =>
    [true, false].map((isBase64Encoded) => ({
      name: `${name}, payload format ${format}, ${isBase64Encoded ? "base64" : "text"}`,
      hasParser,
      send: (sent: Sent) => invoke(handler as LambdaHandler, format, isBase64Encoded, sent),
      close: () => Promise.resolve(),
    })),
  );
}

function toPromise(app: Express): unknown {
  return serverlessExpress({ app, resolutionMode: "PROMISE" });
}
