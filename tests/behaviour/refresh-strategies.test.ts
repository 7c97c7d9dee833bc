import { createSecretKey, randomBytes } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import {
  anyOf,
  cookieTransport,
  createJwtStrategy,
  dynamicStrategy,
  type JwtStrategy,
  type RequestStrategy,
} from "express-jwt-strategy";
import express, { type Express } from "express";
import request, { type Test } from "supertest";
import { construct } from "../support/expect-construction-error.ts";
import { expectRefusal } from "../support/expect-refusal.ts";
import { AUDIENCE, forge, nowInSeconds } from "../support/forge.ts";
import { hmacSecret, rsaPair } from "../support/keys.ts";

interface User {
  readonly id: string;
}

const findUser = (id: string): User => ({ id });

describe("the refresh property", () => {
  test("throws a TypeError without findUser", () => {
    const auth = createJwtStrategy({ secret: hmacSecret, lifetimeSeconds: 3600 });
    expect(() => auth.refresh).toThrow(
      new TypeError(
        "refresh requires the findUser option; without it, tokens of deleted users could be renewed",
      ),
    );
  });

  test("throws a TypeError in a service that only verifies", () => {
    const auth = createJwtStrategy({
      algorithm: "RS256",
      publicKey: rsaPair.publicKey,
      lifetimeSeconds: 3600,
      findUser,
    });
    expect(() => auth.refresh).toThrow(
      new TypeError("refresh signs tokens: it requires the secret option"),
    );
  });

  test("is the same handler each time, and does not require verifyCredentials", () => {
    const auth = construct({ secret: hmacSecret, lifetimeSeconds: 3600, findUser });
    expect(auth.refresh).toBeInstanceOf(Function);
    expect(auth.refresh).toBe(auth.refresh);
    expect(auth.refresh.name).toBe("refreshHandler");
    expect(() => (auth.refresh as () => void)()).toThrow(
      new TypeError("This is a request handler: pass it to Express, do not call it"),
    );
  });

  test("throws a TypeError on anyOf() that names the handlers to mount", () => {
    const auth = construct({ secret: hmacSecret, lifetimeSeconds: 3600, findUser });
    expect(() => anyOf(auth).refresh).toThrow(
      new TypeError("anyOf() has no refresh handler; mount the refresh handler of each strategy"),
    );
  });

  test("is not read if the properties of a strategy are spread or listed", () => {
    const auth = createJwtStrategy({ secret: hmacSecret, lifetimeSeconds: 3600 });
    expect(Object.keys({ ...auth, ...anyOf(auth) })).not.toContain("refresh");
  });
});

describe("refresh of a dynamicStrategy()", () => {
  const keys = {
    red: createSecretKey(randomBytes(32)),
    blue: createSecretKey(randomBytes(32)),
    green: createSecretKey(randomBytes(32)),
  };
  type Tenant = keyof typeof keys;
  const strategies: Readonly<Record<string, RequestStrategy<unknown>>> = {
    red: tenant("red"),
    blue: createJwtStrategy<User>({
      secret: keys.blue,
      lifetimeSeconds: 60,
      transport: cookieTransport(),
      findUser,
    }),
    green: createJwtStrategy({ secret: keys.green, lifetimeSeconds: 60 }),
    any: anyOf(tenant("red")),
  };

  function tenant(name: Tenant): JwtStrategy<User> {
    return createJwtStrategy<User>({ secret: keys[name], lifetimeSeconds: 60, findUser });
  }

  const chosen = (name: unknown): RequestStrategy<unknown> | undefined => strategies[String(name)];
  const signed = (name: Tenant, lifetime = 30): string =>
    forge("HS256", keys[name], { sub: "42", aud: [AUDIENCE], exp: nowInSeconds() + lifetime });

  describe.each<[string, (app: Express) => Express]>([
    [
      "that chooses synchronously",
      (app) => app.use(dynamicStrategy((req) => chosen(req.headers["x-tenant"])).refresh),
    ],
    [
      "that chooses asynchronously",
      (app) =>
        app.use(dynamicStrategy((req) => Promise.resolve(chosen(req.headers["x-tenant"]))).refresh),
    ],
  ])("%s", (_how, mount) => {
    const app = mount(express());
    const send = (name: string, headers: Record<string, string>): Test =>
      request(app)
        .post("/")
        .set({ "X-Tenant": name, ...headers });
    const bearer = (token: string): Record<string, string> => ({
      Authorization: `Bearer ${token}`,
    });

    test("renews with the strategy of the request", async () => {
      const red = await send("red", bearer(signed("red"))).expect(200);
      const { access_token: token } = red.body as { access_token: string };
      await send("red", bearer(token)).expect(200);

      const cookie = { Cookie: `fastapiusersauth=${signed("blue")}` };
      const blue = await send("blue", cookie).expect(204);
      expect(blue.get("Set-Cookie")).toEqual([expect.stringMatching(/^fastapiusersauth=eyJ/)]);
    });

    test("does not renew a token of another strategy", async () => {
      await expectRefusal(send("red", bearer(signed("blue"))), 401, "invalid_token");
      const cookie = { Cookie: `fastapiusersauth=${signed("red")}` };
      await expectRefusal(send("blue", cookie), 401, "invalid_token");
    });

    test("refuses a request without a strategy", () =>
      expectRefusal(send("none", bearer(signed("red"))), 401));

    test.each([
      ["green", "refresh requires the findUser option"],
      ["any", "anyOf() has no refresh handler"],
    ])("answers 500 if the strategy has no refresh handler: %s", async (name, sentence) => {
      const response = await send(name, bearer(signed("red")));
      expect([response.status, response.body]).toEqual([500, {}]);
      expect(response.text).toContain(`TypeError: ${sentence}`);
    });
  });
});
