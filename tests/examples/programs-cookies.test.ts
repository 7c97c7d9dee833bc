import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import request, { type Response } from "supertest";
import { WebSocket } from "ws";
import { expectRefusal } from "../support/expect-refusal.ts";
import { freePort, runExample, stopExamples } from "../support/run-example.ts";
import { sendLines, type RawResponse } from "../support/server.ts";

const ADA = { username: "ada@example.com", password: "analytical-engine" };
const GRACE = { username: "grace@example.com", password: "nanosecond-wire" };

afterAll(stopExamples);

/** Logs in, and returns the cookie in the form of a Cookie header. */
async function cookieOf(url: string): Promise<string> {
  const login = await request(url).post("/login").type("form").send(ADA).expect(204);
  return login.get("Set-Cookie")?.[0]?.split(";", 1)[0] ?? "";
}

describe("examples/cookie.ts", () => {
  let url: string;

  beforeAll(async () => {
    ({ url } = await runExample("cookie", { PORT: await freePort() }));
  });

  test("serves a page that other sites cannot embed in a frame", async () => {
    const page = await request(url)
      .get("/")
      .expect(200)
      .expect("Content-Type", /^text\/html/);
    expect(page.text).toContain('<form id="login"');
    expect(page.headers["content-security-policy"]).toBe("frame-ancestors 'none'");
  });

  test("logs in, shows the profile and logs out with a cookie only", async () => {
    const cookie = await cookieOf(url);
    expect(cookie).toMatch(/^__Host-session=[\w-]+\.[\w-]+\.[\w-]+$/);

    const me = await request(url).get("/me").set("Cookie", cookie).expect(200);
    expect(me.body).toEqual({ email: "ada@example.com" });
    const logout = await request(url).post("/logout").set("Cookie", cookie).expect(204);
    expect(logout.get("Set-Cookie")).toEqual([
      "__Host-session=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=lax",
    ]);
    await expectRefusal(request(url).get("/me"), 401);
  });

  test.each(["/login", "/logout"])("refuses a POST to %s from another site", async (path) => {
    const cookie = await cookieOf(url);
    await request(url)
      .post(path)
      .set({ Cookie: cookie, "Sec-Fetch-Site": "cross-site" })
      .send(ADA)
      .expect(403)
      .expect("Cache-Control", "no-store");
  });
});

describe("examples/access-and-refresh.ts", () => {
  test("returns access tokens for the cookie until the user logs out", async () => {
    const { url } = await runExample("access-and-refresh", { PORT: await freePort() });
    const login = await request(url).post("/auth/login").send(ADA).expect(204);
    const [setCookie = ""] = login.get("Set-Cookie") ?? [];
    expect(setCookie).toMatch(
      /^__Host-refresh=[^;]+; Max-Age=604800; Path=\/; Secure; HttpOnly; SameSite=strict$/,
    );
    const [cookie = ""] = setCookie.split(";", 1);

    const response = await request(url).post("/auth/token").set("Cookie", cookie).expect(200);
    expect(response.body).toEqual({
      access_token: expect.any(String),
      token_type: "bearer",
      expires_in: 300,
    });
    const { access_token: token } = response.body as { access_token: string };
    const me = await request(url).get("/me").auth(token, { type: "bearer" }).expect(200);
    expect(me.body).toEqual({ id: expect.any(String), email: "ada@example.com" });

    const logout = await request(url).post("/auth/logout").set("Cookie", cookie).expect(204);
    expect(logout.get("Set-Cookie")).toEqual([
      "__Host-refresh=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=strict",
    ]);
    await expectRefusal(request(url).post("/auth/token"), 401);
  });
});

describe("examples/websocket.ts", () => {
  let port: number;
  let cookie: string;

  beforeAll(async () => {
    port = await freePort();
    const { url } = await runExample("websocket", { PORT: port });
    cookie = await cookieOf(url);
  });

  /** Sends an upgrade request, and reads until the server closes the connection. */
  function upgrade(...lines: readonly string[]): Promise<RawResponse> {
    return sendLines(port, [
      "GET / HTTP/1.1",
      `Host: localhost:${port}`,
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", // of RFC 6455 section 1.3
      ...lines,
    ]);
  }

  test("identifies the user of a WebSocket, and echoes", async () => {
    const socket = new WebSocket(`ws://localhost:${port}`, {
      headers: { Cookie: cookie, Origin: `http://localhost:${port}` },
    });
    const receive = async (): Promise<string> => String((await once(socket, "message"))[0]);

    expect(JSON.parse(await receive())).toEqual({
      id: expect.any(String),
      email: "ada@example.com",
    });
    socket.send("hello");
    expect(await receive()).toBe("hello");
    socket.close();
    await once(socket, "close");
  });

  test.each([
    ["no cookie", "X-Nothing: 1", undefined],
    ["an invalid cookie", "Cookie: fastapiusersauth=x", "invalid_token"],
  ] as const)("refuses an upgrade with %s, and closes the socket", async (_case, line, code) => {
    const { status, headers, body } = await upgrade(line);
    const joined = Object.fromEntries([...headers].map(([name, values]) => [name, values.join()]));
    const response = { status, headers: joined, text: body } as unknown as Response;
    await expectRefusal(Promise.resolve(response), 401, code);
  });

  test("refuses an upgrade with the user's cookie from another site", async () => {
    const response = await upgrade(`Cookie: ${cookie}`, "Origin: https://evil.example");
    expect(response).toMatchObject({
      status: 403,
      body: expect.stringContaining('"error":"cross_site_request"'),
    });
    expect(response.headers.get("cache-control")).toEqual(["no-store"]);
    expect(response.headers.get("www-authenticate")).toBeUndefined();
  });
});

describe("examples/custom-transport.ts", () => {
  test("reads the token only from its own header", async () => {
    const { url } = await runExample("custom-transport", { PORT: await freePort() });
    const login = await request(url).post("/login").send(ADA).expect(200, { expiresIn: 3600 });
    const token = String(login.headers["x-api-token"]);
    const me = (): request.Test => request(url).get("/me");

    await me().set("X-Api-Token", token).expect(200, { email: "ada@example.com" });
    await request(url).post("/logout").set("X-Api-Token", token).expect(204, "");
    await expectRefusal(me(), 401);
    await expectRefusal(me().auth(token, { type: "bearer" }), 401);
    await expectRefusal(me().set("X-Api-Token", "x"), 401, "invalid_token");
    await expectRefusal(me().set("X-Api-Token", `${token}, ${token}`), 401, "invalid_token");
  });
});

describe("examples/scopes.ts", () => {
  let url: string;

  beforeAll(async () => {
    ({ url } = await runExample("scopes", { PORT: await freePort() }));
  });

  async function logIn(
    credentials: typeof ADA,
  ): Promise<(method: "get" | "delete", path: string) => request.Test> {
    const login = await request(url).post("/login").send(credentials).expect(200);
    const { access_token: token } = login.body as { access_token: string };
    return (method, path) => request(url)[method](path).auth(token, { type: "bearer" });
  }

  test("allows reading with notes:read", async () => {
    const send = await logIn(ADA);
    const response = await send("get", "/notes").expect(200);
    expect(response.body).toHaveLength(2);
  });

  test("names the missing scope if a user has no notes:write", async () => {
    const send = await logIn(ADA);
    const response = await send("delete", "/notes/1").expect(403);
    expect(response.body).toMatchObject({ error: "insufficient_scope" });
    expect(response.headers).toMatchObject({
      "www-authenticate": expect.stringMatching(/, scope="notes:write"$/),
      "cache-control": "no-store",
    });
  });

  test("lets a writer delete only their own notes", async () => {
    const send = await logIn(GRACE);
    await expectRefusal(send("delete", "/notes/1"), 403, "insufficient_scope");
    await expectRefusal(send("delete", "/notes/9"), 403, "insufficient_scope");
    const response = await send("delete", "/notes/2").expect(200);
    expect(response.body).toEqual({ deleted: "2", by: expect.any(String) });
  });
});
