import { EventEmitter, once } from "node:events";
import { request as httpRequest } from "node:http";
import { describe, expect, jest, test } from "@jest/globals";
import { createJwtStrategy, type Handler, type OnAuthError } from "express-jwt-strategy";
import express, { type ErrorRequestHandler } from "express";
import { refusalIn } from "../support/expect-refusal.ts";
import supertest, { type Response } from "supertest";
import type { UserId } from "../../lib/sessions/issue-token.ts";
import { hmacSecret } from "../support/keys.ts";
import { serve } from "../support/server.ts";
import { THROWN } from "../support/thrown.ts";

const GOOD = { username: "ada", password: "l0velace" };

interface LoginOptions {
  readonly verifyCredentials: () => unknown;
  readonly userId?: (user: unknown) => UserId;
  readonly requiresVerification?: boolean;
  readonly onAuthError?: OnAuthError;
}

function createLogin({ verifyCredentials, ...options }: LoginOptions): Handler {
  return createJwtStrategy({
    secret: hmacSecret,
    lifetimeSeconds: 3600,
    verifyCredentials,
    ...options,
  }).login;
}

describe("a login that fails", () => {
  /** Logs in. No login may reach the handler after it. */
  async function logIn(login: Handler): Promise<{ response: Response; errors: unknown[] }> {
    const errors: unknown[] = [];
    const record: ErrorRequestHandler = (error, _req, _res, next) => {
      errors.push(error);
      next(error);
    };
    const app = express().use(login);
    app.use((_req, res) => res.send("let in"));
    app.use(record);
    return { response: await supertest(app).post("/").send(GOOD), errors };
  }

  async function expectServerError(options: LoginOptions): Promise<Error> {
    const onAuthError = jest.fn<OnAuthError>((error, _req, _res, next) => next(error));
    const { response, errors } = await logIn(createLogin({ ...options, onAuthError }));

    expect(response.status).toBe(500);
    expect(response.headers).not.toHaveProperty("www-authenticate");
    expect(response.text).not.toContain("access_token");
    expect(errors).toEqual([expect.any(Error)]);
    expect(onAuthError).not.toHaveBeenCalled();
    return errors[0] as Error;
  }

  test("passes an Error of verifyCredentials to the error handler unchanged", async () => {
    const error = new Error("database down");
    const thrown = await expectServerError({ verifyCredentials: throwing(error) });
    const rejected = await expectServerError({ verifyCredentials: rejecting(error) });

    expect([thrown, rejected]).toEqual([error, error]);
    expect(thrown).toBe(error);
    expect(rejected).toBe(error);
  });

  test.each(THROWN)("answers 500 if verifyCredentials throws %s", async (_what, value) => {
    const error = await expectServerError({ verifyCredentials: throwing(value) });

    expect(error).not.toBe(value);
    expect(error.cause).toBe(value);
  });

  test.each(THROWN)("answers 500 if verifyCredentials rejects with %s", async (_what, value) => {
    const error = await expectServerError({ verifyCredentials: rejecting(value) });

    expect(error).not.toBe(value);
    expect(error.cause).toBe(value);
  });

  test.each<[string, unknown]>([
    ["an array of users", [{ id: 42 }]],
    ["an empty array", []],
    ["an Error", new Error("as a value")],
    ["a function", () => ({ id: 42 })],
  ])(
    "answers 500 without a token if verifyCredentials returns %s instead of a user",
    async (_what, user) => {
      const error = await expectServerError({ verifyCredentials: () => user });
      expect(error).toEqual(
        new TypeError(
          "The result of verifyCredentials must be a user or null, not an array, an Error or a function",
        ),
      );
    },
  );

  test.each<[string, unknown]>([
    ["a user without an id", { name: "ada" }],
    ["null as id", { id: null }],
    ["an empty string as id", { id: "" }],
    ["a lone surrogate as id", { id: "\ud800" }],
    ["NaN as id", { id: NaN }],
    ["a fraction as id", { id: 1.5 }],
    ["2^53 as id", { id: 2 ** 53 }],
    ["an object as id", { id: { toString: () => "42" } }],
    ["a list as id", { id: ["42"] }],
    ["a symbol as id", { id: Symbol("42") }],
    ["true as user", true],
    ["a string as user", "ada"],
  ])("answers 500 without a token if verifyCredentials returns %s", async (_what, user) => {
    const error = await expectServerError({ verifyCredentials: () => user });

    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toMatch(/^The user's id must be /);
  });

  test("answers 500 if userId throws or returns no id", async () => {
    const verifyCredentials = (): unknown => ({ id: 42 });

    await expectServerError({ verifyCredentials, userId: throwing("route") });
    await expectServerError({ verifyCredentials, userId: () => "" });
  });

  test.each(["id", "isActive", "isVerified", "then"])(
    "answers 500 if the user's %s cannot be read",
    async (name) => {
      const user = Object.defineProperty({ id: 42, isVerified: true }, name, {
        get: throwing(undefined),
      });

      await expectServerError({ verifyCredentials: () => user, requiresVerification: true });
    },
  );

  test.each([
    ["null", null],
    ["a SyntaxError", new SyntaxError("Unexpected token")],
    ["an error with a status", Object.assign(new Error(), { status: 500 })],
  ])(
    "answers 400, because the body is invalid, if reading req.body throws %s",
    async (_what, thrown) => {
      const login = createLogin({ verifyCredentials: () => ({ id: 42 }) });
      const { response } = await logIn((req, res, next) => {
        Object.defineProperty(req, "body", { get: throwing(thrown) });
        login(req, res, next);
      });

      expect(refusalIn(response)).toMatchObject({
        status: 400,
        challenge: undefined,
        caching: "no-store",
        type: "application/json",
      });
      expect(response.body).toMatchObject({ detail: "Bad Request", error: "invalid_request" });
    },
  );

  test.each([
    ["a token", { id: 42 }],
    ["a refusal", null],
  ])("does not add %s to a response that the app has sent", async (_what, user) => {
    const done = new EventEmitter();
    const login = createLogin({
      verifyCredentials() {
        setImmediate(() => done.emit("login"));
        return user;
      },
    });
    const app = express().post("/", (req, res, next) => {
      res.status(503).end("busy");
      login(req, res, next);
    });
    const loggedIn = once(done, "login");
    const response = await supertest(app).post("/").send(GOOD);
    await loggedIn;

    expect([response.status, response.text]).toEqual([503, "busy"]);
  });

  // Jest fails a test that leaves an unhandled rejection.
  test.each<[string, () => unknown, number]>([
    ["verifies", () => ({ id: 42 }), 200],
    ["refuses", () => null, 400],
    ["fails", throwing(undefined), 500],
  ])(
    "causes no error if the client disconnects before verifyCredentials %s",
    async (_what, give, status) => {
      const events = new EventEmitter();
      const closed = once(events, "closed");
      const login = createLogin({
        async verifyCredentials() {
          sent.destroy();
          await closed;
          return give();
        },
      });
      const app = express().post("/", (req, res, next) => {
        res.once("close", () => events.emit("closed"));
        login(req, res, next);
      });
      const running = await serve(app);
      const sent = httpRequest(running.url, { method: "POST" });
      sent.setHeader("Content-Type", "application/json");
      sent.on("error", () => undefined).end(JSON.stringify(GOOD));
      await closed;

      expect((await supertest(running.url).post("/").send(GOOD)).status).toBe(status);
      await running.close();
    },
  );

  test("does not call verifyCredentials if the client disconnects during the upload", async () => {
    const events = new EventEmitter();
    const verifyCredentials = jest.fn(() => ({ id: 42 }));
    const login = createLogin({
      verifyCredentials,
      onAuthError: () => void events.emit("refused"),
    });
    const running = await serve(
      express().post("/", (req, res, next) => {
        login(req, res, next);
        if (req.headers["content-length"] === "1000") sent.destroy();
      }),
    );
    const refused = once(events, "refused");
    const sent = httpRequest(running.url, { method: "POST" });
    sent.setHeader("Content-Type", "application/json").setHeader("Content-Length", "1000");
    sent.on("error", () => undefined).write(JSON.stringify(GOOD));
    await refused;
    expect(verifyCredentials).not.toHaveBeenCalled();

    expect((await supertest(running.url).post("/").send(GOOD)).status).toBe(200);
    await running.close();
  });
});

function throwing(value: unknown): () => never {
  return () => {
    throw value;
  };
}

function rejecting(value: unknown): () => Promise<never> {
  return async () => {
    await Promise.resolve();
    throw value;
  };
}
