import { setImmediate as nextTurn } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { type } from "arktype";
import {
  anyOf,
  bearerTransport,
  byIssuer,
  createJwtStrategy,
  type Handler,
  type JwtStrategy,
  type Transport,
} from "express-jwt-strategy";
import { describeStrategy } from "express-jwt-strategy/openapi";
import express from "express";
import request, { type Response } from "supertest";
import { construct } from "../support/expect-construction-error.ts";
import { expectRefusal } from "../support/expect-refusal.ts";
import { forge, goodClaims } from "../support/forge.ts";
import { hmacSecret, signingKey } from "../support/keys.ts";

const TOKEN = forge("HS256", signingKey("HS256"));
const unhandled: unknown[] = [];

function recordUnhandled(reason: unknown): void {
  unhandled.push(reason);
}

beforeAll(() => void process.on("unhandledRejection", recordUnhandled));
afterAll(() => void process.off("unhandledRejection", recordUnhandled));
beforeEach(() => void unhandled.splice(0));

const rejecting = (): Promise<never> => Promise.reject(new Error("database is down"));
const resolving = (): Promise<undefined> => Promise.resolve(undefined);
/** Calls onError twice, unlike a promise. */
const rejectingThenable = (): PromiseLike<never> => ({
  then(_onResult, onError) {
    onError?.(new Error("first"));
    onError?.(new Error("second"));
    return this;
  },
});

const PROMISES = [
  ["rejects", rejecting],
  ["resolves", resolving],
  ["is a thenable that rejects twice", rejectingThenable],
] as const;

function createAuth(options: object = {}): JwtStrategy<{ id: string }> {
  return createJwtStrategy<{ id: string }>({
    secret: hmacSecret,
    lifetimeSeconds: 3600,
    findUser: (id) => ({ id }),
    verifyCredentials: () => ({ id: "42" }),
    ...options,
  });
}

function transportWith(methods: object): Transport {
  return { ...bearerTransport(), ...methods };
}

function containItself(value: object): object {
  return Object.assign(value, { itself: value });
}

async function send(handler: Handler, token = TOKEN): Promise<Response> {
  const app = express().post("/", handler, (_req, res) => void res.send("in"));
  const response = await request(app)
    .post("/")
    .set("Authorization", `Bearer ${token}`)
    .send({ username: "ada", password: "right" });
  await nextTurn();
  return response;
}

async function expectFailure(handler: Handler, token?: string): Promise<Response> {
  const response = await send(handler, token);
  expect(response.status).toBe(500);
  expect(response.headers).not.toHaveProperty("x-token");
  expect(response.text).not.toContain("database is down");
  expect(unhandled).toEqual([]);
  return response;
}

describe.each(PROMISES)("a promise that %s", (_what, createPromise) => {
  test.each(["protect", "extractToken"])(
    "results in a 500 of each handler if the transport's %s returns it",
    async (name) => {
      const auth = createAuth({ transport: transportWith({ [name]: createPromise }) });
      const handlers = [auth.authenticate({ optional: "lenient" }), auth.logout, auth.refresh];
      for (const handler of handlers) {
        const { text } = await expectFailure(handler);
        expect(text).toContain(
          `TypeError: The transport&#39;s ${name}() must not return a promise`,
        );
      }
    },
  );

  test("results in a 500 of login if the transport's protect returns it", async () => {
    await expectFailure(createAuth({ transport: transportWith({ protect: createPromise }) }).login);
  });

  test("results in a 500 of login and refresh if the transport's loginResponse returns it", async () => {
    const auth = createAuth({ transport: transportWith({ loginResponse: createPromise }) });
    await expectFailure(auth.login);
    await expectFailure(auth.refresh);
  });

  test("results in a 500 of logout if the transport's logoutResponse returns it", async () => {
    const transport = transportWith({ logoutResponse: createPromise });
    await expectFailure(createAuth({ transport }).logout);
  });

  test("results in a 500 if the transport's renewalHeaders returns it", async () => {
    const transport = transportWith({ renewalHeaders: createPromise });
    const auth = createAuth({ transport, renewAfterFraction: 0.5 });
    const exp = Math.floor(Date.now() / 1000) + 60;
    const token = forge("HS256", signingKey("HS256"), goodClaims({ exp }));
    await expectFailure(auth.authenticate(), token);
  });

  test("results in a TypeError of describeStrategy if the transport's describe returns it", async () => {
    const auth = createAuth({ transport: transportWith({ describe: createPromise }) });
    expect(() => describeStrategy(auth, {})).toThrow(
      new TypeError("The transport's describe() must not return a promise"),
    );
    await nextTurn();
    expect(unhandled).toEqual([]);
  });

  test("results in a 500 if claims contain it at any depth", async () => {
    const claims = (): object => ({ a: createPromise(), b: { c: [createPromise()] } });
    const { text } = await expectFailure(createAuth({ claims }).login);
    expect(text).toContain("TypeError: claims must not contain a promise: await it");
  });

  test("is a 500 if toJSON of a claim returns it", async () => {
    const claims = (): object => ({ a: { toJSON: createPromise } });
    const { text } = await expectFailure(createAuth({ claims }).login);
    expect(text).toContain("TypeError: claims must not contain a promise: await it");
  });

  test("is a 500 if it is beside a claim that JSON cannot contain", async () => {
    const claims = (): object => ({ a: 1n, b: createPromise() });
    await expectFailure(createAuth({ claims }).login);
  });

  test.each<[string, () => unknown]>([
    ["a list", () => [createPromise()]],
    ["a Map", () => new Map([["scope", [createPromise()]]])],
    ["a Set", () => new Set([createPromise()])],
    [
      "an instance of a class",
      () => Object.assign(new (class Claims {})(), { a: createPromise() }),
    ],
  ])("is a 500 if claims returns %s with it", async (_what, claims) => {
    const { text } = await expectFailure(createAuth({ claims }).login);
    expect(text).toContain("TypeError: claims must");
  });

  test.each<[string, () => object]>([
    ["a list", () => [createPromise()]],
    ["an Error", () => Object.assign(new Error("no"), { cause: createPromise() })],
    ["a function", () => Object.assign(() => undefined, { result: createPromise() })],
  ])("is a 500 if findUser or verifyCredentials returns %s with it", async (_what, createUser) => {
    const { authenticate } = createAuth({ findUser: createUser });
    expect((await expectFailure(authenticate())).text).toContain(
      "TypeError: The result of findUser",
    );
    const { login } = createAuth({ verifyCredentials: createUser });
    expect((await expectFailure(login)).text).toContain(
      "TypeError: The result of verifyCredentials",
    );
  });

  test("is a 500 if userId returns a list with it", async () => {
    const { text } = await expectFailure(createAuth({ userId: () => [createPromise()] }).login);
    expect(text).toContain("TypeError: The user&#39;s id must be");
  });

  test("is a 403 if allow returns a list with it", async () => {
    const allow = (): never => [createPromise()] as never;
    const response = send(createAuth().authenticate({ allow }));
    await expectRefusal(response, 403, "insufficient_scope");
    expect(unhandled).toEqual([]);
  });

  test.each<[string, () => unknown]>([
    ["is the result", createPromise],
    ["is inside the result", () => ({ a: [{ b: new Map([["c", createPromise()]]) }] })],
    ["is inside a frozen result", () => Object.freeze({ a: createPromise() })],
    ["is inside a result that contains itself", () => containItself({ a: createPromise() })],
  ])("is a 500 if it %s of claimsSchema", async (_where, createResult) => {
    const validate = (): unknown => ({ value: createResult() });
    const claimsSchema = { "~standard": { version: 1, vendor: "test", validate } };
    const withoutUsers = { secret: hmacSecret, lifetimeSeconds: 3600, claimsSchema };
    for (const { authenticate } of [construct(withoutUsers), createAuth({ claimsSchema })]) {
      const { text } = await expectFailure(authenticate({ optional: "lenient" }));
      expect(text).toContain("TypeError: The result of claimsSchema must not contain a promise");
    }
  });

  test("is a 500 if an async morph of ArkType makes it", async () => {
    const claimsSchema = type({ sub: type("string").pipe(() => createPromise()) });
    await expectFailure(createAuth({ claimsSchema }).authenticate());
  });

  test("is a 500 for byIssuer if the transport of the first strategy returns it as the token", async () => {
    const first = createAuth({ transport: transportWith({ extractToken: createPromise }) });
    const auth = byIssuer({ a: first, b: createAuth() });
    for (const handler of [auth.authenticate({ optional: "lenient" }), auth.logout, auth.refresh]) {
      const { text } = await expectFailure(handler);
      expect(text).toContain(
        "TypeError: The transport&#39;s extractToken() must not return a promise",
      );
    }
  });

  test("is a 500 for the logout of anyOf if protect of any strategy returns it", async () => {
    const second = createAuth({ transport: transportWith({ protect: createPromise }) });
    const { logout } = anyOf(createAuth(), second);
    const { text } = await expectFailure(logout);
    expect(text).toContain("TypeError: The transport&#39;s protect() must not return a promise");
    await expectFailure(logout, `${TOKEN}A`);
  });

  test.each<[string, () => unknown]>([
    ["req.body", createPromise],
    ["a member of req.body", () => ({ username: createPromise(), password: "right" })],
  ])("is a 400 for a login if it is %s", async (_where, createBody) => {
    const app = express().use(express.json(), (req, _res, next) => {
      req.body = createBody();
      next();
    });
    const response = await request(app.post("/", createAuth().login))
      .post("/")
      .send({ username: "ada", password: "right" });
    await nextTurn();
    expect(response.status).toBe(400);
    expect(response.body).toMatchObject({ error: "invalid_request" });
    expect(unhandled).toEqual([]);
  });
});

describe.each(PROMISES)("a promise that %s instead of a user", (_what, createPromise) => {
  const userId = jest.fn(() => "root");
  const auth = createAuth({ userId, requiresVerification: true });

  test("rejects completeLogin with a TypeError before userId is called", async () => {
    const complete: Handler = (req, res, next) =>
      void auth.completeLogin(createPromise() as never, req, res).catch(next);
    const { text } = await expectFailure(complete);
    expect(text).toContain("TypeError: completeLogin() requires a user, not a promise: await it");
    expect(userId).not.toHaveBeenCalled();
  });

  test("rejects writeToken with a TypeError before userId is called", async () => {
    await expect(auth.writeToken(createPromise() as never)).rejects.toEqual(
      new TypeError("A token requires a user, not a promise: await it"),
    );
    await nextTurn();
    expect([userId.mock.calls, unhandled]).toEqual([[], []]);
  });
});

describe("a userId that rejects", () => {
  const auth = createAuth({ userId: rejecting });

  test("results in a 500 of login, and no unhandled rejection", async () => {
    const response = await send(auth.login);
    expect(response.status).toBe(500);
    expect(response.text).not.toContain("access_token");
    expect(unhandled).toEqual([]);
  });

  test("makes writeToken reject with its error", async () => {
    await expect(auth.writeToken({ id: "42" })).rejects.toThrow("database is down");
  });
});

describe("an async userId", () => {
  test("is awaited", async () => {
    const auth = createAuth({ userId: () => Promise.resolve(7) });
    expect(await auth.readToken(await auth.writeToken({ id: "42" }))).toEqual({ id: "7" });
  });

  test("results in a TypeError if it resolves with an invalid id", async () => {
    const auth = createAuth({ userId: resolving });
    await expect(auth.writeToken({ id: "42" })).rejects.toThrow(/^The user's id must be/);
  });
});
