import { describe, expect, test } from "@jest/globals";
import { ConfigError, readConfig } from "../../examples/server/config.ts";

const SECRET = "k".repeat(32);

function mistakes(env: Record<string, string>): string[] {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    const [headline, ...lines] = (error as ConfigError).message.split("\n");
    expect(headline).toBe("The configuration is invalid:");
    return lines.map((line) => line.trim());
  }
}

describe("the demo's configuration", () => {
  test("requires no variables", () => {
    expect(readConfig({})).toEqual({
      NODE_ENV: "development",
      PORT: 3000,
      LOG_LEVEL: "info",
      DATABASE_URL: ":memory:",
      TOKEN_LIFETIME_SECONDS: 900,
      LOGIN_ATTEMPTS_PER_ADDRESS: 50,
      LOGIN_ATTEMPTS_PER_ACCOUNT: 5,
      PROXY_HOPS: 0,
      SHUTDOWN_DELAY_SECONDS: 0,
    });
  });

  test("treats an empty variable as not set", () => {
    expect(readConfig({ PORT: "", JWT_SECRET: "", REDIS_URL: "" })).toEqual(readConfig({}));
  });

  test("ignores unknown variables", () => {
    expect(readConfig({ HOME: "/root", __proto__: "x" })).toEqual(readConfig({}));
  });

  test.each(["file:demo.db", "postgres://u:p@db:5432/app", "postgresql://db/app"])(
    "accepts the database %s",
    (url) => {
      expect(readConfig({ DATABASE_URL: url }).DATABASE_URL).toBe(url);
    },
  );

  test.each([
    ["NODE_ENV", "prod", "NODE_ENV must be development, production or test."],
    ["PORT", "70000", "PORT must be a whole number from 0 to 65535."],
    ["PORT", "3000.5", "PORT must be a whole number from 0 to 65535."],
    ["PORT", "/tmp/pipe", "PORT must be a whole number from 0 to 65535."],
    ["PORT", "-1", "PORT must be a whole number from 0 to 65535."],
    [
      "TOKEN_LIFETIME_SECONDS",
      "0",
      "TOKEN_LIFETIME_SECONDS must be a whole number from 1 to 86400.",
    ],
    ["PROXY_HOPS", "true", "PROXY_HOPS must be a whole number from 0 to 10."],
    ["LOG_LEVEL", "verbose", "LOG_LEVEL must be fatal, error, warn, info, debug or silent."],
    [
      "DATABASE_URL",
      "mysql://root:hunter2@db",
      "DATABASE_URL must be :memory:, file:<path> or postgres://<user>:<password>@<host>:<port>/<name>.",
    ],
    ["REDIS_URL", "localhost", "REDIS_URL must be redis://<host>:<port>, or rediss:// for TLS."],
    [
      "JWT_SECRET",
      "hunter2",
      `JWT_SECRET must have at least 32 bytes. Make one with: node -p 'crypto.randomBytes(64).toString("base64")'`,
    ],
  ])("reports an invalid %s without its value: %j", (name, value, message) => {
    expect(mistakes({ [name]: value })).toEqual([message]);
    expect(message).not.toContain("hunter2");
  });

  test("reports all mistakes together", () => {
    expect(mistakes({ PORT: "x", REDIS_URL: "y", NODE_ENV: "z" })).toHaveLength(3);
  });

  test("refuses a secret together with a file of keys", () => {
    expect(mistakes({ JWT_SECRET: SECRET, JWT_KEYS_FILE: "keys.json" })).toEqual([
      "JWT_SECRET and JWT_KEYS_FILE exclude each other: unset one.",
    ]);
  });

  test("does not generate a key in production", () => {
    expect(mistakes({ NODE_ENV: "production" })).toEqual([
      "NODE_ENV=production requires JWT_SECRET or JWT_KEYS_FILE.",
    ]);
    expect(mistakes({ NODE_ENV: "production", JWT_SECRET: SECRET })).toEqual([]);
    expect(mistakes({ NODE_ENV: "production", JWT_KEYS_FILE: "keys.json" })).toEqual([]);
  });
});
