// REDIS_URL → a client that fails immediately while Redis is unavailable, and reconnects automatically.
import type { Logger } from "pino";
import { createClient } from "redis";

export type RedisClient = ReturnType<typeof createClient>;

const SOCKET_TIMEOUT_MS = 2_000;
const MAX_RECONNECT_DELAY_MS = 2_000;

export function connectRedis(url: string, log: Pick<Logger, "info" | "warn">): RedisClient {
  const client: RedisClient = createClient({
    url,
    disableOfflineQueue: true, // a login does not wait for a reconnection
    // A ping each second: the connection is closed if Redis stops responding.
    pingInterval: 1_000,
    socket: {
      socketTimeout: SOCKET_TIMEOUT_MS,
      connectTimeout: SOCKET_TIMEOUT_MS,
      reconnectStrategy: (retries) => Math.min(100 * (retries + 1), MAX_RECONNECT_DELAY_MS),
    },
  });
  let isAway = false;
  // Without a listener for "error", an outage would end the process.
  client.on("error", (error: NodeJS.ErrnoException) => {
    if (isAway) return; // once for each outage, not for each attempt
    isAway = true;
    log.warn({ code: error.code }, "Redis is away: nobody can log in until it is back");
  });
  client.on("ready", () => {
    isAway = false;
    log.info("Redis is ready");
  });
  client.connect().catch(() => undefined); // reported to the listener, and retried
  return client;
}
