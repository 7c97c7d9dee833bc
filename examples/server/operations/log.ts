// One JSON line for each request, each refusal and each failure. No token, cookie, password or body is logged.
import { subscribe, unsubscribe, type ChannelListener } from "node:diagnostics_channel";
import type { RequestHandler } from "express";
import type { AuthenticateEvent, LoginEvent } from "express-jwt-strategy";
import pino, { type DestinationStream, type Logger } from "pino";

export function createLog(level: string, destination?: DestinationStream): Logger {
  const options = { level, base: { pid: process.pid } };
  return destination === undefined ? pino(options) : pino(options, destination);
}

const CHANNELS = ["express-jwt-strategy:authenticate", "express-jwt-strategy:login"];

/** Logs refusals and logins at `info`, other events at `debug`. Returns a function that stops this. */
export function logAuthEvents(log: Logger): () => void {
  const listener: ChannelListener = (message, channel) => {
    const event = message as AuthenticateEvent | LoginEvent;
    const isLogin = String(channel).endsWith(":login");
    const level = isLogin || event.outcome === "refused" ? "info" : "debug";
    log[level]({ ...event }, isLogin ? "login" : "authenticate");
  };
  CHANNELS.forEach((channel) => subscribe(channel, listener));
  return () => CHANNELS.forEach((channel) => unsubscribe(channel, listener));
}

/** Logs the path without its query, which may contain secrets. */
export function logRequests(log: Logger): RequestHandler {
  return function logRequest(req, res, next) {
    const start = performance.now();
    const { path } = req;
    res.on("close", () => {
      const durationMs = Math.round(performance.now() - start);
      log.info({ method: req.method, path, status: res.statusCode, durationMs }, "request");
    });
    next();
  };
}

/** Only the description of an error, because drivers add queries, hosts and values. */
export function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error };
  const { code } = error as NodeJS.ErrnoException;
  return { name: error.name, message: error.message, code, stack: error.stack };
}
