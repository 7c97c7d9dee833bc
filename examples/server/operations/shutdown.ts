// SIGTERM and SIGINT: say "not ready", finish what runs, close connections, exit.
import type { Server } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { RequestHandler } from "express";
import type { Logger } from "pino";

export interface Lifecycle {
  isStopping: boolean;
}

/** Requests that take longer are cut off. */
const GRACE_MS = 10_000;

/** Ends keep-alive connections with their last response while the server stops. */
export function closeWhenStopping(lifecycle: Lifecycle): RequestHandler {
  return function closeConnection(_req, res, next) {
    if (lifecycle.isStopping) res.set("Connection", "close");
    next();
  };
}

export interface ShutdownParts {
  readonly server: Server;
  readonly lifecycle: Lifecycle;
  /** How long to say "not ready" before connections are refused. */
  readonly delaySeconds: number;
  /** Closes what the requests needed: databases, watchers. */
  readonly release: () => Promise<unknown>;
  readonly log: Logger;
}

export function stopOnSignals(parts: ShutdownParts): void {
  const { server, lifecycle, delaySeconds, release, log } = parts;

  async function stop(signal: string): Promise<void> {
    if (lifecycle.isStopping) return;
    lifecycle.isStopping = true;
    log.info({ signal }, "stopping");
    await delay(delaySeconds * 1_000);
    const cutOff = setTimeout(() => server.closeAllConnections(), GRACE_MS);
    await new Promise((resolve) => server.close(resolve)); // closes idle connections, too
    clearTimeout(cutOff);
    await release();
    log.info("stopped");
  }

  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => void stop(signal));
  }
}
