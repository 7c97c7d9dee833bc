// /healthz: the process runs. /readyz: it can serve requests. /metrics: its counters. None of these is for the
// public: do not expose them through the load balancer.
import { Router } from "express";
import type { Metrics } from "./metrics.ts";
import type { Lifecycle } from "./shutdown.ts";

export interface ProbeParts {
  readonly lifecycle: Lifecycle;
  readonly metrics: Metrics;
  /** Rejects if the database cannot be reached. */
  readonly checkDatabase: () => Promise<unknown>;
  /** Without Redis, logins are refused, but the process stays ready for users who are logged in. */
  readonly isRedisReady: () => boolean | undefined;
}

export function createProbes(parts: ProbeParts): Router {
  const { lifecycle, metrics, checkDatabase, isRedisReady } = parts;
  const router = Router();

  router.get("/healthz", (_req, res) => {
    res.json({ status: "ok" });
  });

  router.get("/readyz", async (_req, res) => {
    const database = await checkDatabase().then(
      () => "ok",
      () => "away",
    );
    const redis = { true: "ok", false: "away", undefined: "unused" }[`${isRedisReady()}`];
    const isReady = database === "ok" && !lifecycle.isStopping;
    const status = lifecycle.isStopping ? "stopping" : isReady ? "ready" : "not ready";
    res.status(isReady ? 200 : 503).json({ status, database, redis });
  });

  router.get("/metrics", async (_req, res) => {
    const { registry } = metrics;
    res.type(registry.contentType).send(await registry.metrics());
  });

  return router;
}
