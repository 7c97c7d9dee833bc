import { isNativeError } from "node:util/types";
import { describe, expect, jest, test } from "@jest/globals";
import {
  cookieTransport,
  createJwtStrategy,
  type JwtStrategy,
  type OnAuthError,
  type UserStrategyOptions,
} from "express-jwt-strategy";
import express, {
  type ErrorRequestHandler,
  type Express,
  type RequestHandler,
  type Response,
} from "express";
import request from "supertest";
import { AUDIENCE, forge, nowInSeconds } from "../support/forge.ts";
import { hmacSecret, signingKey } from "../support/keys.ts";
import { THROWN, reject } from "../support/thrown.ts";

interface User {
  readonly id: string;
}

const signed = (restSeconds: number): string =>
  forge("HS256", signingKey("HS256"), {
    sub: "42",
    aud: [AUDIENCE],
    exp: nowInSeconds() + restSeconds,
  });
const DUE = signed(1000);
const FRESH = signed(3000);

function createAuth(options: Partial<UserStrategyOptions<User>> = {}): JwtStrategy<User> {
  return createJwtStrategy<User>({
    secret: hmacSecret,
    lifetimeSeconds: 3600,
    renewAfterFraction: 0.5,
    transport: cookieTransport(),
    findUser: (id) => ({ id }),
    ...(options as object),
  });
}

describe("a failed renewal", () => {
  async function expectServerError(
    options: Partial<UserStrategyOptions<User>>,
    guardsOf: (auth: JwtStrategy<User>) => RequestHandler[] = (auth) => [auth.authenticate()],
  ): Promise<Error> {
    const onAuthError = jest.fn<OnAuthError>();
    const errors: unknown[] = [];
    const handler = jest.fn<RequestHandler>((_req, res) => void res.send("let in"));
    const recordError: ErrorRequestHandler = (error, _req, _res, next) => {
      errors.push(error);
      next(error);
    };
    const auth = createAuth({ ...options, onAuthError });
    const app = express()
      .use(...guardsOf(auth))
      .use(handler)
      .use(recordError);
    const get = (token: string): request.Test =>
      request(app).get("/").set("Cookie", `fastapiusersauth=${token}`);

    expect((await get(FRESH)).text).toBe("let in");
    const response = await get(DUE);
    expect(response.status).toBe(500);
    expect(response.headers).not.toHaveProperty("www-authenticate");
    expect(response.get("Set-Cookie")).toBeUndefined();
    expect(response.text).not.toContain("eyJ");
    expect(handler).toHaveBeenCalledTimes(1);
    expect(onAuthError).not.toHaveBeenCalled();
    expect(errors.map(isNativeError)).toEqual([true]);
    return errors[0] as Error;
  }

  test.each(THROWN)(
    "results in a 500 if claims throw %s or reject with it",
    async (_what, thrown) => {
      const throwing = (): never => {
        throw thrown;
      };
      const rejecting = (): Promise<never> => reject(thrown);
      for (const claims of [throwing, rejecting]) {
        expect(await expectServerError({ claims })).toMatchObject({
          message: "The application's authentication code failed",
          cause: thrown,
        });
      }
    },
  );

  test("passes an Error to the error handler unchanged", async () => {
    const failure = new Error("database down");
    const claims = (): Promise<never> => Promise.reject(failure);
    expect(await expectServerError({ claims })).toBe(failure);
  });

  test("results in a 500 in each middleware that requires the user", async () => {
    const failure = new Error("database down");
    const claims = (): Promise<never> => Promise.reject(failure);
    const error = await expectServerError({ claims }, (auth) => [
      (req, _res, next) => void auth.authenticateRequest(req).then(() => next(), next),
      auth.authorize({ allow: () => true }),
    ]);
    expect(error).toBe(failure);
  });

  test("results in a 500 if the token is too long for a cookie", async () => {
    const error = await expectServerError({ claims: () => ({ filler: "x".repeat(3000) }) });
    expect(error.message).toMatch("longer than the 4096 bytes");
  });

  test.each([
    [
      "throws",
      /broken/,
      () => {
        throw new Error("broken");
      },
    ],
    ["returns no headers", /undefined/, () => undefined],
    ["returns an invalid header", /Invalid character/, () => ({ "X-Token": "line\nbreak" })],
  ])("results in a 500 if the transport %s", async (_what, message, renewalHeaders) => {
    const transport = { ...cookieTransport(), renewalHeaders: renewalHeaders as never };
    expect((await expectServerError({ transport })).message).toMatch(message);
  });
});

describe("a response that is sent before the renewal,", () => {
  /** Sends the response in a function of the app. */
  const sendEarly = (req: unknown): void => {
    (req as { res: Response }).res.status(503).send("busy");
  };

  async function expectBusy(auth: JwtStrategy<User>, guard: RequestHandler): Promise<void> {
    const errors: unknown[] = [];
    const handler = jest.fn<RequestHandler>();
    const app: Express = express().use(guard, handler);
    const recordError: ErrorRequestHandler = (error, _req, _res, next) => {
      errors.push(error);
      next(error);
    };
    app.use(recordError);
    const response = await request(app).get("/").set("Cookie", `fastapiusersauth=${DUE}`);
    expect([response.status, response.text]).toEqual([503, "busy"]);
    expect(response.get("Set-Cookie")).toBeUndefined();
    expect(response.headers).not.toHaveProperty("cache-control");
    expect(handler).not.toHaveBeenCalled();
    expect(errors).toEqual([]);
  }

  test("by findUser, is not changed", async () => {
    const auth = createAuth({
      findUser(id, _claims, req) {
        sendEarly(req);
        return { id };
      },
    });
    await expectBusy(auth, auth.authenticate());
  });

  test("by a guard, is not changed", async () => {
    const auth = createAuth();
    const allow = (_user: User, _claims: unknown, req: unknown): boolean => {
      sendEarly(req);
      return true;
    };
    await expectBusy(auth, auth.authenticate({ allow }));
  });

  test("while claims are computed, is not changed", async () => {
    let answer: () => void = () => undefined;
    const auth = createAuth({
      findUser(id, _claims, req) {
        answer = () => sendEarly(req);
        return { id };
      },
      claims: () => {
        answer();
        return Promise.resolve({});
      },
    });
    await expectBusy(auth, auth.authenticate());
  });
});
