// The demo: npm start
import { createServer } from "node:http";
import { sql } from "kysely";
import { listen } from "../listen.ts";
import { createApp } from "./app.ts";
import { openKeys } from "./auth/keys.ts";
import { createLoginThrottle } from "./auth/login-throttle.ts";
import { connectRedis } from "./auth/redis.ts";
import { createStrategies } from "./auth/strategies.ts";
import { readConfig } from "./config.ts";
import { createLog, logAuthEvents } from "./operations/log.ts";
import { createMetrics } from "./operations/metrics.ts";
import { createProbes } from "./operations/probes.ts";
import { createLifecycle, stopOnSignals } from "./operations/shutdown.ts";
import { describeStart } from "./start-message.ts";
import { openDatabase } from "./users/database.ts";
import { addDemoUsers } from "./users/demo-users.ts";
import { createUserStore } from "./users/user-store.ts";

async function start(): Promise<void> {
  const config = readConfig(process.env);
  const isProduction = config.NODE_ENV === "production";
  const keys = openKeys(config);
  const log = createLog(config.LOG_LEVEL);
  const metrics = createMetrics();
  const lifecycle = createLifecycle();
  logAuthEvents(log);

  const database = await openDatabase(config.DATABASE_URL);
  const users = createUserStore(database);
  const demoUsers = isProduction ? [] : await addDemoUsers(users);

  const redis = config.REDIS_URL === undefined ? undefined : connectRedis(config.REDIS_URL, log);
  const throttle = createLoginThrottle(
    {
      perAddress: config.LOGIN_ATTEMPTS_PER_ADDRESS,
      perAccount: config.LOGIN_ATTEMPTS_PER_ACCOUNT,
    },
    redis,
  );

  const strategies = createStrategies({
    users,
    throttle,
    keys,
    lifetimeSeconds: config.TOKEN_LIFETIME_SECONDS,
    log,
  });
  const probes = createProbes({
    lifecycle,
    metrics,
    checkDatabase: () => sql`select 1`.execute(database),
    isRedisReady: () => redis?.isReady,
  });
  const app = createApp({
    config,
    strategies,
    publishesKeys: keys.origin === "JWT_KEYS_FILE",
    demoUsers,
    probes,
    lifecycle,
    metrics,
    log,
  });

  const server = createServer(app);
  stopOnSignals({
    server,
    lifecycle,
    delaySeconds: config.SHUTDOWN_DELAY_SECONDS,
    log,
    async release() {
      keys.stop();
      redis?.destroy();
      await database.destroy();
    },
  });
  listen(server, {
    onListening() {
      if (!isProduction) console.log(describeStart({ server, keys, demoUsers }));
      log.info("listening");
    },
  });
}

start().catch((error: unknown) => {
  // A configuration mistake: the stack trace would not help.
  console.error(error instanceof Error ? error.message : "The server cannot start.");
  process.exit(1);
});
