import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { connect, createServer, type Http2Server, type OutgoingHttpHeaders } from "node:http2";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import express, { type Request } from "express";
import { cookieTransport, createJwtStrategy } from "express-jwt-strategy";
import request from "supertest";
import { forge } from "../../support/forge.ts";
import { hmacSecret, signingKey } from "../../support/keys.ts";

const COOKIE = `fastapiusersauth=${forge("HS256", signingKey("HS256"))}`;
const REFUSAL = {
  detail: "Forbidden",
  error: "cross_site_request",
  error_description: "Requests from another site are refused",
};

const auth = createJwtStrategy({
  secret: hmacSecret,
  lifetimeSeconds: 3600,
  transport: cookieTransport({ cookieSecure: false }),
  verifyCredentials: () => ({ id: "42" }),
});

describe("cross-site protection behind method-override", () => {
  const app = express()
    .use((req: Request & { originalMethod?: string }, _res, next) => {
      // The same as the method-override package.
      req.originalMethod = req.method;
      req.method = req.get("X-HTTP-Method-Override") ?? req.method;
      next();
    })
    .use(auth.authenticate(), (_req, res) => {
      res.send("in");
    });

  test.each([
    ["POST", "GET", 403],
    ["POST", "DELETE", 403],
    ["GET", "DELETE", 403],
    ["GET", "OPTIONS", 200],
  ] as const)(
    "checks both methods if %s is overridden by %s: %i",
    async (method, override, status) => {
      const send = request(app)[method === "GET" ? "get" : "post"]("/");
      await send
        .set({ Cookie: COOKIE, "X-HTTP-Method-Override": override, "Sec-Fetch-Site": "cross-site" })
        .expect(status);
    },
  );
});

describe("cross-site protection of login and logout mounted with app.get()", () => {
  const app = express().get("/login", auth.login).get("/logout", auth.logout);

  test.each(["/login", "/logout"])("treats %s as unsafe", async (path) => {
    const response = await request(app)
      .get(path)
      .set({ Cookie: COOKIE, "Sec-Fetch-Site": "cross-site" })
      .expect(403, REFUSAL)
      .expect("Cache-Control", "no-store");
    expect(response.get("Set-Cookie")).toBeUndefined();
    expect(response.headers["www-authenticate"]).toBeUndefined();
  });
});

describe("cross-site protection on an HTTP/2 server", () => {
  let server: Http2Server;
  let port: number;

  beforeAll(async () => {
    server = createServer((req, res) =>
      auth.authenticate()(
        req as unknown as IncomingMessage,
        res as unknown as ServerResponse,
        () => void res.end("in"),
      ),
    );
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    port = (server.address() as AddressInfo).port;
  });
  afterAll(() => void server.close());

  async function post(headers: OutgoingHttpHeaders): Promise<unknown> {
    const session = connect(`http://127.0.0.1:${port}`);
    const stream = session.request({ ":method": "POST", ":path": "/", cookie: COOKIE, ...headers });
    const [head] = (await once(stream, "response")) as [Record<string, unknown>];
    stream.resume();
    await once(stream, "end");
    session.close();
    return head[":status"];
  }

  test.each([
    [200, "http://site.example:3000"],
    [403, "http://site.example"],
    [403, "https://evil.example"],
    [403, "null"],
  ])("answers %i to the Origin %s, which it compares with :authority", async (status, origin) => {
    expect(await post({ ":authority": "site.example:3000", origin })).toBe(status);
  });

  test("reads Sec-Fetch-Site", async () => {
    expect(await post({ "sec-fetch-site": "same-origin" })).toBe(200);
    expect(await post({ "sec-fetch-site": "cross-site" })).toBe(403);
  });
});
