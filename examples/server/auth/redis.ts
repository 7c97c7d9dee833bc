// REDIS_URL → a client that fails at once while Redis is away, and connects again by itself.
import type { Logger } from "pino";
import { createClient } from "redis";

export type RedisClient = ReturnType<typeof createClient>;

const SOCKET_TIMEOUT_MS = 2_000;
const MAX_RECONNECT_DELAY_MS = 2_000;

export function connectRedis(url: string, log: Pick<Logger, "info" | "warn">): RedisClient {
  const client: RedisClient = createClient({
    url,
    disableOfflineQueue: true, // a login does not wait until Redis is back
    // A Redis that stops answering counts as away: a ping each second, or else the connection is closed.
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
    if (isAway) return; // once for each outage, not for each try
    isAway = true;
    log.warn({ code: error.code }, "Redis is away: nobody can log in until it is back");
  });
  client.on("ready", () => {
    isAway = false;
    log.info("Redis is ready");
  });
  client.connect().catch(() => undefined); // told to the listener, and tried again
  return client;
}
