import { describe, expect, jest, test } from "@jest/globals";
import {
  CredentialsRequiredError,
  createJwtStrategy,
  type FindUser,
  type Handler,
} from "express-jwt-strategy";
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from "express";
import request from "supertest";
import { forge } from "../support/forge.ts";
import { hmacSecret, signingKey } from "../support/keys.ts";
import { reject } from "../support/thrown.ts";

const token = forge("HS256", signingKey("HS256"));

function guardOf(findUser: FindUser<unknown>): Handler {
  return createJwtStrategy({ secret: hmacSecret, lifetimeSeconds: 3600, findUser }).authenticate();
}

/** A proxy that throws "route", which makes Express continue, from every trap. */
function hostileProxy(): object {
  const trap = (): never => {
    throw "route" as unknown as Error;
  };
  const traps = new Proxy({}, { get: () => trap });
  return new Proxy(new Error("hostile"), traps);
}

/** An object that inherits from Error, and throws if a property is read. */
function proxyThatThrowsWhenRead(): object {
  return new Proxy(new Error("hostile"), {
    get() {
      throw "route" as unknown as Error;
    },
  });
}

const thrownValues: readonly (readonly [string, unknown])[] = [
  ["an Error", new Error("the database is down")],
  ["a frozen Error", Object.freeze(new Error("the database is down"))],
  ["undefined", undefined],
  ["null", null],
  ["0", 0],
  ["an empty string", ""],
  ["NaN", NaN],
  ["false", false],
  ["0n", 0n],
  ["true", true],
  ["a symbol", Symbol("thrown")],
  ['"route"', "route"],
  ['"router"', "router"],
  ["a function", () => undefined],
  ["an object with a status", { status: 401, message: "thrown" }],
  ["an Error with status 200", Object.assign(new Error("thrown"), { status: 200 })],
  ["an Error with status 401", Object.assign(new Error("thrown"), { status: 401 })],
  ["an Error with status 404", Object.assign(new Error("thrown"), { status: 404 })],
  ["an Error with statusCode 403", Object.assign(new Error("thrown"), { statusCode: 403 })],
  [
    "an Error with headers",
    Object.assign(new Error("thrown"), { headers: { "WWW-Authenticate": "Basic" } }),
  ],
  [
    "a frozen Error with status 401 and headers",
    Object.freeze(Object.assign(new Error("thrown"), { status: 401, headers: { "X-Leak": "1" } })),
  ],
  ["a refusal of this package", new CredentialsRequiredError()],
  ["a Proxy that throws at every touch", hostileProxy()],
  ["a Proxy that throws when it is read", proxyThatThrowsWhenRead()],
];

type Mount = (guard: Handler, reached: RequestHandler) => Express;

const onRoute: Mount = (guard, reached) => {
  const app = express();
  app.get("/", guard, reached);
  app.get("/", reached);
  return app;
};

/** The ways to mount a guard. A request that passes it or skips its route reaches `reached`. */
const mounts: readonly (readonly [string, Mount])[] = [
  [
    "app.use",
    (guard, reached) => {
      const app = express();
      app.use(guard);
      app.get("/", reached);
      return app;
    },
  ],
  [
    "router.use",
    (guard, reached) => {
      const router = express.Router();
      router.use(guard);
      router.get("/", reached);
      const app = express();
      app.use(router);
      app.get("/", reached);
      return app;
    },
  ],
  ["a route", onRoute],
];

async function expectServerError(mount: Mount, findUser: FindUser<never>): Promise<void> {
  const reached = jest.fn<RequestHandler>((_req, res) => void res.send("in"));
  const response = await request(mount(guardOf(findUser), reached))
    .get("/")
    .set("Authorization", `Bearer ${token}`);
  expect(response.status).toBe(500);
  expect(response.headers).not.toHaveProperty("www-authenticate");
  expect(response.headers).not.toHaveProperty("x-leak");
  expect(response.text).not.toContain(token);
  expect(reached).not.toHaveBeenCalled();
}

describe.each(thrownValues)("a findUser that fails with %s,", (_case, thrown) => {
  test.each<[string, FindUser<never>]>([
    [
      "by throwing",
      () => {
        throw thrown as Error;
      },
    ],
    ["by rejecting", () => reject(thrown)],
    [
      "by rejecting later",
      async () => {
        await new Promise(setImmediate);
        throw thrown as Error;
      },
    ],
  ])("%s, results in a 500, and the protected handler does not run", async (_how, findUser) => {
    await expectServerError(onRoute, findUser);
  });
});

describe.each(mounts)("a guard mounted by %s", (_where, mount) => {
  test.each([
    ["an Error", new Error("the database is down")],
    ["undefined", undefined],
    ['"route"', "route"],
    ['"router"', "router"],
  ])("answers 500 if findUser rejects with %s", async (_case, thrown) => {
    await expectServerError(mount, () => reject(thrown));
  });
});

/** The error that reaches the app's error handler. */
async function errorFrom(findUser: FindUser<never>): Promise<unknown> {
  const onError = jest.fn<(error: unknown) => void>();
  const app = express();
  app.use(guardOf(findUser));
  const handleError: ErrorRequestHandler = (error: unknown, _req, res, next) => {
    onError(error);
    if (res.headersSent) next(error);
    else res.status(500).end();
  };
  app.use(handleError);
  await request(app).get("/").set("Authorization", `Bearer ${token}`);
  expect(onError).toHaveBeenCalledTimes(1);
  return onError.mock.calls[0]?.[0];
}

test.each([
  ["an Error", new Error("the database is down")],
  ["an Error with a code", Object.assign(new Error("refused"), { code: "ECONNREFUSED" })],
  ["an Error of a class", new RangeError("out of range")],
  ["a frozen Error", Object.freeze(new Error("the database is down"))],
])("passes %s to next unchanged", async (_case, thrown) => {
  expect(await errorFrom(() => Promise.reject(thrown))).toBe(thrown);
});

test.each(thrownValues.filter(([, value]) => !isPlain(value)))(
  "wraps %s in an Error with a non-enumerable cause",
  async (_case, thrown) => {
    const error = await errorFrom(() => reject(thrown));
    expect(error).toBeInstanceOf(Error);
    expect(Object.keys(error as Error)).toEqual([]);
    expect((error as Error).message).toBe("The application's authentication code failed");
    expect(Object.is((error as Error).cause, thrown)).toBe(true);
  },
);

function isPlain(thrown: unknown): boolean {
  const [[, error], [, frozen]] = thrownValues as [[string, unknown], [string, unknown]];
  return thrown === error || thrown === frozen;
}
