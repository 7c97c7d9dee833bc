// Errors other than the refusals of strategies, in the same format: detail, error, error_description, no-store.
import { STATUS_CODES } from "node:http";
import type { ErrorRequestHandler, RequestHandler, Response } from "express";
import type { Logger } from "pino";
import { LoginThrottledError, LoginThrottleUnavailableError } from "./auth/login-throttle.ts";
import { describeError } from "./operations/log.ts";
import type { Metrics } from "./operations/metrics.ts";

interface ErrorResponse {
  readonly status: number;
  readonly error?: string;
  readonly description?: string;
  readonly retryAfterSeconds?: number;
}

export function answerNotFound(): RequestHandler {
  return function notFound(_req, res) {
    send(res, { status: 404 });
  };
}

export function answerErrors(log: Logger, metrics: Metrics): ErrorRequestHandler {
  return function answerError(error: unknown, _req, res, next) {
    if (error instanceof LoginThrottledError) metrics.countThrottledLogin(error.limit);
    if (error instanceof LoginThrottleUnavailableError) metrics.countThrottledLogin("unavailable");
    const response = toResponse(error);
    if (response.status >= 500) log.error({ error: describeError(error) }, "a request failed");
    if (res.headersSent)
      next(error); // Express closes the connection
    else send(res, response);
  };
}

function toResponse(error: unknown): ErrorResponse {
  if (error instanceof LoginThrottledError) {
    return {
      status: 429,
      error: "too_many_attempts",
      description: "There were too many login attempts: try again later",
      retryAfterSeconds: error.retryAfterSeconds,
    };
  }
  if (error instanceof LoginThrottleUnavailableError) {
    return {
      status: 503,
      error: "temporarily_unavailable",
      description: "Nobody can log in at the moment: try again later",
      retryAfterSeconds: 5, // Redis is connected to again within seconds
    };
  }
  return { status: getClientErrorStatus(error) ?? 500 };
}

/** The status of errors of Express itself, such as for the path `/%zz`. */
function getClientErrorStatus(error: unknown): number | undefined {
  const { status } = (error ?? {}) as { status?: unknown };
  return typeof status === "number" && status >= 400 && status < 500 ? status : undefined;
}

function send(res: Response, response: ErrorResponse): void {
  const { status, error, description, retryAfterSeconds } = response;
  if (retryAfterSeconds !== undefined) res.set("Retry-After", String(retryAfterSeconds));
  res
    .status(status)
    .set("Cache-Control", "no-store")
    .json({
      detail: STATUS_CODES[status],
      ...(error !== undefined && { error, error_description: description }),
    });
}
