// SIGTERM and SIGINT: report "not ready", finish running requests, close connections, exit.
import type { Server } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { RequestHandler, Response } from "express";
import type { Logger } from "pino";

export interface Lifecycle {
  readonly isStopping: boolean;
  /** Tracks pending responses. After the server has stopped, each closes its connection. */
  readonly trackResponses: RequestHandler;
  stop(): void;
}

/** Requests that take longer are aborted. */
const GRACE_MS = 10_000;

export function createLifecycle(): Lifecycle {
  const pending = new Set<Response>();
  let isStopping = false;

  /** Closes the connection after the response: a kept-alive connection would keep the server running. */
  function closeAfter(res: Response): void {
    if (!res.headersSent) res.set("Connection", "close");
  }

  return {
    get isStopping() {
      return isStopping;
    },
    trackResponses(_req, res, next) {
      pending.add(res);
      res.on("close", () => pending.delete(res));
      if (isStopping) closeAfter(res);
      next();
    },
    stop() {
      isStopping = true;
      pending.forEach(closeAfter);
    },
  };
}

export interface ShutdownParts {
  readonly server: Server;
  readonly lifecycle: Lifecycle;
  /** How long to report "not ready" before connections are refused. */
  readonly delaySeconds: number;
  /** Closes resources such as databases and watchers. */
  readonly release: () => Promise<unknown>;
  readonly log: Logger;
}

export function stopOnSignals(parts: ShutdownParts): void {
  const { server, lifecycle, delaySeconds, release, log } = parts;

  async function stop(signal: string): Promise<void> {
    if (lifecycle.isStopping) return;
    lifecycle.stop();
    log.info({ signal }, "stopping");
    await delay(delaySeconds * 1_000);
    const cutOff = setTimeout(() => server.closeAllConnections(), GRACE_MS);
    await new Promise((resolve) => server.close(resolve)); // also closes idle connections
    clearTimeout(cutOff);
    await release();
    log.info("stopped");
  }

  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => void stop(signal));
  }
}
