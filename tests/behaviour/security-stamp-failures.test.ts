import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import {
  bearerTransport,
  cookieTransport,
  createJwtStrategy,
  type JwtStrategy,
  type OnAuthError,
  type UserStrategyOptions,
} from "express-jwt-strategy";
import express, { type ErrorRequestHandler, type Express } from "express";
import request, { type Response, type Test } from "supertest";
import { expectShowsNothingOf } from "../support/expect-construction-error.ts";
import { forge, goodClaims } from "../support/forge.ts";
import { hmacSecret, signingKey } from "../support/keys.ts";
import { THROWN, reject } from "../support/thrown.ts";

interface User {
  readonly id: string;
}
type GetSecurityStamp = () => string | Promise<string>;

const TOKEN = forge("HS256", signingKey("HS256"), goodClaims({ stamp: "x".repeat(22) }));
const CHANNELS = ["authenticate", "login"].map((name) => `express-jwt-strategy:${name}`);
const WRAPPED = "The application's authentication code failed";
const LOGIN = { username: "ada", password: "l0velace" };

const UNUSABLE: readonly (readonly [string, unknown])[] = [
  ["undefined", undefined],
  ["null", null],
  ["false", false],
  ["an empty text", ""],
  ["a number", 42],
  ["a Buffer", Buffer.from("hash")],
  ["a list", ["hash"]],
  ["a String object", Object("hash")],
  ["a function", () => "hash"],
];

const throwing = (thrown: unknown): GetSecurityStamp => {
  return () => {
    throw thrown;
  };
};
const rejecting = (thrown: unknown): GetSecurityStamp => {
  return () => reject(thrown);
};
const returning = (value: unknown): GetSecurityStamp => {
  return () => value as string;
};
const resolving = (value: unknown): GetSecurityStamp => {
  return () => Promise.resolve(value as string);
};

const transports = [
  ["bearerTransport", bearerTransport(), { Authorization: `Bearer ${TOKEN}` }],
  ["cookieTransport", cookieTransport(), { Cookie: `fastapiusersauth=${TOKEN}` }],
] as const;

function createAuth(options: Partial<UserStrategyOptions<User>>): JwtStrategy<User> {
  return createJwtStrategy<User>({
    secret: hmacSecret,
    lifetimeSeconds: 3600,
    verifyCredentials: () => ({ id: "42" }),
    findUser: (id) => ({ id }),
    ...(options as object),
  });
}

const events: unknown[] = [];
const recordEvent = (event: unknown): void => void events.push(event);
const errors: unknown[] = [];
const recordError: ErrorRequestHandler = (error, _req, _res, next) => {
  errors.push(error);
  next(error);
};

beforeEach(() => {
  events.length = 0;
  errors.length = 0;
  for (const name of CHANNELS) subscribe(name, recordEvent);
});
afterEach(() => {
  for (const name of CHANNELS) unsubscribe(name, recordEvent);
});

describe("a securityStamp function that fails", () => {
  /** Expects a 500 without a token from each handler, and returns the errors. */
  async function expectServerErrors(
    securityStamp: GetSecurityStamp,
    [, transport, credentials]: (typeof transports)[number] = transports[0],
  ): Promise<unknown[]> {
    errors.length = 0;
    const onAuthError = jest.fn<OnAuthError>();
    const auth = createAuth({ transport, securityStamp, onAuthError });
    const app: Express = express().post("/login", auth.login);
    app.post("/refresh", auth.refresh).post("/logout", auth.logout);
    app.use("/", auth.authenticate({ optional: "lenient" }));
    app.use((_req, res) => res.send("let in"));
    app.use(recordError);
    const post = (path: string): Test => request(app).post(path);
    const sent: readonly Test[] = [
      post("/login").send(LOGIN),
      post("/refresh").set(credentials),
      post("/logout").set(credentials),
      request(app).get("/").set(credentials),
    ];
    for (const response of await Promise.all<Response>(sent)) {
      expect([response.status, response.body]).toEqual([500, {}]);
      expect(response.headers).not.toHaveProperty("www-authenticate");
      expect(response.get("Set-Cookie")).toBeUndefined();
      expect(response.text).not.toMatch(/eyJ|let in/);
    }
    expect(onAuthError).not.toHaveBeenCalled();
    expect(events).toEqual([]);
    expect(errors).toHaveLength(sent.length);
    return errors;
  }

  test.each(THROWN)(
    "by throwing %s or rejecting with it results in a 500",
    async (_what, thrown) => {
      for (const fail of [throwing, rejecting]) {
        for (const error of await expectServerErrors(fail(thrown))) {
          expect(error).toMatchObject({ message: WRAPPED, cause: thrown });
        }
      }
    },
  );

  test.each(UNUSABLE)(
    "by returning %s or a promise of it results in a 500",
    async (_what, value) => {
      for (const give of [returning, resolving]) {
        for (const error of await expectServerErrors(give(value))) {
          expect(error).toEqual(new TypeError("securityStamp must return a non-empty string"));
        }
      }
    },
  );

  test.each(transports)("passes its Error to the error handler, with %s", async (...transport) => {
    for (const fail of [throwing, rejecting]) {
      const failure = new Error("database down");
      for (const error of await expectServerErrors(fail(failure), transport)) {
        expect(error).toBe(failure);
      }
    }
  });

  test.each(["42", 42, null])("answers 500 if claims return stamp: %p", async (value) => {
    const text = "the text";
    const auth = createAuth({
      securityStamp: () => text,
      claims: () => ({ stamp: value }),
    });
    const app = express().use(auth.login).use(recordError);
    const response = await request(app).post("/").send(LOGIN);
    expect([response.status, response.body]).toEqual([500, {}]);
    expect(errors).toEqual([
      new TypeError("claims must not return stamp: the strategy's own options write it"),
    ]);
  });

  test("does not show its result in a response, error, event, token or request", async () => {
    const text = "$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA";
    let failing = false;
    const transport = cookieTransport();
    const auth = createAuth({
      transport,
      lifetimeSeconds: 3600,
      securityStamp: () => text,
      claims: () => (failing ? { stamp: "mine" } : {}),
    });
    const app = express().post("/login", auth.login).post("/refresh", auth.refresh);
    app.use(auth.authenticate(), (req, res) => {
      res.json({ claims: auth.currentClaims(req), req: inspect(req, { depth: 4 }) });
    });
    app.use(recordError);

    const login = await request(app).post("/login").send(LOGIN).expect(204);
    const [cookie = ""] = (login.get("Set-Cookie") ?? [""])[0]?.split(";") ?? [];
    const responses = [
      login,
      await request(app).get("/").set("Cookie", cookie).expect(200),
      await request(app).post("/refresh").set("Cookie", cookie).expect(204),
      await request(app).get("/").set("Cookie", `fastapiusersauth=${TOKEN}`).expect(401),
    ];
    failing = true;
    responses.push(await request(app).post("/refresh").set("Cookie", cookie).expect(500));

    const [, payload = ""] = cookie.split(".");
    const shown = inspect([errors, events, auth], { depth: 12, showHidden: true });
    const sent = responses.map(({ text: body, headers }) => body + JSON.stringify(headers));
    const decoded = Buffer.from(payload, "base64url").toString();
    expectShowsNothingOf(text, [shown, ...sent, decoded].join("\n"));
    expectShowsNothingOf(Buffer.from(text), [...sent, decoded].join("\n"));
  });
});

describe("readToken and writeToken", () => {
  const READ = forge("HS256", signingKey("HS256"), goodClaims());

  test.each([
    ["throws", throwing],
    ["rejects with", rejecting],
  ])("reject with the value that securityStamp %s", async (_how, fail) => {
    for (const thrown of [new Error("database down"), undefined, "route"]) {
      const auth = createAuth({ securityStamp: fail(thrown) });
      await expect(auth.readToken(READ)).rejects.toBe(thrown);
      await expect(auth.writeToken({ id: "42" })).rejects.toBe(thrown);
    }
  });

  test.each(UNUSABLE)("reject if securityStamp returns %s", async (_what, value) => {
    const auth = createAuth({ securityStamp: returning(value) });
    const error = new TypeError("securityStamp must return a non-empty string");
    await expect(auth.readToken(READ)).rejects.toThrow(error);
    await expect(auth.writeToken({ id: "42" })).rejects.toThrow(error);
  });

  test("await a promised string", async () => {
    const securityStamp = jest.fn((user: User) => Promise.resolve(`text of ${user.id}`));
    const auth = createAuth({ securityStamp });
    const token = await auth.writeToken({ id: "42" });
    expect(await auth.readToken(token)).toEqual({ id: "42" });
    expect(securityStamp.mock.calls).toEqual([[{ id: "42" }], [{ id: "42" }]]);
    securityStamp.mockResolvedValue("another text");
    expect(await auth.readToken(token)).toBeNull();
  });
});
