import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { afterEach, describe, expect, test } from "@jest/globals";
import request from "supertest";
import { freePort, runExample, stopExamples, type RunningExample } from "../support/run-example.ts";

const ADA = { username: "ada@example.com", password: "analytical-engine" };

afterEach(stopExamples);

async function logIn(
  example: RunningExample,
  path: string,
  credentials = ADA,
  host?: string,
): Promise<string> {
  const login = request(example.url).post(path).type("form").send(credentials);
  const response = await (host === undefined ? login : login.set("Host", host)).expect(200);
  return (response.body as { access_token: string }).access_token;
}

describe("examples/bearer.ts", () => {
  test("logs in, returns the user, and refuses other requests", async () => {
    const example = await runExample(
      "bearer",
      { PORT: await freePort() },
      { JWT_SECRET: randomBytes(48).toString("base64") },
    );
    const token = await logIn(example, "/auth/login");

    const me = await request(example.url).get("/me").auth(token, { type: "bearer" }).expect(200);
    expect(me.body).toEqual({ id: expect.any(String), email: "ada@example.com" });

    await request(example.url).get("/me").expect(401);
    await request(example.url).post("/auth/logout").auth(token, { type: "bearer" }).expect(204);
  });

  test("exits with an error message if JWT_SECRET is not set", async () => {
    const program = promisify(execFile)(
      process.execPath,
      ["--import", "tsx", "examples/bearer.ts"],
      { env: { ...process.env, JWT_SECRET: undefined } },
    );
    await expect(program).rejects.toMatchObject({
      stderr: expect.stringContaining("TypeError: secret is required"),
    });
  });
});

describe("examples/rs256.ts", () => {
  test("verifies tokens of another service with only the public key", async () => {
    const reportsPort = await freePort();
    const example = await runExample("rs256", {
      PORT: await freePort(),
      REPORTS_PORT: reportsPort,
    });
    const token = await logIn(example, "/login");
    const reports = request(`http://localhost:${String(reportsPort)}`);

    const response = await reports.get("/reports").auth(token, { type: "bearer" }).expect(200);
    expect(response.body).toEqual({ reportsOf: expect.any(String) });

    await reports.get("/reports").expect(401);
  });
});

describe("examples/tenants.ts", () => {
  test("refuses a token of another tenant", async () => {
    const example = await runExample("tenants", { PORT: await freePort() });
    const token = await logIn(example, "/login", ADA, "acme.localhost");
    const me = (host: string): request.Test =>
      request(example.url).get("/me").set("Host", host).auth(token, { type: "bearer" });

    const response = await me("acme.localhost").expect(200);
    expect(response.body).toEqual({ email: "ada@example.com", tenant: "acme.localhost" });

    await me("globex.localhost").expect(401);
    await me("nobody.localhost").expect(401, { detail: "Unauthorized" });
  });
});
