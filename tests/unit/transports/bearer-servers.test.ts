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

/** The middleware, called without Express. */
function answer(req: IncomingMessage, res: ServerResponse): void {
  auth.authenticate()(req, res, () => res.end(auth.currentUser(req).id));
}

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

describe("behind a server that joins repeated headers", () => {
  const server = createServer({ joinDuplicateHeaders: true }, answer);
  let port: number;

  beforeAll(async () => {
    port = await listen(server);
  });

  afterAll(() => void server.close());

  test.each([
    [200, [`Bearer ${token}`]],
    [400, [`Bearer ${token}`, `Bearer ${token}`]],
    [400, [`Bearer ${token}`, "Basic YTpi"]],
    [400, ["Basic YTpi", `Bearer ${token}`]],
  ])("answers %i, however Authorization is split", async (status, values) => {
    const lines = values.map((value) => `Authorization: ${value}`);
    const response = await sendLines(port, ["GET / HTTP/1.1", "Host: localhost", ...lines]);
    expect(response.status).toBe(status);
  });
});

describe("behind an HTTP/2 server", () => {
  const server = createHttp2Server((req, res) =>
    answer(req as unknown as IncomingMessage, res as unknown as ServerResponse),
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

  test("lets a good token in", async () => {
    expect(await get({ authorization: `Bearer ${token}` })).toEqual([
      200,
      undefined,
      undefined,
      "42",
    ]);
  });

  test("challenges where there are no credentials", async () => {
    const body = '{"detail":"Unauthorized"}';
    expect(await get({})).toEqual([401, 'Bearer realm="api"', "no-store", body]);
  });

  test("refuses a bad token", async () => {
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
