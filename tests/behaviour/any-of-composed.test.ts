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

/** A strategy with a key and a realm of its own. */
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

describe("anyOf, composed", () => {
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
    test("finds the user of each", async () => {
      for (const { key, auth: own } of [a, b, c]) {
        const user = await own.readToken(forge("HS256", key));
        expect((await get(appOf(auth), key)).body).toBe(user);
      }
    });

    test("challenges for every realm once where none finds a user", async () => {
      const nothingSent = await get(appOf(auth));
      const badToken = await get(appOf(auth), createSecretKey(randomBytes(32)));
      expect([nothingSent.status, badToken.status]).toEqual([401, 401]);
      expect(realmsOf(String(nothingSent.headers["www-authenticate"]))).toEqual(["a", "b", "c"]);
      expect(realmsOf(String(badToken.headers["www-authenticate"]))).toEqual(["a", "b", "c"]);
      expect(nothingSent.body).toEqual({ detail: "Unauthorized" });
      expect(badToken.body).toMatchObject({ error: "invalid_token" });
    });

    test("goes on without a user where nothing is sent and it is optional", async () => {
      expect((await get(appOf(auth, { optional: true }))).body).toBe("anonymous");
    });
  });

  describe("as fastapi-users' get_enabled_backends chooses", () => {
    const auth = dynamicStrategy((req) =>
      req.headers["x-protected"] === "yes" ? a.auth : anyOf(a.auth, b.auth),
    );

    test("enables several strategies for one request, and fewer for another", async () => {
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

    test("has no login where anyOf is what is chosen: a 500 that says so", async () => {
      const response = await request(express().post("/login", auth.login)).post("/login");
      expect(response.status).toBe(500);
      expect(response.text).toContain("anyOf() has no login handler");
    });
  });

  test("asks the next where dynamicStrategy has no strategy for the request", async () => {
    const auth = anyOf(
      dynamicStrategy<string>(() => null),
      b.auth,
    );
    expect((await get(appOf(auth), b.key)).body).toBe("b");
  });

  test("says that a token is bad rather than that there is no strategy for the request", async () => {
    const auth = anyOf(
      dynamicStrategy<string>(() => null),
      b.auth,
    );
    expect((await get(appOf(auth), a.key)).body).toMatchObject({ error: "invalid_token" });
  });
});

describe("anyOf().authenticateRequest", () => {
  test("rejects with one error that carries every challenge", async () => {
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
