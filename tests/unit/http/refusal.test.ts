import { ServerResponse } from "node:http";
import { describe, expect, jest, test } from "@jest/globals";
import {
  AuthError,
  createJwtStrategy,
  type Handler,
  type JwtStrategy,
  type OnAuthError,
} from "express-jwt-strategy";
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from "express";
import supertest, { type Response } from "supertest";
import { forge, goodClaims } from "../../support/forge.ts";
import { hmacSecret, signingKey } from "../../support/keys.ts";
import { createRequest } from "../../support/request.ts";

const GOOD_TOKEN = forge("HS256", signingKey("HS256"));
const UNKNOWN_USER = forge("HS256", signingKey("HS256"), goodClaims({ sub: "unknown" }));
const CHALLENGE = 'Bearer realm="api"';
const INVALID_TOKEN = `${CHALLENGE}, error="invalid_token", error_description="The access token is invalid"`;
const MALFORMED = `${CHALLENGE}, error="invalid_request", error_description="The Authorization header is malformed"`;
const FORBIDDEN = `${CHALLENGE}, error="insufficient_scope", error_description="The user is not allowed to do this"`;

function createAuth(onAuthError?: OnAuthError): JwtStrategy<{ id: number }> {
  return createJwtStrategy<{ id: number }>({
    secret: hmacSecret,
    lifetimeSeconds: 3600,
    findUser: (id) => (id === "unknown" ? null : { id: 42 }),
    verifyCredentials: () => null,
    onAuthError,
  });
}

const passOn: OnAuthError = (error, _req, _res, next) => next(error);

const REFUSALS: [string, (app: Express) => supertest.Test, number, string, string | undefined][] = [
  ["no token", (app) => supertest(app).get("/"), 401, "credentials_missing", CHALLENGE],
  ["a bad token", (app) => get(app, "garbage"), 401, "malformed", INVALID_TOKEN],
  ["an unknown user", (app) => get(app, UNKNOWN_USER), 401, "user_not_found", INVALID_TOKEN],
  ["two tokens", (app) => get(app, "a b"), 400, "authorization_malformed", MALFORMED],
  ["a guard", (app) => get(app, GOOD_TOKEN, "/admin"), 403, "user_not_superuser", FORBIDDEN],
  ["a logout", (app) => supertest(app).post("/logout"), 401, "credentials_missing", CHALLENGE],
  [
    "a wrong password",
    (app) => supertest(app).post("/login").send({ username: "ada", password: "wrong" }),
    400,
    "credentials_invalid",
    undefined,
  ],
  ["no password", (app) => supertest(app).post("/login"), 400, "body_invalid", undefined],
];

function get(app: Express, token: string, path = "/"): supertest.Test {
  return supertest(app).get(path).set("Authorization", `Bearer ${token}`);
}

describe("a refusal", () => {
  function appOf(auth: JwtStrategy<unknown>): Express {
    const app = express().post("/login", auth.login).post("/logout", auth.logout);
    app.use("/admin", auth.authenticate({ superuser: true }));
    app.use(auth.authenticate());
    // Only an accepted request reaches this handler.
    app.use((_req, res) => res.send("let in"));
    return app;
  }

  /** Refuses a request without a token. Returns the response and the errors that reached the error handler. */
  async function refuse(
    onAuthError: OnAuthError,
  ): Promise<{ response: Response; errors: unknown[] }> {
    const errors: unknown[] = [];
    const app = appOf(createAuth(onAuthError)).use(recordInto(errors));
    return { response: await supertest(app).get("/"), errors };
  }

  describe.each(REFUSALS)("for %s", (_cause, send, status, reason, challenge) => {
    test("has status, challenge and Cache-Control set when onAuthError is called", async () => {
      const seen: unknown[] = [];
      const app = appOf(
        createAuth((error, req, res) => {
          seen.push(error.status, error.reason, error.headers, req.url, res.getHeaders());
          res.end("answered by the app");
        }),
      );
      const response = await send(app);
      const headers = { "Cache-Control": "no-store", ...authenticateHeader(challenge) };

      expect(seen.slice(0, 3)).toEqual([status, reason, headers]);
      expect([response.status, response.text]).toEqual([status, "answered by the app"]);
      expect(response.headers["cache-control"]).toBe("no-store");
      expect(response.headers["www-authenticate"]).toBe(challenge);
    });

    test("keeps its status and headers in the default error handler of Express", async () => {
      const response = await send(appOf(createAuth(passOn)));

      expect(response.status).toBe(status);
      expect(response.headers["cache-control"]).toBe("no-store");
      expect(response.headers["www-authenticate"]).toBe(challenge);
      expect(response.text).not.toContain("let in");
    });

    test("has the default body if an error handler sends it as JSON", async () => {
      const asJson: ErrorRequestHandler = (error, _req, res, next) => {
        if (error instanceof AuthError) res.status(error.status).set(error.headers).json(error);
        else next(error);
      };
      const byDefault = await send(appOf(createAuth()));
      const byHandler = await send(appOf(createAuth(passOn)).use(asJson));

      expect(byHandler.text).toBe(byDefault.text);
      expect(byHandler.text).not.toContain(reason);
      expect([byDefault.status, byHandler.status]).toEqual([status, status]);
    });
  });

  test.each<unknown>([undefined, null, false, 0, "", NaN, "route", "router"])(
    "is passed to the error handler if onAuthError calls next(%p)",
    async (passed) => {
      const { response, errors } = await refuse((_error, _req, _res, next) => next(passed));

      expect(response.status).toBe(401);
      expect(response.headers).toMatchObject({
        "www-authenticate": CHALLENGE,
        "cache-control": "no-store",
      });
      expect(errors).toEqual([expect.any(AuthError)]);
    },
  );

  test("is replaced by another error that onAuthError passes to next", async () => {
    const teapot = Object.assign(new Error("teapot"), { status: 418 });
    const { response, errors } = await refuse((_error, _req, _res, next) => next(teapot));

    expect(response.status).toBe(418);
    expect(errors).toEqual([teapot]);
  });

  test("waits for an asynchronous onAuthError", async () => {
    const { response, errors } = await refuse(async (error, _req, res) => {
      await Promise.resolve();
      res.statusCode = 404;
      res.end(error.code);
    });

    expect([response.status, response.text]).toEqual([404, "credentials_required"]);
    expect(errors).toEqual([]);
  });

  test.each<unknown>([undefined, null, 0, "", "route", "router", { status: 200 }])(
    "becomes a 500 if onAuthError throws or rejects with %p",
    async (thrown) => {
      for (const onAuthError of [throwing(thrown), rejecting(thrown)]) {
        const { response, errors } = await refuse(onAuthError);

        expect(response.status).toBe(500);
        expect(errors).toEqual([expect.objectContaining({ cause: thrown })]);
        expect(errors[0]).toBeInstanceOf(Error);
      }
    },
  );

  test("becomes a 500 with the same Error that onAuthError throws or rejects with", async () => {
    const error = new Error("template missing");
    for (const onAuthError of [throwing(error), rejecting(error)]) {
      const { response, errors } = await refuse(onAuthError);

      expect(response.status).toBe(500);
      expect(errors).toEqual([error]);
      expect(errors[0]).toBe(error);
    }
  });

  test("is kept if onAuthError throws it again", async () => {
    const { response } = await refuse((error) => {
      throw error;
    });

    expect([response.status, response.headers["www-authenticate"]]).toEqual([401, CHALLENGE]);
  });

  test("is sent by onAuthError, and a later error of onAuthError reaches the error handler", async () => {
    const error = new Error("after the answer");
    const errors: unknown[] = [];
    const onAuthError: OnAuthError = (_error, _req, res) => {
      res.end("answered by the app");
      throw error;
    };
    const response = await supertest(appOf(createAuth(onAuthError)).use(recordInto(errors))).get(
      "/",
    );

    expect([response.status, response.text]).toEqual([401, "answered by the app"]);
    expect(errors).toEqual([error]);
  });

  describe("calls next once", () => {
    /** Calls the middleware without Express, and returns the arguments of all calls of next. */
    async function callsOfNext(onAuthError: OnAuthError): Promise<unknown[][]> {
      const next = jest.fn<(...args: unknown[]) => void>();
      const req = createRequest("GET", {});
      createAuth(onAuthError).authenticate()(req, new ServerResponse(req), next);
      await new Promise(setImmediate);
      return next.mock.calls;
    }

    const later = new Error("later");
    const refused = [[expect.any(AuthError)]];

    test("if onAuthError calls next and then rejects", async () => {
      const onAuthError: OnAuthError = async (error, _req, _res, next) => {
        next(error);
        await Promise.resolve();
        throw later;
      };
      expect(await callsOfNext(onAuthError)).toEqual(refused);
    });

    test("if onAuthError calls next and then throws", async () => {
      const onAuthError: OnAuthError = (error, _req, _res, next) => {
        next(error);
        throw later;
      };
      expect(await callsOfNext(onAuthError)).toEqual(refused);
    });

    test("if onAuthError calls next twice", async () => {
      const onAuthError: OnAuthError = (error, _req, _res, next) => {
        next(error);
        next(later);
      };
      expect(await callsOfNext(onAuthError)).toEqual(refused);
    });

    test("if onAuthError rejects and then calls next", async () => {
      const onAuthError: OnAuthError = (error, _req, _res, next) => {
        setImmediate(next, error);
        return Promise.reject(later);
      };
      expect(await callsOfNext(onAuthError)).toEqual([[later]]);
    });

    test("if onAuthError returns a thenable that calls back twice, and then throws", async () => {
      const onAuthError: OnAuthError = () => ({
        then(_onResult: unknown, onError: (error: Error) => void) {
          onError(later);
          onError(new Error("again"));
          throw new Error("at last");
        },
      });
      expect(await callsOfNext(onAuthError)).toEqual([[later]]);
    });

    test("and sends the headers once", async () => {
      const { response, errors } = await refuse(async (error, _req, _res, next) => {
        next(error);
        await Promise.resolve();
        throw later;
      });
      expect([response.status, response.headers["www-authenticate"]]).toEqual([401, CHALLENGE]);
      expect(errors).toEqual([expect.any(AuthError)]);
    });
  });

  test("is not sent if the app has already sent a response", async () => {
    const onAuthError = jest.fn<OnAuthError>();
    const { login } = createAuth(onAuthError);
    const { logout } = createAuth();
    const sendFirst = (handler: Handler): RequestHandler => {
      return (req, res, next) => {
        res.status(503).end("busy");
        handler(req, res, next);
      };
    };
    const app = express().get("/login", sendFirst(login));
    app.get("/logout", sendFirst(logout));
    for (const path of ["/login", "/logout"]) {
      const response = await supertest(app).get(path);

      expect([response.status, response.text]).toEqual([503, "busy"]);
    }
    expect(onAuthError).not.toHaveBeenCalled();
  });
});

function authenticateHeader(challenge: string | undefined): object {
  return challenge === undefined ? {} : { "WWW-Authenticate": challenge };
}

function recordInto(errors: unknown[]): ErrorRequestHandler {
  return (error, _req, res, next) => {
    errors.push(error);
    if (!res.headersSent) next(error);
  };
}

function throwing(value: unknown): OnAuthError {
  return () => {
    throw value;
  };
}

function rejecting(value: unknown): OnAuthError {
  return async () => {
    await Promise.resolve();
    throw value;
  };
}
