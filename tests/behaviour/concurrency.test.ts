import { once } from "node:events";
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket, connect } from "node:net";
import { afterEach, describe, expect, test } from "@jest/globals";
import { createJwtStrategy, type JwtStrategy } from "express-jwt-strategy";
import express from "express";
import { forge, goodClaims } from "../support/forge.ts";
import { hmacSecret, signingKey } from "../support/keys.ts";
import { serve, type RunningServer } from "../support/server.ts";

interface User {
  readonly id: string;
}

function bearer(sub: string): string {
  return `Bearer ${forge("HS256", signingKey("HS256"), goodClaims({ sub }))}`;
}

/** A strategy whose users are found when the test says so, in the order that it likes. */
function strategyOnDemand(cacheSize?: number): {
  auth: JwtStrategy<User>;
  finds: Map<string, () => void>;
} {
  const finds = new Map<string, () => void>();
  const auth = createJwtStrategy<User>({
    secret: hmacSecret,
    lifetimeSeconds: 3600,
    cacheSize,
    findUser: (id) =>
      new Promise((resolve) => {
        finds.set(id, () => resolve({ id }));
      }),
  });
  return { auth, finds };
}

/** An order that looks like none and is the same in every run. */
function shuffle<T>(items: readonly T[]): T[] {
  const PRIME = 7919;
  return items
    .map((item, index) => ({ item, rank: (index * PRIME) % items.length }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
}

describe.each([undefined, 0, 100])(
  "10,000 interleaved requests, with cacheSize %p",
  (cacheSize) => {
    test("each see their own user", async () => {
      const { auth, finds } = strategyOnDemand(cacheSize);
      const middleware = auth.authenticate();
      const ids = Array.from({ length: 10_000 }, (_, index) => `user-${index}`);

      const seen = ids.map((id) => {
        const req = new IncomingMessage(new Socket());
        req.headers.authorization = bearer(id);
        return new Promise((resolve) => {
          middleware(req, new ServerResponse(req), (error) =>
            resolve([error, auth.currentUser(req).id, (req as { user?: User }).user?.id]),
          );
        });
      });
      expect(finds.size).toBe(ids.length);
      for (const find of shuffle([...finds.values()])) {
        find();
        await Promise.resolve();
      }

      expect(await Promise.all(seen)).toEqual(ids.map((id) => [undefined, id, id]));
    });
  },
);

describe("over one server", () => {
  let server: RunningServer | undefined;

  afterEach(() => server?.close());

  async function serveUserOf(auth: JwtStrategy<User>): Promise<RunningServer> {
    const app = express();
    app.get("/", auth.authenticate(), (req, res) => res.send(auth.currentUser(req).id));
    return (server = await serve(app));
  }

  test("500 requests with slow users in another order each see their own", async () => {
    const { auth, finds } = strategyOnDemand();
    const { url } = await serveUserOf(auth);
    const ids = Array.from({ length: 500 }, (_, index) => `user-${index}`);
    const answers = ids.map(async (id) => {
      const response = await fetch(url, { headers: { Authorization: bearer(id) } });
      return response.text();
    });
    while (finds.size < ids.length) await new Promise(setImmediate);
    for (const find of shuffle([...finds.values()])) find();
    expect(await Promise.all(answers)).toEqual(ids);
  });

  test("pipelined requests on one connection each see their own, answered in order", async () => {
    const { auth, finds } = strategyOnDemand();
    const { port } = await serveUserOf(auth);
    const requests = [bearer("ann"), undefined, bearer("ben"), "Bearer x", bearer("cem")];
    const socket = connect(port, "127.0.0.1");
    socket.write(
      requests
        .map((authorization, index) =>
          [
            "GET / HTTP/1.1",
            "Host: localhost",
            ...(authorization === undefined ? [] : [`Authorization: ${authorization}`]),
            ...(index === requests.length - 1 ? ["Connection: close"] : []),
            "\r\n",
          ].join("\r\n"),
        )
        .join(""),
    );
    let received = "";
    socket.on("data", (chunk: Buffer) => (received += chunk.toString("latin1")));
    while (finds.size < 3) await new Promise(setImmediate);
    for (const find of [...finds.values()].reverse()) {
      find();
      await new Promise(setImmediate);
    }
    await once(socket, "end");

    const answers = received
      .split("HTTP/1.1 ")
      .slice(1)
      .map((answer) => [answer.slice(0, 3), answer.slice(answer.indexOf("\r\n\r\n") + 4)]);
    expect(answers).toEqual([
      ["200", "ann"],
      ["401", '{"detail":"Unauthorized"}'],
      ["200", "ben"],
      ["401", expect.stringContaining("invalid_token")],
      ["200", "cem"],
    ]);
  });

  test("a client that goes away while its user is being found disturbs nobody", async () => {
    const { auth, finds } = strategyOnDemand();
    const { url } = await serveUserOf(auth);
    const abort = new AbortController();
    const gone = fetch(url, { headers: { Authorization: bearer("ann") }, signal: abort.signal });
    while (finds.size < 1) await new Promise(setImmediate);
    abort.abort();
    await expect(gone).rejects.toThrow("aborted");
    const other = fetch(url, { headers: { Authorization: bearer("ben") } });
    while (finds.size < 2) await new Promise(setImmediate);
    for (const find of finds.values()) find();
    expect(await (await other).text()).toBe("ben");
  });
});
