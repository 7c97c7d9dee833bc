import { execFile } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer, type AddressInfo, type Server } from "node:net";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { freePort } from "../support/run-example.ts";

let server: Server;
let port: string;
beforeAll(async () => {
  server = createServer().listen(0);
  await once(server, "listening");
  port = String((server.address() as AddressInfo).port);
});
afterAll(() => {
  server.close();
});

const JWT_SECRET = "s".repeat(64);

/** Runs an example that is expected to exit. */
async function run(
  name: string,
  env: Record<string, string>,
): Promise<{ code: number; stderr: string }> {
  try {
    await promisify(execFile)(process.execPath, ["--import", "tsx", `examples/${name}.ts`], {
      env: { ...process.env, JWT_SECRET, ...env },
    });
    return { code: 0, stderr: "" };
  } catch (error) {
    return error as { code: number; stderr: string };
  }
}

const EXAMPLES = readdirSync("examples").filter((name) => name.endsWith(".ts"));

describe("an example whose port is in use", () => {
  test.each(EXAMPLES.filter((name) => !["bearer.ts", "listen.ts"].includes(name)))(
    "listens only with listen.ts: %s",
    (name) => {
      expect(readFileSync(`examples/${name}`, "utf8")).not.toMatch(/\.listen\(/);
    },
  );

  test.each(["scopes", "server/main"])(
    "prints an error that names PORT and exits with 1: %s",
    async (name) => {
      expect(await run(name, { PORT: port })).toMatchObject({
        code: 1,
        stderr: `Port ${port} is already in use: stop the program that uses it, or set PORT to another port.\n`,
      });
    },
  );

  test("names the variable of its second port", async () => {
    const ports = { PORT: String(await freePort()), REPORTS_PORT: port };
    expect(await run("rs256", ports)).toMatchObject({
      code: 1,
      stderr: `Port ${port} is already in use: stop the program that uses it, or set REPORTS_PORT to another port.\n`,
    });
  });

  test("prints an error that names PORT and exits with 1: bearer.ts, in plain Express", async () => {
    const { code, stderr } = await run("bearer", { PORT: port });
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining("Error: PORT cannot be used: set another one"),
    ]);
  });

  test("prints another error if PORT is not a port", async () => {
    expect(await run("scopes", { PORT: "/tmp/pipe" })).toMatchObject({
      code: 1,
      stderr: "PORT must be a port, a number from 0 to 65535.\n",
    });
  });
});
