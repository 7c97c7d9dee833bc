// Environment variables → checked settings, or an error message for each mistake, without values: some are secrets.
import { z } from "zod";

export interface Config {
  /** `production`: no demo users, and no generated key. Default `development`. */
  readonly NODE_ENV: "development" | "production" | "test";
  /** 0: any free port. Default 3000. */
  readonly PORT: number;
  /** Default `info`. */
  readonly LOG_LEVEL: "fatal" | "error" | "warn" | "info" | "debug" | "silent";
  /** `:memory:` (the default), `file:demo.db` or `postgres://…` */
  readonly DATABASE_URL: string;
  /** The store for login attempts that processes share. Default: in the memory of each process. */
  readonly REDIS_URL?: string | undefined;
  /** Signs with HS256, like a fastapi-users service. */
  readonly JWT_SECRET?: string | undefined;
  /** Private keys that sign with ES256 and may be rotated; their public keys are published. */
  readonly JWT_KEYS_FILE?: string | undefined;
  /** Default 900. */
  readonly TOKEN_LIFETIME_SECONDS: number;
  /** Login attempts in 15 minutes. Default 50. */
  readonly LOGIN_ATTEMPTS_PER_ADDRESS: number;
  /** Login attempts in 15 minutes. Default 5. */
  readonly LOGIN_ATTEMPTS_PER_ACCOUNT: number;
  /** The number of trusted proxies, and of trusted addresses in `X-Forwarded-For`. Default 0. */
  readonly PROXY_HOPS: number;
  /** How long `/readyz` answers 503 before connections are refused, for load balancers. Default 0. */
  readonly SHUTDOWN_DELAY_SECONDS: number;
}

const MIN_SECRET_BYTES = 32; // RFC 7518 section 3.2, for HS256

function integer(name: string, min: number, max: number): z.ZodType<number, string> {
  const message = `${name} must be a whole number from ${min} to ${max}.`;
  return z
    .string()
    .regex(/^\d{1,9}$/, message)
    .transform(Number)
    .refine((value) => value >= min && value <= max, message);
}

function matching(pattern: RegExp, message: string): z.ZodString {
  return z.string().regex(pattern, message);
}

const SETTINGS = z
  .object({
    NODE_ENV: z
      .enum(
        ["development", "production", "test"],
        "NODE_ENV must be development, production or test.",
      )
      .default("development"),
    PORT: integer("PORT", 0, 65_535).default(3000),
    LOG_LEVEL: z
      .enum(
        ["fatal", "error", "warn", "info", "debug", "silent"],
        "LOG_LEVEL must be fatal, error, warn, info, debug or silent.",
      )
      .default("info"),
    DATABASE_URL: matching(
      /^(:memory:$|file:.|postgres(ql)?:\/\/.)/,
      "DATABASE_URL must be :memory:, file:<path> or postgres://<user>:<password>@<host>:<port>/<name>.",
    ).default(":memory:"),
    REDIS_URL: matching(
      /^rediss?:\/\/./,
      "REDIS_URL must be redis://<host>:<port>, or rediss:// for TLS.",
    ).optional(),
    JWT_SECRET: z
      .string()
      .refine(
        (secret) => Buffer.byteLength(secret) >= MIN_SECRET_BYTES,
        `JWT_SECRET must have at least ${MIN_SECRET_BYTES} bytes. Make one with: node -p 'crypto.randomBytes(64).toString("base64")'`,
      )
      .optional(),
    JWT_KEYS_FILE: z.string().optional(),
    TOKEN_LIFETIME_SECONDS: integer("TOKEN_LIFETIME_SECONDS", 1, 86_400).default(900),
    LOGIN_ATTEMPTS_PER_ADDRESS: integer("LOGIN_ATTEMPTS_PER_ADDRESS", 1, 1_000_000).default(50),
    LOGIN_ATTEMPTS_PER_ACCOUNT: integer("LOGIN_ATTEMPTS_PER_ACCOUNT", 1, 1_000_000).default(5),
    PROXY_HOPS: integer("PROXY_HOPS", 0, 10).default(0),
    SHUTDOWN_DELAY_SECONDS: integer("SHUTDOWN_DELAY_SECONDS", 0, 300).default(0),
  })
  .check(({ value, issues }) => {
    const hasSecret = value.JWT_SECRET !== undefined;
    const hasKeys = value.JWT_KEYS_FILE !== undefined;
    if (hasSecret && hasKeys) {
      issues.push({
        code: "custom",
        input: undefined,
        message: "JWT_SECRET and JWT_KEYS_FILE exclude each other: unset one.",
      });
    }
    if (value.NODE_ENV === "production" && !hasSecret && !hasKeys) {
      issues.push({
        code: "custom",
        input: undefined,
        message: "NODE_ENV=production requires JWT_SECRET or JWT_KEYS_FILE.",
      });
    }
  });

/** Thrown with one line for each mistake. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** Treats an empty variable as not set. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const result = SETTINGS.safeParse(given);
  if (result.success) return result.data;
  const mistakes = new Set(result.error.issues.map(({ message }) => `  ${message}`));
  throw new ConfigError(["The configuration is invalid:", ...mistakes].join("\n"));
}
