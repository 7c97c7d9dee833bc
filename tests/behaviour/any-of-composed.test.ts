import { createSecretKey, randomBytes, type KeyObject } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import {
  anyOf,
  createJwtStrategy,
  dynamicStrategy,
  type AuthenticateOptions,
  type JwtStrategy,
  type RequestStrategy,
} from "express-jwt-strategy";
import express, { type Express } from "express";
import request from "supertest";
import { expectRefusal } from "../support/expect-refusal.ts";
import { forge } from "../support/forge.ts";

interface Service {
  readonly key: KeyObject;
  readonly auth: JwtStrategy<string>;
}

/** A strategy with its own key and realm. */
function createService(realm: string): Service {
  const key = createSecretKey(randomBytes(32));
  const auth = createJwtStrategy({
    secret: key,
    lifetimeSeconds: 60,
    realm,
    findUser: () => realm,
  });
  return { key, auth };
}

const [a, b, c] = ["a", "b", "c"].map(createService) as [Service, Service, Service];

describe("nested anyOf() and dynamicStrategy()", () => {
  function appOf(auth: RequestStrategy<string>, options?: AuthenticateOptions<string>): Express {
    const app = express().use(auth.authenticate(options));
    app.get("/", (req, res) => res.json(auth.currentUser(req, { optional: true }) ?? "anonymous"));
    return app;
  }
  const get = (app: Express, key?: KeyObject): request.Test =>
    key === undefined
      ? request(app).get("/")
      : request(app)
          .get("/")
          .set("Authorization", `Bearer ${forge("HS256", key)}`);
  const realmsOf = (challenges: string): string[] =>
    [...challenges.matchAll(/realm="([^"]*)"/g)].map(([, realm]) => String(realm)).sort();

  const nested: readonly (readonly [string, RequestStrategy<string>])[] = [
    ["anyOf first", anyOf(anyOf(a.auth, b.auth), c.auth)],
    ["anyOf last", anyOf(a.auth, anyOf(b.auth, c.auth))],
    [
      "dynamicStrategy first",
      anyOf(
        dynamicStrategy(() => anyOf(a.auth, b.auth)),
        c.auth,
      ),
    ],
    ["dynamicStrategy around", dynamicStrategy(() => anyOf(a.auth, b.auth, c.auth))],
    [
      "promises within",
      anyOf(
        dynamicStrategy(async () => Promise.resolve(a.auth)),
        b.auth,
        c.auth,
      ),
    ],
  ];

  describe.each(nested)("with %s", (_how, auth) => {
    test("finds the user of each strategy", async () => {
      for (const { key, auth: own } of [a, b, c]) {
        const user = await own.readToken(forge("HS256", key));
        expect((await get(appOf(auth), key)).body).toBe(user);
      }
    });

    test("sends one challenge for each realm if no strategy finds a user", async () => {
      const withoutToken = await get(appOf(auth));
      const withInvalidToken = await get(appOf(auth), createSecretKey(randomBytes(32)));
      expect([withoutToken.status, withInvalidToken.status]).toEqual([401, 401]);
      expect(realmsOf(String(withoutToken.headers["www-authenticate"]))).toEqual(["a", "b", "c"]);
      expect(realmsOf(String(withInvalidToken.headers["www-authenticate"]))).toEqual([
        "a",
        "b",
        "c",
      ]);
      expect(withoutToken.body).toEqual({ detail: "Unauthorized" });
      expect(withInvalidToken.body).toMatchObject({ error: "invalid_token" });
    });

    test("continues without a user if no token is sent and authentication is optional", async () => {
      expect((await get(appOf(auth, { optional: true }))).body).toBe("anonymous");
    });
  });

  describe("with strategies chosen for each request, as by get_enabled_backends of fastapi-users", () => {
    const auth = dynamicStrategy((req) =>
      req.headers["x-protected"] === "yes" ? a.auth : anyOf(a.auth, b.auth),
    );

    test("tries exactly the strategies that are chosen for the request", async () => {
      const app = appOf(auth);
      expect((await get(app, b.key)).body).toBe("b");
      expect((await get(app, a.key).set("X-Protected", "yes")).body).toBe("a");
      await expectRefusal(
        get(app, b.key).set("X-Protected", "yes"),
        401,
        "invalid_token",
        "The access token is invalid",
        "a",
      );
    });

    test("answers a login with 500 if anyOf() is the chosen strategy", async () => {
      const response = await request(express().post("/login", auth.login)).post("/login");
      expect(response.status).toBe(500);
      expect(response.text).toContain("anyOf() has no login handler");
    });
  });

  test("tries the next strategy if dynamicStrategy() returns none for the request", async () => {
    const auth = anyOf(
      dynamicStrategy<string>(() => null),
      b.auth,
    );
    expect((await get(appOf(auth), b.key)).body).toBe("b");
  });

  test("reports the invalid token and not the missing strategy", async () => {
    const auth = anyOf(
      dynamicStrategy<string>(() => null),
      b.auth,
    );
    expect((await get(appOf(auth), a.key)).body).toMatchObject({ error: "invalid_token" });
  });
});

describe("anyOf().authenticateRequest", () => {
  test("rejects with one error that has the challenges of all strategies", async () => {
    const req = { headers: {}, rawHeaders: [] } as unknown as Parameters<
      JwtStrategy<string>["authenticateRequest"]
    >[0];
    await expect(anyOf(a.auth, b.auth).authenticateRequest(req)).rejects.toMatchObject({
      status: 401,
      headers: {
        "WWW-Authenticate": expect.arrayContaining(['Bearer realm="a"', 'Bearer realm="b"']),
      },
    });
  });
});
