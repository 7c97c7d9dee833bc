import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, describe, expect, test } from "@jest/globals";
import type { JwtStrategy } from "express-jwt-strategy";
import express from "express";
import { serve, type RunningServer } from "../support/server.ts";
import { bearer, shuffle, strategyOnDemand, type User } from "../support/users-on-demand.ts";

describe("with one server", () => {
  let server: RunningServer | undefined;

  afterEach(() => server?.close());

  async function serveUserOf(auth: JwtStrategy<User>): Promise<RunningServer> {
    const app = express();
    app.get("/", auth.authenticate(), (req, res) => res.send(auth.currentUser(req).id));
    return (server = await serve(app));
  }

  test("each of 500 requests gets its own user if users load in another order", async () => {
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

  test("each pipelined request of one connection gets its own user, in order", async () => {
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

  test("a client that disconnects while its user is loaded does not affect other requests", async () => {
    const { auth, finds } = strategyOnDemand();
    const { url } = await serveUserOf(auth);
    const abort = new AbortController();
    const disconnected = fetch(url, {
      headers: { Authorization: bearer("ann") },
      signal: abort.signal,
    });
    while (finds.size < 1) await new Promise(setImmediate);
    abort.abort();
    await expect(disconnected).rejects.toThrow("aborted");
    const other = fetch(url, { headers: { Authorization: bearer("ben") } });
    while (finds.size < 2) await new Promise(setImmediate);
    for (const find of finds.values()) find();
    expect(await (await other).text()).toBe("ben");
  });
});
