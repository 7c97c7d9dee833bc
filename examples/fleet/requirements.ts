// The requirements that the fleet does not install: nginx, PostgreSQL, Redis.
import { spawnSync } from "node:child_process";
import pg from "pg";
import { createClient } from "redis";

export const NGINX: string = process.env.NGINX ?? "nginx";
export const POSTGRES_URL: string =
  process.env.DATABASE_URL ?? "postgres://postgres@127.0.0.1:5432/postgres";
export const REDIS_URL: string = process.env.REDIS_URL ?? "redis://127.0.0.1:6379";

const TIMEOUT_MS = 3_000;

/** A sentence for each missing requirement. */
export async function listMissing(): Promise<readonly string[]> {
  const [postgres, redis] = await Promise.all([canReach(reachPostgres), canReach(reachRedis)]);
  const missing: string[] = [];
  if (spawnSync(NGINX, ["-v"]).status !== 0) {
    missing.push("nginx is not installed. On Debian: apt-get install nginx (or set NGINX)");
  }
  if (!postgres) {
    missing.push(
      `PostgreSQL cannot be reached at ${new URL(POSTGRES_URL).host}. On Debian: apt-get install postgresql (or set DATABASE_URL)`,
    );
  }
  if (!redis) {
    missing.push(
      `Redis cannot be reached at ${new URL(REDIS_URL).host}. On Debian: apt-get install redis-server (or set REDIS_URL)`,
    );
  }
  return missing;
}

async function canReach(reach: () => Promise<void>): Promise<boolean> {
  try {
    await reach();
    return true;
  } catch {
    return false;
  }
}

async function reachPostgres(): Promise<void> {
  await runStatement("select 1");
}

async function reachRedis(): Promise<void> {
  const client = createClient({
    url: REDIS_URL,
    socket: { connectTimeout: TIMEOUT_MS, reconnectStrategy: false },
  });
  client.on("error", () => undefined); // connect() rejects with it
  await client.connect();
  client.destroy();
}

/** Runs a statement outside a transaction, as `create database` requires. */
export async function runStatement(statement: string): Promise<void> {
  const client = new pg.Client({
    connectionString: POSTGRES_URL,
    connectionTimeoutMillis: TIMEOUT_MS,
  });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
