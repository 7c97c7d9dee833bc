// Counters for Prometheus: how authentication and logins ended, by reason. No label contains a user or an address.
import { subscribe, unsubscribe, type ChannelListener } from "node:diagnostics_channel";
import type { AuthenticateEvent, LoginEvent } from "express-jwt-strategy";
import { collectDefaultMetrics, Counter, Registry } from "prom-client";

export interface Metrics {
  readonly registry: Registry;
  /** Counts a throttled login. */
  countThrottledLogin(limit: "address" | "account" | "unavailable"): void;
  stop(): void;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const outcomes = (name: string, help: string): Counter =>
    new Counter({ name, help, labelNames: ["outcome", "reason"], registers: [registry] });
  const counters = new Map([
    [
      "express-jwt-strategy:authenticate",
      outcomes("auth_requests_total", "Requests to guarded routes, by outcome and reason"),
    ],
    [
      "express-jwt-strategy:login",
      outcomes("auth_logins_total", "Logins with a password, by outcome and reason"),
    ],
  ]);
  const throttled = new Counter({
    name: "auth_logins_throttled_total",
    help: "Logins refused before the password was looked at, by the limit that was reached",
    labelNames: ["limit"],
    registers: [registry],
  });

  const listener: ChannelListener = (message, channel) => {
    const { outcome, reason = "none" } = message as AuthenticateEvent | LoginEvent;
    counters.get(String(channel))?.inc({ outcome, reason });
  };
  for (const channel of counters.keys()) subscribe(channel, listener);

  return {
    registry,
    countThrottledLogin: (limit) => throttled.inc({ limit }),
    stop() {
      for (const channel of counters.keys()) unsubscribe(channel, listener);
    },
  };
}
