import { createSecretKey, randomBytes, type KeyObject } from "node:crypto";
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { describe, expect, jest, test } from "@jest/globals";
import {
  createJwtStrategy,
  dynamicStrategy,
  type AuthenticateOptions,
  type JwtStrategy,
  type RequestStrategy,
} from "express-jwt-strategy";
import express, { type Express, type RequestHandler } from "express";
import request from "supertest";
import type { GetStrategy } from "../../lib/strategy/dynamic-strategy.ts";
import { expectRefusal } from "../support/expect-refusal.ts";
import { forge } from "../support/forge.ts";
import { reject } from "../support/thrown.ts";

interface User {
  readonly id: string;
  readonly tenant: string;
  readonly isSuperuser: boolean;
}

interface Tenant {
  readonly key: KeyObject;
  readonly auth: JwtStrategy<User>;
}

function createTenant(tenant: string): Tenant {
  const key = createSecretKey(randomBytes(32));
  const auth = createJwtStrategy<User>({
    secret: key,
    lifetimeSeconds: 3600,
    verifyCredentials: ({ username }) => ({ id: username, tenant, isSuperuser: false }),
    findUser: (id) => ({ id, tenant, isSuperuser: id === "root" }),
  });
  return { key, auth };
}

const tenants = new Map(["red", "blue"].map((name) => [name, createTenant(name)] as const));
const [red, blue] = [...tenants.values()] as [Tenant, Tenant];
const bearer = ({ key }: Tenant): string => `Bearer ${forge("HS256", key)}`;

const byHeader: GetStrategy<User> = (req: IncomingMessage) =>
  tenants.get(String(req.headers["x-tenant"]))?.auth;

function appOf(auth: RequestStrategy<User>, options?: AuthenticateOptions): Express {
  const app = express();
  app.post("/login", (req, res, next) => auth.login(req, res, next));
  app.post("/logout", auth.logout);
  app.get("/", auth.authenticate(options), (req, res) =>
    res.json(auth.currentUser(req, { optional: true }) ?? "anonymous"),
  );
  app.get("/unguarded", (req, res) => res.json(auth.currentUser(req)));
  return app;
}

describe("dynamicStrategy", () => {
  const get = (app: Express, tenant: string, authorization = ""): request.Test =>
    request(app).get("/").set("X-Tenant", tenant).set("Authorization", authorization);

  describe.each<[string, GetStrategy<User>]>([
    ["synchronously", byHeader],
    ["as a promise", async (req) => Promise.resolve(byHeader(req))],
  ])("with a getStrategy that returns the strategy %s", (_how, getStrategy) => {
    const app = appOf(dynamicStrategy(getStrategy));

    test("authenticates with the strategy of the request", async () => {
      expect((await get(app, "red", bearer(red))).body).toMatchObject({ tenant: "red" });
      expect((await get(app, "blue", bearer(blue))).body).toMatchObject({ tenant: "blue" });
    });

    test("refuses a token of another tenant", async () => {
      await get(app, "red", bearer(red));
      await expectRefusal(get(app, "blue", bearer(red)), 401, "invalid_token");
      await expectRefusal(get(app, "red", bearer(blue)), 401, "invalid_token");
    });

    test("refuses a request without a tenant, without an error code", () =>
      expectRefusal(get(app, "green", bearer(red)), 401));

    test("logs in and out with the strategy of the request", async () => {
      const login = await request(app)
        .post("/login")
        .set("X-Tenant", "red")
        .send({ username: "ann", password: "secret" });
      const { access_token: token } = login.body as { access_token: string };
      const authorization = `Bearer ${token}`;
      expect((await get(app, "red", authorization)).body).toMatchObject({ id: "ann" });
      const logout = (tenant: string): request.Test =>
        request(app).post("/logout").set("X-Tenant", tenant).set("Authorization", authorization);
      expect((await logout("red")).status).toBe(204);
      await expectRefusal(logout("blue"), 401, "invalid_token");
    });

    test.each(["/login", "/logout"])("refuses a POST to %s without a tenant", (path) =>
      expectRefusal(request(app).post(path).send({ username: "a", password: "b" }), 401),
    );
  });

  test.each([null, undefined])("answers 401 if getStrategy returns %p", async (none) => {
    await expectRefusal(get(appOf(dynamicStrategy<User>(() => none)), "red"), 401);
    const later = dynamicStrategy<User>(() => Promise.resolve(none));
    await expectRefusal(get(appOf(later), "red", bearer(red)), 401);
  });

  test("requires a tenant if optional is true, and continues without one if it is lenient", async () => {
    const auth = dynamicStrategy(byHeader);
    await expectRefusal(get(appOf(auth, { optional: true }), "green"), 401);
    const response = await get(appOf(auth, { optional: "lenient" }), "green", bearer(red));
    expect(response.body).toBe("anonymous");
  });

  test("passes optional and the guards to the strategy", async () => {
    const auth = dynamicStrategy(byHeader);
    const optional = appOf(auth, { optional: true });
    expect((await get(optional, "red")).body).toBe("anonymous");
    await expectRefusal(get(optional, "red", "Bearer x"), 401, "invalid_token");
    const lenient = appOf(auth, { optional: "lenient", superuser: true });
    expect((await get(lenient, "red", bearer(red))).body).toBe("anonymous");
    const guarded = appOf(auth, { superuser: true });
    await expectRefusal(get(guarded, "red", bearer(red)), 403, "insufficient_scope");
  });

  test("checks the options of authenticate() at construction", () => {
    const auth = dynamicStrategy(byHeader);
    expect(() => auth.authenticate({ optional: "yes" } as object)).toThrow(TypeError);
    expect(() => auth.authenticate({ scope: "admin" } as object)).toThrow(TypeError);
  });

  describe.each([
    ["an Error", new Error("no key set")],
    ["undefined", undefined],
    ["null", null],
    ["0", 0],
    ['"route"', "route"],
    ['"router"', "router"],
    ["an Error with status 401", Object.assign(new Error("x"), { status: 401 })],
  ])("with a getStrategy that fails with %s", (_case, thrown) => {
    test.each<[string, GetStrategy<User>, AuthenticateOptions["optional"]]>([
      [
        "thrown",
        () => {
          throw thrown as Error;
        },
        false,
      ],
      ["rejected", () => reject(thrown), true],
      ["rejected, lenient", () => reject(thrown), "lenient"],
    ])("answers 500: %s", async (_how, getStrategy, optional) => {
      const auth = dynamicStrategy(getStrategy);
      const reached = jest.fn<RequestHandler>((_req, res) => void res.send("in"));
      const app = express();
      app.use(auth.authenticate({ optional }));
      app.get("/", reached);
      app.post("/login", auth.login, reached);
      const responses = [await get(app, "red", bearer(red)), await request(app).post("/login")];
      expect(responses.map(({ status }) => status)).toEqual([500, 500]);
      expect(responses[0]?.headers).not.toHaveProperty("www-authenticate");
      expect(reached).not.toHaveBeenCalled();
    });
  });

  test("answers 500 if getStrategy returns something other than a strategy", async () => {
    const auth = dynamicStrategy<User>(() => ({}) as JwtStrategy<User>);
    expect((await get(appOf(auth), "red", bearer(red))).status).toBe(500);
  });

  test("answers 500 if the strategy lacks an option that the handler requires", async () => {
    const claimsOnly = createJwtStrategy({ secret: red.key, lifetimeSeconds: 3600 });
    const auth = dynamicStrategy(() => claimsOnly);
    const app = express();
    app.get("/", auth.authenticate({ superuser: true }), (_req, res) => res.send("in"));
    app.post("/login", auth.login);
    const guarded = await get(app, "red", bearer(red));
    expect([guarded.status, guarded.text]).toEqual([
      500,
      expect.stringContaining("require the findUser option"),
    ]);
    const login = await request(app).post("/login");
    expect([login.status, login.text]).toEqual([
      500,
      expect.stringContaining("login requires the verifyCredentials option"),
    ]);
  });

  test("uses the strategy of each request if keys are replaced between two requests", async () => {
    const [before, after] = [createTenant("red"), createTenant("red")];
    let current = before.auth;
    const app = appOf(dynamicStrategy(() => current));
    expect((await get(app, "red", bearer(before))).status).toBe(200);
    current = after.auth;
    await expectRefusal(get(app, "red", bearer(before)), 401, "invalid_token");
    expect((await get(app, "red", bearer(after))).status).toBe(200);
  });

  test("reads the options of authenticate() once for all strategies", async () => {
    const auth = dynamicStrategy(byHeader);
    const readSuperuser = jest.fn(() => true);
    const options = {
      get superuser() {
        return readSuperuser();
      },
    };
    const app = appOf(auth, options);
    await expectRefusal(get(app, "red", bearer(red)), 403, "insufficient_scope");
    await expectRefusal(get(app, "blue", bearer(blue)), 403, "insufficient_scope");
    expect(readSuperuser).toHaveBeenCalledTimes(1);
  });

  test("calls getStrategy and findUser once for each request", async () => {
    const findUser = jest.fn((id: string) => ({ id }));
    const secret = randomBytes(32);
    const strategy = createJwtStrategy({ secret, lifetimeSeconds: 60, findUser });
    const getStrategy = jest.fn(() => strategy);
    const app = express().use(dynamicStrategy(getStrategy).authenticate());
    app.get("/", (_req, res) => res.send("in"));
    const token = await strategy.writeToken({ id: "42" });
    for (let count = 0; count < 3; count += 1) await get(app, "-", `Bearer ${token}`);
    expect(getStrategy).toHaveBeenCalledTimes(3);
    expect(findUser).toHaveBeenCalledTimes(3);
  });

  test("does not return the user of another strategy in the chain", async () => {
    const [first, second] = [dynamicStrategy(() => red.auth), dynamicStrategy(() => blue.auth)];
    const app = express();
    app.use(
      first.authenticate({ optional: "lenient" }),
      second.authenticate({ optional: "lenient" }),
    );
    app.get("/", (req, res) =>
      res.json(
        [first, second, blue.auth].map((auth) => auth.currentUser(req, { optional: true })?.tenant),
      ),
    );
    expect((await get(app, "-", bearer(red))).body).toEqual(["red", null, null]);
    expect((await get(app, "-", bearer(blue))).body).toEqual([null, "blue", null]);
  });

  test("has no user on a route without authenticate()", async () => {
    const response = await request(appOf(dynamicStrategy(byHeader)))
      .get("/unguarded")
      .set("X-Tenant", "red")
      .set("Authorization", bearer(red));
    expect(response.status).toBe(500);
    expect(response.text).toContain("guard the route with authenticate()");
  });

  test("ignores a req.user that other middleware has set", async () => {
    const app = express();
    app.use((req, _res, next) => {
      Object.assign(req, { user: { id: "admin" } });
      next();
    });
    app.get("/", dynamicStrategy(byHeader).authenticate({ optional: "lenient" }), (req, res) =>
      res.json((req as { user?: unknown }).user ?? "anonymous"),
    );
    expect((await get(app, "green", bearer(red))).body).toBe("anonymous");
    expect((await get(app, "red", bearer(blue))).body).toBe("anonymous");
  });
});

describe("dynamicStrategy", () => {
  test.each([{}, "acme", 1, true, []])(
    "rejects with a TypeError if getStrategy returns %p",
    async (answer) => {
      const auth = dynamicStrategy(() => answer as never);
      await expect(auth.authenticateRequest(new IncomingMessage(new Socket()))).rejects.toThrow(
        new TypeError("The result of getStrategy must be a strategy of this package, or null"),
      );
    },
  );

  test.each([undefined, null, {}, "acme"])(
    "throws a TypeError if getStrategy is %p",
    (getStrategy) => {
      expect(() => dynamicStrategy(getStrategy as never)).toThrow(
        new TypeError("getStrategy must be a function of the request"),
      );
    },
  );

  test.each([
    ["a strategy", red.auth],
    ["a string", "red"],
    ["a Map", new Map([["red", red.auth]])],
  ])("throws a TypeError if getStrategy is %s", (_what, getStrategy) => {
    expect(() => dynamicStrategy(getStrategy as unknown as GetStrategy<User>)).toThrow(
      new TypeError("getStrategy must be a function of the request"),
    );
  });
});
