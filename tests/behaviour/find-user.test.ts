import { runInNewContext } from "node:vm";
import { describe, expect, jest, test } from "@jest/globals";
import {
  createJwtStrategy,
  type AuthenticateOptions,
  type FindUser,
  type JwtStrategy,
  type VerifiedClaims,
} from "express-jwt-strategy";
import express, { type Express, type RequestHandler } from "express";
import request from "supertest";
import { expectRefusal } from "../support/expect-refusal.ts";
import { forge, goodClaims } from "../support/forge.ts";
import { hmacSecret, signingKey } from "../support/keys.ts";
import { serve } from "../support/server.ts";

function tokenOf(sub: string): string {
  return forge("HS256", signingKey("HS256"), goodClaims({ sub }));
}

function strategyOf<User>(findUser: FindUser<User>): JwtStrategy<User> {
  return createJwtStrategy({ secret: hmacSecret, lifetimeSeconds: 3600, findUser });
}

function get(app: Express, token: string = tokenOf("42")): request.Test {
  return request(app).get("/").set("Authorization", `Bearer ${token}`);
}

describe("findUser", () => {
  function appOf<User>(
    auth: JwtStrategy<User>,
    options: AuthenticateOptions = {},
    handler: RequestHandler = (req, res) => void res.json({ user: auth.currentUser(req) }),
  ): Express {
    const app = express();
    app.get("/", auth.authenticate(options), handler);
    return app;
  }

  test("receives the id, the frozen claims and the request", async () => {
    const findUser = jest.fn<FindUser<string>>(() => "ann");
    await get(appOf(strategyOf(findUser)));
    expect(findUser).toHaveBeenCalledTimes(1);
    const [id, claims, req] = findUser.mock.calls[0] as [string, VerifiedClaims, Express.Request];
    expect(id).toBe("42");
    expect(claims).toMatchObject({ sub: "42", aud: ["fastapi-users:auth"] });
    expect(Object.isFrozen(claims) && Object.isFrozen(claims.aud)).toBe(true);
    expect(req).toMatchObject({ url: "/", method: "GET" });
  });

  test.each([
    ["the name of a prototype", "__proto__"],
    ["the name of a constructor", "constructor"],
    ["the name of a method", "toString"],
    ["a path", "../../etc/passwd"],
    ["SQL", "' OR 1=1 --"],
    ["a line break and a header", "42\r\nSet-Cookie: admin=1"],
    ["a NUL", "\0"],
    ["a space", " "],
    ["zero", "0"],
    ["the string null", "null"],
    ["an emoji", "\u{1f600}"],
    ["a byte order mark", "\ufeff42"],
    ["3,000 characters", "x".repeat(3000)],
  ])("receives exactly the signed id: %s", async (_what, sub) => {
    const response = await get(appOf(strategyOf((id) => ({ id }))), tokenOf(sub));
    expect(response.body).toEqual({ user: { id: sub } });
  });

  test("finds no user for names of Object.prototype if users are in a Map", async () => {
    const users = new Map([["42", { id: "42" }]]);
    const app = appOf(strategyOf((id) => users.get(id)));
    expect((await get(app)).status).toBe(200);
    await expectRefusal(get(app, tokenOf("__proto__")), 401, "invalid_token");
    await expectRefusal(get(app, tokenOf("constructor")), 401, "invalid_token");
  });

  describe.each([null, undefined, false, 0, 0n, NaN, ""] as const)("that returns %p", (noUser) => {
    test.each<[string, FindUser<unknown>]>([
      ["synchronously", () => noUser],
      ["in a promise", () => Promise.resolve(noUser)],
      ["in a thenable", () => thenable(noUser)],
      ["in a thenable function", () => callable(thenable(noUser))],
    ])("%s refuses the token", (_how, findUser) =>
      expectRefusal(get(appOf(strategyOf(findUser))), 401, "invalid_token"),
    );
  });

  test.each([
    ["a string", "ada"],
    ["1", 1],
    ["an empty object", {}],
    ["an object without a prototype", Object.create(null)],
    ["a Map", new Map()],
  ])("that returns %s returns a user", async (_case, user) => {
    const auth = strategyOf<unknown>(() => user);
    const isSame: RequestHandler = (req, res) =>
      void res.json(Object.is(auth.currentUser(req), user) && Object.is(userOf(req), user));
    expect((await get(appOf(auth, {}, isSame))).body).toBe(true);
  });

  test.each<[string, unknown]>([
    ["an empty array", []],
    ["an array of users", [{ id: "42" }]],
    ["an Error", new Error("as a value")],
    ["an Error of another realm", runInNewContext("new TypeError()")],
    ["a DOMException", new DOMException("as a value")],
    ["an object that inherits from Error.prototype", Object.create(Error.prototype)],
    ["an array of another realm", runInNewContext("[]")],
    ["a function", () => ({ id: "42" })],
    ["a class", Map],
  ])(
    "that returns %s results in a 500, even if authentication is optional",
    async (_case, user) => {
      for (const findUser of [() => user, () => Promise.resolve(user)]) {
        const app = appOf(strategyOf<unknown>(findUser), { optional: "lenient" });
        const response = await get(app);
        expect(response.status).toBe(500);
        expect(response.text).toContain(
          "TypeError: The result of findUser must be a user or null, not an array, an Error or a function",
        );
      }
    },
  );

  test.each<[string, FindUser<{ id: string }>]>([
    ["a promise", (id) => Promise.resolve({ id })],
    ["a thenable", (id) => thenable({ id })],
    ["a thenable function", (id) => callable(thenable({ id }))],
    ["a promise of a thenable", (id) => Promise.resolve(thenable({ id }))],
  ])("may return %s", async (_case, findUser) => {
    expect((await get(appOf(strategyOf(findUser)))).body).toEqual({ user: { id: "42" } });
  });

  test.each<[string, FindUser<object>]>([
    ["then throws when it is read", () => throwingOn("then")],
    ["a property that a guard reads throws", () => throwingOn("isActive")],
    [
      "a property that a guard reads throws, asynchronously",
      () => Promise.resolve(throwingOn("isActive")),
    ],
    [
      "then throws when it is called",
      () => ({
        then() {
          throw new Error("hostile");
        },
      }),
    ],
  ])(
    "that returns an object with a throwing getter or method results in a 500: %s",
    async (_case, findUser) => {
      const reached = jest.fn<RequestHandler>((_req, res) => void res.send("in"));
      const response = await get(appOf(strategyOf(findUser), { active: true }, reached));
      expect(response.status).toBe(500);
      expect(reached).not.toHaveBeenCalled();
    },
  );

  test("is called for every request, so that a deleted user loses access immediately", async () => {
    const users = new Map([["42", { id: "42" }]]);
    const findUser = jest.fn<FindUser<{ id: string }>>((id) => users.get(id));
    const app = appOf(strategyOf(findUser));
    expect((await get(app)).status).toBe(200);
    expect((await get(app)).status).toBe(200);
    users.delete("42");
    await expectRefusal(get(app), 401, "invalid_token");
    expect(findUser).toHaveBeenCalledTimes(3);
  });

  test("is not called for a refused token", async () => {
    const findUser = jest.fn<FindUser<object>>(() => ({}));
    await expectRefusal(get(appOf(strategyOf(findUser)), "a.b.c"), 401, "invalid_token");
    expect(findUser).not.toHaveBeenCalled();
  });

  test("is called by each of two middlewares", async () => {
    const [first, second] = [strategyOf(() => "first"), strategyOf(() => "second")];
    const app = express();
    app.use(first.authenticate(), second.authenticate());
    app.get("/", (req, res) =>
      res.json([first.currentUser(req), second.currentUser(req), userOf(req)]),
    );
    expect((await get(app)).body).toEqual(["first", "second", "second"]);
  });

  test("is called for each request, so that a handler's changes of the user are not kept", async () => {
    const auth = strategyOf((id) => ({ id, role: "reader" }));
    const app = appOf(auth, {}, (req, res) => {
      const before = auth.currentUser(req).role;
      auth.currentUser(req).role = "admin";
      res.json({ before, after: auth.currentUser(req).role });
    });
    for (let count = 0; count < 3; count += 1) {
      expect((await get(app)).body).toEqual({ before: "reader", after: "admin" });
    }
  });

  test("may send the response itself; no other handler runs", async () => {
    const reached = jest.fn<RequestHandler>();
    const auth = strategyOf((id, _claims, req) => {
      (req as unknown as Parameters<RequestHandler>[0]).res?.status(503).send("maintenance");
      return Promise.resolve({ id });
    });
    const response = await get(appOf(auth, {}, reached));
    expect([response.status, response.text]).toEqual([503, "maintenance"]);
    expect(reached).not.toHaveBeenCalled();
  });

  test("that never settles delays only its own request", async () => {
    let notify = (): void => undefined;
    const stuckIsLoading = new Promise<void>((resolve) => (notify = resolve));
    const auth = strategyOf<{ id: string }>((id) => {
      if (id !== "stuck") return { id };
      notify();
      return new Promise(() => undefined);
    });
    const server = await serve(appOf(auth));
    const abort = new AbortController();
    const headers = { Authorization: `Bearer ${tokenOf("stuck")}` };
    const stuck = fetch(server.url, { headers, signal: abort.signal });
    await stuckIsLoading;
    expect((await get(appOf(auth))).status).toBe(200);
    const other = { headers: { Authorization: `Bearer ${tokenOf("42")}` } };
    expect((await fetch(server.url, other)).status).toBe(200);
    abort.abort();
    await expect(stuck).rejects.toThrow("aborted");
    await server.close();
  });
});

function userOf(req: object): unknown {
  return (req as { user?: unknown }).user;
}

/** A value that some query builders return instead of a promise. */
function thenable<T>(value: T): PromiseLike<T> {
  const promise = Promise.resolve(value);
  return { then: (...reactions) => promise.then(...reactions) };
}

/** A value that some RPC clients return: `await` accepts a function with a `then` method, too. */
function callable<T>(promise: PromiseLike<T>): PromiseLike<T> {
  return Object.assign(() => undefined, { then: promise.then.bind(promise) });
}

function throwingOn(name: string): object {
  return Object.defineProperty({}, name, {
    get() {
      throw new Error("hostile");
    },
  });
}
