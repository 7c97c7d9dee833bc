import { randomBytes } from "node:crypto";
import {
  createConnection,
  createServer,
  type AddressInfo,
  type Server,
  type Socket,
} from "node:net";
import { once } from "node:events";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import {
  createLoginThrottle,
  LoginThrottledError,
  LoginThrottleUnavailableError,
  type LoginThrottle,
} from "../../examples/server/auth/login-throttle.ts";
import { connectRedis, type RedisClient } from "../../examples/server/auth/redis.ts";
import { describeWith, REDIS_URL } from "../support/services.ts";

const LIMITS = { perAddress: 6, perAccount: 3 };
const WINDOW_SECONDS = 15 * 60;

const silent = { info: () => undefined, warn: () => undefined };

/** Random values, so that other tests do not share their counts. */
function randomAddress(): string {
  return `127.${[...randomBytes(3)].join(".")}`;
}
function randomEmail(): string {
  return `${randomBytes(6).toString("hex")}@example.com`;
}

/** The result of an attempt: "passed", or the limit that refused it. */
async function attempt(throttle: LoginThrottle, email: string, ip: string): Promise<string> {
  try {
    await throttle.count(email, ip);
    return "passed";
  } catch (error) {
    if (!(error instanceof LoginThrottledError)) throw error;
    expect(error.retryAfterSeconds).toBeGreaterThan(WINDOW_SECONDS - 60);
    expect(error.retryAfterSeconds).toBeLessThanOrEqual(WINDOW_SECONDS);
    return error.limit;
  }
}

/** Tests a throttle with any store. */
function testThrottle(create: () => LoginThrottle): void {
  test("refuses an account after its limit, from any address and in any case", async () => {
    const throttle = create();
    const email = randomEmail();
    for (const variant of [email, email.toUpperCase(), email]) {
      expect(await attempt(throttle, variant, randomAddress())).toBe("passed");
    }
    expect(await attempt(throttle, email, randomAddress())).toBe("account");
    expect(await attempt(throttle, email.toUpperCase(), randomAddress())).toBe("account");
    expect(await attempt(throttle, randomEmail(), randomAddress())).toBe("passed");
  });

  test("refuses an address after its limit, for any account", async () => {
    const throttle = create();
    const ip = randomAddress();
    for (let count = 0; count < LIMITS.perAddress; count += 1) {
      expect(await attempt(throttle, randomEmail(), ip)).toBe("passed");
    }
    expect(await attempt(throttle, randomEmail(), ip)).toBe("address");
    expect(await attempt(throttle, randomEmail(), randomAddress())).toBe("passed");
  });

  test("does not count attempts of a blocked address for the account", async () => {
    const throttle = create();
    const [ip, email] = [randomAddress(), randomEmail()];
    for (let count = 0; count < LIMITS.perAddress; count += 1) {
      await attempt(throttle, randomEmail(), ip);
    }
    for (let count = 0; count < 2 * LIMITS.perAccount; count += 1) {
      expect(await attempt(throttle, email, ip)).toBe("address");
    }
    expect(await attempt(throttle, email, randomAddress())).toBe("passed");
  });

  test("counts attempts that run at the same time", async () => {
    const throttle = create();
    const email = randomEmail();
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, () => attempt(throttle, email, randomAddress())),
    );
    expect(outcomes.filter((outcome) => outcome === "passed")).toHaveLength(LIMITS.perAccount);
  });

  test("resets only the count of the account after a login", async () => {
    const throttle = create();
    const [ip, email] = [randomAddress(), randomEmail()];
    for (let count = 0; count < LIMITS.perAccount; count += 1) await attempt(throttle, email, ip);
    await throttle.forgive(email, ip);
    for (let count = 0; count < LIMITS.perAccount; count += 1) {
      expect(await attempt(throttle, email, ip)).toBe("passed");
    }
    // Six attempts, one of which was a login.
    expect(await attempt(throttle, randomEmail(), ip)).toBe("passed");
    expect(await attempt(throttle, randomEmail(), ip)).toBe("address");
  });

  test("does not refuse an address with many successful logins", async () => {
    const throttle = create();
    const [ip, email] = [randomAddress(), randomEmail()];
    for (let count = 0; count < 3 * LIMITS.perAddress; count += 1) {
      expect(await attempt(throttle, email, ip)).toBe("passed");
      await throttle.forgive(email, ip);
    }
  });
}

describe("the login throttle in memory", () => {
  testThrottle(() => createLoginThrottle(LIMITS));
});

describeWith(
  "Redis",
  REDIS_URL,
  "TEST_REDIS_URL",
)("the login throttle in Redis", () => {
  const clients: RedisClient[] = [];

  async function connect(): Promise<RedisClient> {
    const client = connectRedis(REDIS_URL, silent);
    clients.push(client);
    await once(client, "ready");
    return client;
  }
  let redis: RedisClient;
  beforeAll(async () => {
    redis = await connect();
  });
  afterAll(() => clients.forEach((client) => client.destroy()));

  testThrottle(() => createLoginThrottle(LIMITS, redis));

  test("counts across processes", async () => {
    const throttles = [
      createLoginThrottle(LIMITS, redis),
      createLoginThrottle(LIMITS, await connect()),
    ];
    const email = randomEmail();
    const outcomes: string[] = [];
    for (const throttle of [...throttles, ...throttles]) {
      outcomes.push(await attempt(throttle, email, randomAddress()));
    }
    expect(outcomes).toEqual(["passed", "passed", "passed", "account"]);
  });

  test("does not wait for a Redis server that stops responding", async () => {
    const { hostname, port } = new URL(REDIS_URL);
    const proxy = createServer((socket) => {
      const upstream = createConnection(Number(port), hostname);
      socket.on("error", () => undefined).pipe(upstream);
      upstream.on("error", () => undefined).pipe(socket);
      stop = () => {
        socket.unpipe(upstream);
        upstream.destroy();
      };
    }).listen(0, "127.0.0.1");
    let stop = (): void => undefined;
    await once(proxy, "listening");
    const proxyPort = (proxy.address() as AddressInfo).port;
    const client = connectRedis(`redis://127.0.0.1:${String(proxyPort)}`, silent);
    clients.push(client);
    await once(client, "ready");
    const throttle = createLoginThrottle(LIMITS, client);
    expect(await attempt(throttle, randomEmail(), randomAddress())).toBe("passed");
    stop();
    await expect(throttle.count(randomEmail(), randomAddress())).rejects.toBeInstanceOf(
      LoginThrottleUnavailableError,
    );
    proxy.close();
  });

  test("keeps no e-mail and no address of a user for longer than the window", async () => {
    const [ip, email] = [randomAddress(), randomEmail()];
    await createLoginThrottle(LIMITS, redis).count(email, ip);
    const keys = await redis.keys("login-*");
    expect(keys.filter((key) => key.includes("@"))).toEqual([]);
    expect(keys).toContain(`login-address:${ip}`);
    for (const key of keys) expect(await redis.ttl(key)).toBeGreaterThan(0);
  });
});

describe("the login throttle while Redis is unavailable", () => {
  let server: Server | undefined;
  let client: RedisClient;
  const sockets: Socket[] = [];
  afterEach(() => {
    client.destroy();
    server?.close();
    sockets.splice(0).forEach((socket) => socket.destroy());
  });

  test("refuses all logins, and logs one warning", async () => {
    const warnings: unknown[] = [];
    // Nothing listens on port 1.
    client = connectRedis("redis://127.0.0.1:1", {
      ...silent,
      warn: (...args: unknown[]) => warnings.push(args),
    });
    const throttle = createLoginThrottle(LIMITS, client);
    for (let count = 0; count < 3; count += 1) {
      await expect(throttle.count(randomEmail(), randomAddress())).rejects.toBeInstanceOf(
        LoginThrottleUnavailableError,
      );
    }
    let attempts = 0;
    await new Promise<void>((resolve) => {
      client.on("reconnecting", () => {
        if ((attempts += 1) === 3) resolve();
      });
    });
    expect(warnings).toEqual([
      [{ code: "ECONNREFUSED" }, "Redis is away: nobody can log in until it is back"],
    ]);
    await expect(throttle.forgive(randomEmail(), randomAddress())).resolves.toBeUndefined();
  });

  test("does not wait for a Redis server that accepts connections but does not respond", async () => {
    server = createServer((socket) => sockets.push(socket)).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    client = connectRedis(`redis://127.0.0.1:${String(port)}`, silent);
    const throttle = createLoginThrottle(LIMITS, client);
    await expect(throttle.count(randomEmail(), randomAddress())).rejects.toBeInstanceOf(
      LoginThrottleUnavailableError,
    );
  });
});
