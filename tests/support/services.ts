import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { describe } from "@jest/globals";
import pg from "pg";

export const POSTGRES_URL: string =
  process.env.TEST_POSTGRES_URL ?? "postgres://postgres@127.0.0.1:5432/postgres";
export const REDIS_URL: string = process.env.TEST_REDIS_URL ?? "redis://127.0.0.1:6379";

/** Tries to connect in a child process, because Jest collects tests synchronously. */
function isReachable(url: string): boolean {
  const { hostname, port } = new URL(url);
  const script = `require("net").connect(${port}, ${JSON.stringify(hostname)})
    .on("connect", () => process.exit(0)).on("error", () => process.exit(1)).setTimeout(2000, () => process.exit(1))`;
  return spawnSync(process.execPath, ["-e", script]).status === 0;
}

/** `describe` if a service is reachable; otherwise `describe.skip` and a line on stderr. */
export function describeWith(service: string, url: string, variable: string): typeof describe.skip {
  if (isReachable(url)) return describe;
  const { host } = new URL(url);
  process.stderr.write(`Skipped: ${service} is not reachable at ${host} (set ${variable})\n`);
  return describe.skip;
}

/** Creates an empty database, and a function that drops it. */
export async function createPostgresDatabase(): Promise<{
  url: string;
  drop: () => Promise<void>;
}> {
  const name = `test_${randomBytes(6).toString("hex")}`;
  await runStatement(`create database ${name}`);
  const url = new URL(POSTGRES_URL);
  url.pathname = name;
  return { url: url.href, drop: () => runStatement(`drop database ${name} with (force)`) };
}

async function runStatement(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: POSTGRES_URL });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
