// Four servers of the demo behind nginx, one PostgreSQL, one Redis, and another service that verifies tokens.
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase } from "../server/users/database.ts";
import { createUserStore } from "../server/users/user-store.ts";
import { createClient } from "./client.ts";
import { generateKey, writeKeys, type SigningKey } from "./keys-file.ts";
import { configureNginx, readAccessLog, type AccessLog } from "./nginx.ts";
import {
  findPort,
  startNode,
  startProcess,
  stopProcesses,
  waitUntil,
  type RunningProcess,
} from "./processes.ts";
import { NGINX, POSTGRES_URL, REDIS_URL, runStatement } from "./requirements.ts";

const SIZE = 4;

/** Login attempts for one account in 15 minutes. */
export const ATTEMPTS_PER_ACCOUNT = 5;

export interface Fleet {
  /** The port of nginx. */
  readonly port: number;
  /** The port of each server process. */
  readonly serverPorts: readonly number[];
  /** The port of the other service. */
  readonly ordersPort: number;
  readonly user: { readonly username: string; readonly password: string };
  readonly firstKey: SigningKey;
  writeKeys(...keys: readonly SigningKey[]): void;
  /** Stops a server process. */
  stopServer(index: number, signal: NodeJS.Signals): Promise<void>;
  /** Starts it again, and waits until it is ready. */
  startServer(index: number): Promise<void>;
  /** Returns a function that reads the access log of nginx since this call. */
  watchNginx(): () => AccessLog;
  /** Stops all processes, and removes all files and databases. */
  end(): Promise<void>;
}

export async function startFleet(): Promise<Fleet> {
  const folder = mkdtempSync(join(tmpdir(), "fleet-"));
  const keysFile = join(folder, "keys.json");
  const firstKey = generateKey();
  writeKeys(keysFile, firstKey);

  const databaseName = `fleet_${randomBytes(6).toString("hex")}`;
  await runStatement(`create database ${databaseName}`);
  const databaseUrl = new URL(POSTGRES_URL);
  databaseUrl.pathname = databaseName;

  async function end(): Promise<void> {
    await stopProcesses();
    await runStatement(`drop database ${databaseName} with (force)`);
    rmSync(folder, { recursive: true });
  }

  try {
    const user = { username: "ada@example.com", password: randomBytes(12).toString("hex") };
    await addUser(databaseUrl.href, user);

    const [port, ordersPort, ...serverPorts] = await findPorts(SIZE + 2);
    const servers = new Map<number, RunningProcess>();

    async function startServer(index: number): Promise<void> {
      const serverPort = serverPorts[index] ?? 0;
      const server = startNode(`server-${index}`, "examples/server/main.ts", folder, {
        NODE_ENV: "production",
        LOG_LEVEL: "warn",
        PORT: String(serverPort),
        PROXY_HOPS: "1",
        DATABASE_URL: databaseUrl.href,
        REDIS_URL,
        JWT_SECRET: "",
        JWT_KEYS_FILE: keysFile,
        LOGIN_ATTEMPTS_PER_ACCOUNT: String(ATTEMPTS_PER_ACCOUNT),
      });
      servers.set(index, server);
      await waitFor(serverPort, "/readyz", (body) => body.includes('"redis":"ok"'));
    }

    await Promise.all(serverPorts.map((_port, index) => startServer(index)));
    const args = configureNginx({ folder, port, upstreamPorts: serverPorts });
    startProcess("nginx", [NGINX, ...args], folder);
    await waitFor(port, "/.well-known/jwks.json");
    startNode("orders", "examples/fleet/orders.ts", folder, {
      ORDERS_PORT: String(ordersPort),
      JWKS_URL: `http://127.0.0.1:${port}/.well-known/jwks.json`,
    });
    await waitFor(ordersPort, "/orders", undefined, 401);

    return {
      port,
      serverPorts,
      ordersPort,
      user,
      firstKey,
      writeKeys: (...keys) => writeKeys(keysFile, ...keys),
      startServer,
      stopServer: async (index, signal) => servers.get(index)?.stop(signal),
      watchNginx() {
        const { lines } = readAccessLog(folder, 0);
        return () => readAccessLog(folder, lines);
      },
      end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Also migrates the database before the servers start. */
async function addUser(url: string, user: Fleet["user"]): Promise<void> {
  const database = await openDatabase(url);
  await createUserStore(database).add({ email: user.username, password: user.password });
  await database.destroy();
}

async function findPorts(count: number): Promise<[number, number, ...number[]]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await findPort());
  return [...ports] as [number, number, ...number[]];
}

async function waitFor(
  port: number,
  path: string,
  isReady: (body: string) => boolean = () => true,
  status: number = 200,
): Promise<void> {
  const client = createClient(port);
  await waitUntil(async () => {
    const answer = await client.send("GET", path);
    return answer?.status === status && isReady(answer.body);
  });
  client.close();
}
