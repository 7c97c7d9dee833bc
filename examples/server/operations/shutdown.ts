// SIGTERM and SIGINT: say "not ready", finish what runs, close connections, exit.
import type { Server } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { RequestHandler, Response } from "express";
import type { Logger } from "pino";

export interface Lifecycle {
  readonly isStopping: boolean;
  /** Knows the responses that are still to be sent: the last ones of their connections once the server stops. */
  readonly trackResponses: RequestHandler;
  stop(): void;
}

/** Requests that take longer are cut off. */
const GRACE_MS = 10_000;

export function createLifecycle(): Lifecycle {
  const pending = new Set<Response>();
  let isStopping = false;

  /** A connection that is kept alive would keep the server from stopping. */
  function sayLast(res: Response): void {
    if (!res.headersSent) res.set("Connection", "close");
  }

  return {
    get isStopping() {
      return isStopping;
    },
    trackResponses(_req, res, next) {
      pending.add(res);
      res.on("close", () => pending.delete(res));
      if (isStopping) sayLast(res);
      next();
    },
    stop() {
      isStopping = true;
      pending.forEach(sayLast);
    },
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
    lifecycle.stop();
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
