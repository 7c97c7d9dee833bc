import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterEach, describe, expect, test } from "@jest/globals";
import request from "supertest";
import { expectRefusal } from "../support/expect-refusal.ts";
import { freePort, runExample, stopExamples, type RunningExample } from "../support/run-example.ts";

const ADA = { username: "ada@example.com", password: "analytical-engine" };
const GRACE = { username: "grace@example.com", password: "nanosecond-wire" };

afterEach(stopExamples);

describe("examples/key-rotation.ts", () => {
  async function start(): Promise<{ example: RunningExample; orders: string }> {
    const ordersPort = await freePort();
    const ports = { PORT: await freePort(), ORDERS_PORT: ordersPort };
    const example = await runExample("key-rotation", ports);
    return { example, orders: `http://localhost:${String(ordersPort)}` };
  }

  async function logIn({ url }: RunningExample, credentials = ADA): Promise<string> {
    const response = await request(url).post("/login").send(credentials).expect(200);
    return (response.body as { access_token: string }).access_token;
  }

  const getKid = (token: string): unknown =>
    (
      JSON.parse(Buffer.from(token.split(".", 1)[0] ?? "", "base64url").toString()) as {
        kid: string;
      }
    ).kid;

  async function publishedKids({ url }: RunningExample): Promise<unknown[]> {
    const response = await request(url).get("/.well-known/jwks.json").expect(200);
    return (response.body as { keys: { kid: string }[] }).keys.map(({ kid }) => kid);
  }

  test("publishes a key before it signs and until its last token has expired", async () => {
    const { example } = await start();
    const admin = await logIn(example, GRACE);
    const rotate = (): request.Test =>
      request(example.url).post("/admin/rotate").auth(admin, { type: "bearer" });
    const me = (token: string): request.Test =>
      request(example.url).get("/me").auth(token, { type: "bearer" });

    const [current, next, previous] = await publishedKids(example);
    const token = await logIn(example);
    expect(getKid(token)).toBe(current);

    await rotate().expect(204);
    expect(getKid(await logIn(example))).toBe(next);
    expect(await publishedKids(example)).toEqual([next, expect.any(String), current]);
    expect(await publishedKids(example)).not.toContain(previous);
    await me(token).expect(200, { email: "ada@example.com" });

    await rotate().expect(204);
    expect(await publishedKids(example)).not.toContain(current);
    await expectRefusal(me(token), 401, "invalid_token");
  });

  test("lets the other service verify tokens of a new key immediately", async () => {
    const { example, orders } = await start();
    const getOrders = (token: string): request.Test =>
      request(orders).get("/orders").auth(token, { type: "bearer" });
    const token = await logIn(example);
    await getOrders(token).expect(200);

    await request(example.url)
      .post("/admin/rotate")
      .auth(await logIn(example, GRACE), { type: "bearer" })
      .expect(204);
    const newer = await logIn(example);
    expect(getKid(newer)).not.toBe(getKid(token));
    await getOrders(newer).expect(200);
    await getOrders(token).expect(200);
    await expectRefusal(request(orders).get("/orders"), 401);
  });

  test("lets only a superuser rotate keys", async () => {
    const { example } = await start();
    const before = await publishedKids(example);
    const rotate = request(example.url).post("/admin/rotate");
    await expectRefusal(
      rotate.auth(await logIn(example), { type: "bearer" }),
      403,
      "insufficient_scope",
    );
    expect(await publishedKids(example)).toEqual(before);
  });

  test("prints working curl commands", async () => {
    const { example } = await start();
    const commands = (await example.printed("Ctrl+C")).match(/^ {2}(?:\w+=|curl ).*$/gm) ?? [];
    const script = commands.join("\n").replaceAll("curl -i", "curl -s -i");
    const { stdout } = await promisify(execFile)("bash", ["-euc", script]);

    const statuses = [...stdout.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status));
    expect(statuses).toEqual([200, 200, 204, 200, 200, 204, 401]);
  });
});
