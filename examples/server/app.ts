// Creates the app: security headers, logs, probes, pages, logins, guarded routes, errors.
import express, { type Express } from "express";
import type { Logger } from "pino";
import { loginRouter } from "../login-router.ts";
import type { Strategies } from "./auth/strategies.ts";
import type { Config } from "./config.ts";
import { answerErrors, answerNotFound } from "./errors.ts";
import { logRequests } from "./operations/log.ts";
import type { Metrics } from "./operations/metrics.ts";
import type { Lifecycle } from "./operations/shutdown.ts";
import { docsRouter } from "./routes/docs.ts";
import { describeServer } from "./routes/openapi.ts";
import { secureHeaders, servePages } from "./routes/pages.ts";
import { resourceRouter } from "./routes/resources.ts";
import { sessionRouter } from "./routes/session.ts";
import type { NewUser } from "./users/user-store.ts";
import type { Router } from "express";

export interface AppParts {
  readonly config: Config;
  readonly strategies: Strategies;
  /** Whether there are public keys to publish. */
  readonly publishesKeys: boolean;
  /** The users that the page offers for login. */
  readonly demoUsers: readonly NewUser[];
  readonly probes: Router;
  readonly lifecycle: Lifecycle;
  readonly metrics: Metrics;
  readonly log: Logger;
}

export function createApp(parts: AppParts): Express {
  const { config, strategies, publishesKeys, demoUsers, probes, lifecycle, metrics, log } = parts;
  const { bearer, cookie, either, describable } = strategies;

  const app = express();
  app.set("trust proxy", config.PROXY_HOPS);
  app.use(lifecycle.trackResponses);
  app.use(probes); // before the log, because probes are requested every few seconds
  app.use(logRequests(log));
  app.use(secureHeaders());

  app.use("/auth", loginRouter(bearer));
  app.use("/session", sessionRouter(cookie, config.TOKEN_LIFETIME_SECONDS));
  app.use(resourceRouter(either));
  if (publishesKeys) app.get("/.well-known/jwks.json", bearer.jwks);

  app.get("/demo-users", (_req, res) => {
    res.json(demoUsers.map(({ email, password }) => ({ email, password })));
  });
  app.use(docsRouter(() => describeServer(describable())));
  app.use(servePages());

  app.use(answerNotFound());
  app.use(answerErrors(log, metrics));
  return app;
}
