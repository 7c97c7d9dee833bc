import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { Agent, request as httpRequest, type IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { Validator } from "@seriousme/openapi-schema-validator";
import request from "supertest";
import { expectRefusal } from "../support/expect-refusal.ts";
import { freePort, runExample, stopExamples, type RunningExample } from "../support/run-example.ts";

const ADA = { username: "ada@example.com", password: "analytical-engine" };
const GRACE = { username: "grace@example.com", password: "nanosecond-wire" };

async function start(env: Record<string, string> = {}): Promise<RunningExample> {
  const example = await runExample("server/main", { PORT: await freePort() }, env);
  await example.printed('"listening"');
  return example;
}

/** Addresses for X-Forwarded-For, so that tests do not throttle each other. The demo trusts one proxy. */
function randomAddress(): string {
  return `10.${[...randomBytes(3)].join(".")}`;
}

describe("the demo", () => {
  let demo: RunningExample;
  beforeAll(async () => {
    demo = await start({ PROXY_HOPS: "1", LOGIN_ATTEMPTS_PER_ADDRESS: "4", LOG_LEVEL: "debug" });
  });
  afterAll(stopExamples);

  function login(
    credentials: object,
    address = randomAddress(),
    path = "/auth/login",
  ): request.Test {
    return request(demo.url).post(path).set("X-Forwarded-For", address).send(credentials);
  }
  async function tokenOf(credentials: object): Promise<string> {
    const response = await login(credentials).expect(200);
    return (response.body as { access_token: string }).access_token;
  }
  const get = (path: string, token: string): request.Test =>
    request(demo.url).get(path).auth(token, { type: "bearer" });

  test("logs in, shows the user, renews and logs out with a token in a header", async () => {
    const token = await tokenOf({ ...ADA, username: "ADA@example.com" });
    const me = { id: expect.any(String), email: ADA.username };
    expect((await get("/me", token).expect(200)).body).toEqual(me);
    expect((await get("/auth/me", token).expect(200)).body).toEqual(me);
    const bearer = { type: "bearer" } as const;
    const renewed = await request(demo.url).post("/auth/refresh").auth(token, bearer).expect(200);
    expect(renewed.body).toMatchObject({ token_type: "bearer", expires_in: 900 });
    await request(demo.url).post("/auth/logout").auth(token, bearer).expect(204);
  });

  test("logs in and shows the session with a token in a cookie", async () => {
    const response = await login(ADA, undefined, "/session/login").expect(204);
    const [cookie = ""] = response.get("Set-Cookie") ?? [];
    expect(cookie).toMatch(
      /^__Host-session=\S+; Max-Age=900; Path=\/; Secure; HttpOnly; SameSite=strict$/,
    );
    const session = await request(demo.url).get("/session").set("Cookie", cookie).expect(200);
    expect(session.body).toEqual({
      user: {
        id: expect.any(String),
        email: ADA.username,
        isActive: true,
        isVerified: true,
        isSuperuser: false,
      },
      claims: expect.objectContaining({ scope: "notes:read" }),
      lifetimeSeconds: 900,
      expiresInSeconds: expect.any(Number),
    });
    expect(session.headers["cache-control"]).toBe("no-store");
    await request(demo.url).get("/me").set("Cookie", cookie).expect(200);
  });

  test("reports to an anonymous client that no user is logged in", async () => {
    await request(demo.url).get("/session").expect(200, { user: null });
    await request(demo.url)
      .get("/session")
      .set("Cookie", "__Host-session=x")
      .expect(200, { user: null });
  });

  test("accepts authorized users on each route, and refuses all others in the same format", async () => {
    const [ada, grace] = [await tokenOf(ADA), await tokenOf(GRACE)];
    await get("/admin", grace).expect(200);
    await expectRefusal(get("/admin", ada), 403, "insufficient_scope");
    await get("/notes", ada).expect(200);
    const bearer = { type: "bearer" } as const;
    const refused = await request(demo.url).post("/notes").auth(ada, bearer).expect(403);
    expect(refused.headers["www-authenticate"]).toContain('scope="notes:write"');
    await request(demo.url).post("/notes").auth(grace, bearer).expect(201);
    await expectRefusal(get("/me", "x"), 401, "invalid_token");
  });

  test("answers 429 with Retry-After, in the format of the other errors, after too many attempts", async () => {
    const address = randomAddress();
    for (let count = 0; count < 4; count += 1) {
      const credentials = { username: `nobody${String(count)}@example.com`, password: "wrong" };
      await login(credentials, address).expect(400);
    }
    const refused = await login(ADA, address).expect(429);
    expect(refused.body).toEqual({
      detail: "Too Many Requests",
      error: "too_many_attempts",
      error_description: "There were too many login attempts: try again later",
    });
    expect(refused.headers).toMatchObject({
      "retry-after": expect.stringMatching(/^(900|8\d\d)$/),
      "cache-control": "no-store",
    });
    await login(ADA, address, "/session/login").expect(429); // logins of both kinds are counted together
    await login(ADA).expect(200);
  });

  test("answers unknown and malformed paths in the same format", async () => {
    await request(demo.url).get("/nowhere").expect(404, { detail: "Not Found" });
    await request(demo.url).get("/%zz").expect(404, { detail: "Not Found" });
    await request(demo.url).get("/.well-known/jwks.json").expect(404, { detail: "Not Found" });
  });

  test("is alive and ready", async () => {
    await request(demo.url).get("/healthz").expect(200, { status: "ok" });
    await request(demo.url)
      .get("/readyz")
      .expect(200, { status: "ready", database: "ok", redis: "unused" });
  });

  test.each(["/", "/docs", "/me"])("sends strict security headers with %s", async (path) => {
    const { headers } = await request(demo.url).get(path);
    expect(headers).toMatchObject({
      "content-security-policy":
        "default-src 'none';script-src 'self';style-src 'self';img-src 'self' data:;connect-src 'self';form-action 'self';frame-ancestors 'none';base-uri 'none'",
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
    });
    expect(headers).not.toHaveProperty("x-powered-by");
  });

  test("serves only the files of Swagger UI that the page requires", async () => {
    await request(demo.url).get("/docs/swagger-ui.css").expect(200);
    await request(demo.url).get("/docs/swagger-ui-bundle.js").expect(200);
    await request(demo.url).get("/docs/package.json").expect(404);
  });

  test("describes itself in a valid OpenAPI document", async () => {
    const response = await request(demo.url).get("/openapi.json").expect(200);
    const document = response.body as { paths: Record<string, unknown> };
    expect(Object.keys(document.paths)).toEqual([
      "/auth/login",
      "/auth/logout",
      "/auth/refresh",
      "/me",
      "/admin",
      "/notes",
    ]);
    expect(await new Validator().validate({ ...structuredClone(document) })).toEqual({
      valid: true,
    });
  });

  test("counts outcomes by reason, without users", async () => {
    await get("/me", "x");
    await request(demo.url).get("/me");
    await login({ ...ADA, password: "wrong" }).expect(400);
    await tokenOf(GRACE);
    const { text } = await request(demo.url)
      .get("/metrics")
      .expect("Content-Type", /^text\/plain/);
    for (const line of [
      'auth_requests_total{outcome="refused",reason="malformed"}',
      'auth_requests_total{outcome="refused",reason="credentials_missing"}',
      'auth_logins_total{outcome="refused",reason="credentials_invalid"}',
      'auth_logins_total{outcome="accepted",reason="none"}',
      'auth_logins_throttled_total{limit="address"}',
      "nodejs_eventloop_lag_seconds",
    ]) {
      expect(text).toContain(line);
    }
    expect(text).not.toContain("example.com");
  });

  test("logs requests and refusals, but no token, cookie or password", async () => {
    const token = await tokenOf(GRACE);
    await get("/admin?secret=of-the-query", token).expect(200);
    await request(demo.url).get("/admin").set("Cookie", `__Host-session=${token}`).expect(200);
    const output = await demo.printed('"path":"/admin"');
    const lines = output
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toContainEqual(
      expect.objectContaining({ msg: "login", outcome: "accepted", userId: expect.any(String) }),
    );
    expect(lines).toContainEqual(
      expect.objectContaining({ msg: "authenticate", outcome: "refused", reason: "malformed" }),
    );
    const log = lines.map((line) => JSON.stringify(line)).join("\n");
    for (const secret of [token, GRACE.password, "of-the-query", "__Host-session"]) {
      expect(log).not.toContain(secret);
    }
  });

  test("prints working curl commands", async () => {
    const output = await demo.printed("Ctrl+C");
    const commands = output.match(/^ {2}(?:TOKEN=|curl ).*$/gm) ?? [];
    const script = commands.join("\n").replaceAll("curl -i", "curl -s -i");
    const { stdout } = await promisify(execFile)("bash", ["-euc", script]);
    const statuses = [...stdout.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status));
    expect(statuses).toEqual([200, 200, 401, 403, 200, 204, 200]);
    expect(output).toContain("a random secret was made");
  });
});

describe("the demo with other settings", () => {
  afterEach(stopExamples);

  test("finishes a running request after SIGTERM, and exits with 0", async () => {
    const demo = await start();
    const body = JSON.stringify(ADA);
    const login = httpRequest(`${demo.url}/auth/login`, {
      method: "POST",
      agent: new Agent({ keepAlive: true }),
      headers: {
        "Content-Type": "application/json",
        "Content-Length": Buffer.byteLength(body),
        Expect: "100-continue", // the server says when it has begun
      },
    });
    const answered = once(login, "response");
    login.flushHeaders();
    await once(login, "continue");

    const stopped = demo.stop("SIGTERM");
    await demo.printed('"stopping"');
    login.end(body);
    const [response] = (await answered) as [IncomingMessage];
    expect([response.statusCode, response.headers.connection]).toEqual([200, "close"]);
    response.resume();
    expect(await stopped).toBe(0);
    expect(await demo.printed('"stopped"')).toContain('"signal":"SIGTERM"');
  });

  test("reports that it is not ready before it stops", async () => {
    const demo = await start({ SHUTDOWN_DELAY_SECONDS: "2" });
    const stopped = demo.stop("SIGINT");
    await demo.printed('"stopping"');
    const response = await request(demo.url).get("/readyz").expect(503);
    expect(response.body).toEqual({ status: "stopping", database: "ok", redis: "unused" });
    expect(response.headers.connection).toBe("close");
    await request(demo.url).get("/me").expect(401);
    expect(await stopped).toBe(0);
  });

  test("has no demo users in production, and prints no secrets", async () => {
    const secret = randomBytes(48).toString("base64");
    const demo = await start({ NODE_ENV: "production", JWT_SECRET: secret });
    await request(demo.url).post("/auth/login").send(ADA).expect(400);
    await request(demo.url).get("/demo-users").expect(200, []);
    const output = await demo.printed('"listening"');
    expect(output).not.toContain("Paste");
    expect(output).not.toContain(secret);
  });

  test("refuses logins while Redis is unavailable, and serves users who are logged in", async () => {
    const demo = await start({ REDIS_URL: "redis://127.0.0.1:1", JWT_SECRET: "s".repeat(40) });
    const response = await request(demo.url).post("/auth/login").send(ADA).expect(503);
    expect(response.body).toEqual({
      detail: "Service Unavailable",
      error: "temporarily_unavailable",
      error_description: "Nobody can log in at the moment: try again later",
    });
    expect(response.headers).toMatchObject({ "retry-after": "5", "cache-control": "no-store" });
    await expectRefusal(request(demo.url).get("/me"), 401);
    await request(demo.url)
      .get("/readyz")
      .expect(200, { status: "ready", database: "ok", redis: "away" });
  });

  test("exits with 1 and an error message if the database cannot be opened", async () => {
    const starting = start({ DATABASE_URL: "postgres://postgres:hunter2@127.0.0.1:1/x" });
    await expect(starting).rejects.toThrow("The database cannot be opened");
    await expect(starting).rejects.not.toThrow("hunter2");
  });
});
