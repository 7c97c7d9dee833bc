import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { connect, createServer as createHttp2Server, type OutgoingHttpHeaders } from "node:http2";
import type { AddressInfo, Server } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createJwtStrategy } from "express-jwt-strategy";
import { forge } from "../../support/forge.ts";
import { hmacSecret, signingKey } from "../../support/keys.ts";
import { sendLines } from "../../support/server.ts";

const token = forge("HS256", signingKey("HS256"));
const auth = createJwtStrategy({
  secret: hmacSecret,
  lifetimeSeconds: 3600,
  findUser: (id) => Promise.resolve({ id }),
});

/** Calls the middleware without Express. */
function handle(req: IncomingMessage, res: ServerResponse): void {
  auth.authenticate()(req, res, () => res.end(auth.currentUser(req).id));
}

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

describe("bearerTransport on a server with joinDuplicateHeaders", () => {
  const server = createServer({ joinDuplicateHeaders: true }, handle);
  let port: number;

  beforeAll(async () => {
    port = await listen(server);
  });

  afterAll(() => void server.close());

  test.each([
    [200, "one Authorization line", [`Bearer ${token}`]],
    [400, "the same line twice", [`Bearer ${token}`, `Bearer ${token}`]],
    [400, "a Bearer line and a Basic line", [`Bearer ${token}`, "Basic YTpi"]],
    [400, "a Basic line and a Bearer line", ["Basic YTpi", `Bearer ${token}`]],
  ])("answers %i to %s", async (status, _lines, values) => {
    const lines = values.map((value) => `Authorization: ${value}`);
    const response = await sendLines(port, ["GET / HTTP/1.1", "Host: localhost", ...lines]);
    expect(response.status).toBe(status);
  });
});

describe("bearerTransport on an HTTP/2 server", () => {
  const server = createHttp2Server((req, res) =>
    handle(req as unknown as IncomingMessage, res as unknown as ServerResponse),
  );
  let port: number;

  beforeAll(async () => {
    port = await listen(server);
  });

  afterAll(() => void server.close());

  async function get(headers: OutgoingHttpHeaders): Promise<unknown[]> {
    const session = connect(`http://127.0.0.1:${port}`);
    const stream = session.request({ ":path": "/", ...headers });
    const [head] = (await once(stream, "response")) as [Record<string, unknown>];
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    session.close();
    return [
      head[":status"],
      head["www-authenticate"],
      head["cache-control"],
      Buffer.concat(chunks).toString(),
    ];
  }

  test("accepts a valid token", async () => {
    expect(await get({ authorization: `Bearer ${token}` })).toEqual([
      200,
      undefined,
      undefined,
      "42",
    ]);
  });

  test("sends a challenge if there are no credentials", async () => {
    const body = '{"detail":"Unauthorized"}';
    expect(await get({})).toEqual([401, 'Bearer realm="api"', "no-store", body]);
  });

  test("refuses an invalid token", async () => {
    const description = "The access token is invalid";
    expect(await get({ authorization: `Bearer x${token}` })).toEqual([
      401,
      `Bearer realm="api", error="invalid_token", error_description="${description}"`,
      "no-store",
      JSON.stringify({
        detail: "Unauthorized",
        error: "invalid_token",
        error_description: description,
      }),
    ]);
  });
});
