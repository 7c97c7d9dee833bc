import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { describe, expect, jest, test } from "@jest/globals";
import { createJwtStrategy, KeysUnavailableError } from "express-jwt-strategy";
import express from "express";
import request from "supertest";
import { runHandler, type Next } from "../../../lib/http/handler.ts";
import { forge } from "../../support/forge.ts";
import { hmacSecret, signingKey } from "../../support/keys.ts";

const THROWN: unknown[] = [undefined, null, false, 0, NaN, "", "route", "router", {}];

function spies(): {
  onResult: jest.Mock<(result: unknown) => void>;
  req: IncomingMessage;
  res: ServerResponse;
  next: jest.Mock<Next>;
} {
  const req = new IncomingMessage(new Socket());
  return {
    onResult: jest.fn<(result: unknown) => void>(),
    req,
    res: new ServerResponse(req),
    next: jest.fn<Next>(),
  };
}

/** Waits until all promise callbacks that are due have run. */
async function promisesSettle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

describe("runHandler", () => {
  test("passes a synchronous result to onResult in the same tick", () => {
    const { onResult, req, res, next } = spies();
    runHandler(() => "outcome", onResult, req, res, next);

    expect(onResult.mock.calls).toEqual([["outcome", req, res, next]]);
    expect(next).not.toHaveBeenCalled();
  });

  test("passes the result of a promise to onResult", async () => {
    const { onResult, req, res, next } = spies();
    runHandler(() => Promise.resolve("outcome"), onResult, req, res, next);
    expect(onResult).not.toHaveBeenCalled();
    await promisesSettle();

    expect(onResult.mock.calls).toEqual([["outcome", req, res, next]]);
    expect(next).not.toHaveBeenCalled();
  });

  test("passes a thrown error to next", () => {
    const { onResult, req, res, next } = spies();
    const error = new Error("database down");
    runHandler(
      () => {
        throw error;
      },
      onResult,
      req,
      res,
      next,
    );

    expect(next.mock.calls).toEqual([[error]]);
    expect(onResult).not.toHaveBeenCalled();
  });

  test("passes the error of a rejection to next", async () => {
    const { onResult, req, res, next } = spies();
    const error = new Error("database down");
    runHandler(() => Promise.reject(error), onResult, req, res, next);
    await promisesSettle();

    expect(next.mock.calls).toEqual([[error]]);
    expect(onResult).not.toHaveBeenCalled();
  });

  test.each(THROWN)("passes an Error to next if %p is thrown or rejected", async (thrown) => {
    const { onResult, req, res, next } = spies();
    runHandler(
      () => {
        throw thrown;
      },
      onResult,
      req,
      res,
      next,
    );
    runHandler(
      async () => {
        await promisesSettle();
        throw thrown;
      },
      onResult,
      req,
      res,
      next,
    );
    await promisesSettle();
    await promisesSettle();

    expect(next.mock.calls).toEqual([[expect.any(Error)], [expect.any(Error)]]);
    expect(onResult).not.toHaveBeenCalled();
  });

  test("does not catch an error that onResult throws synchronously", () => {
    const { req, res, next } = spies();
    const throwing = (): never => {
      throw new Error("in the route");
    };

    expect(() => runHandler(() => "outcome", throwing, req, res, next)).toThrow("in the route");
    expect(next).not.toHaveBeenCalled();
  });

  test("throws a TypeError that names the fix if next is missing", () => {
    const { onResult, req, res } = spies();
    const handler = jest.fn();

    expect(() => runHandler(handler, onResult, req, res, undefined as unknown as Next)).toThrow(
      new TypeError("This is a request handler: pass it to Express, do not call it"),
    );
    expect(handler).not.toHaveBeenCalled();
  });

  test("does not change the status if nothing fails", () => {
    const { onResult, req, res, next } = spies();
    res.statusCode = 404;
    runHandler(() => "outcome", onResult, req, res, next);

    expect(res.statusCode).toBe(404);
  });

  test("replaces an earlier status with 500 if the handler fails", async () => {
    const { onResult, req, res, next } = spies();
    res.statusCode = 404;
    runHandler(() => Promise.reject(new Error("database down")), onResult, req, res, next);
    await promisesSettle();

    expect(res.statusCode).toBe(500);
    expect(next).toHaveBeenCalledTimes(1);
  });

  test("replaces an earlier status with 503 if the keys are unavailable", async () => {
    const { onResult, req, res, next } = spies();
    const error = new KeysUnavailableError("unreachable");
    res.statusCode = 404;
    runHandler(() => Promise.reject(error), onResult, req, res, next);
    await promisesSettle();

    expect(res.statusCode).toBe(503);
    expect(next.mock.calls).toEqual([[error]]);
    expect(onResult).not.toHaveBeenCalled();
  });

  test("does not change the status after the headers were sent", () => {
    const { onResult, req, res, next } = spies();
    res.statusCode = 404;
    res.flushHeaders();
    runHandler(
      () => {
        throw new Error("database down");
      },
      onResult,
      req,
      res,
      next,
    );

    expect(res.statusCode).toBe(404);
    expect(next).toHaveBeenCalledTimes(1);
  });

  test("passes an error that onResult throws after a promise to next, instead of an unhandled rejection", async () => {
    const { req, res, next } = spies();
    const error = new Error("in the route");
    const throwing = (): never => {
      throw error;
    };
    runHandler(() => Promise.resolve("outcome"), throwing, req, res, next);
    await promisesSettle();

    expect(next.mock.calls).toEqual([[error]]);
  });
});

describe("a findUser that fails", () => {
  test.each([
    ["throws", () => fail()],
    ["rejects", async () => Promise.resolve().then(fail)],
  ])("and %s is a 500, even if earlier middleware has set a status", async (_how, findUser) => {
    const auth = createJwtStrategy({ secret: hmacSecret, lifetimeSeconds: 3600, findUser });
    const app = express();
    app.use((_req, res, next) => {
      res.status(404);
      next();
    });
    app.get("/", auth.authenticate(), (_req, res) => res.send("in"));
    const token = forge("HS256", signingKey("HS256"));
    const response = await request(app).get("/").set("Authorization", `Bearer ${token}`);

    expect(response.status).toBe(500);
    expect(response.headers).not.toHaveProperty("www-authenticate");
  });
});

describe("a findUser that rejects with a KeysUnavailableError", () => {
  test("is a 503", async () => {
    const auth = createJwtStrategy({
      secret: hmacSecret,
      lifetimeSeconds: 3600,
      findUser: () => Promise.reject(new KeysUnavailableError("timeout")),
    });
    const app = express().get("/", auth.authenticate(), (_req, res) => res.send("in"));
    const token = forge("HS256", signingKey("HS256"));
    const response = await request(app).get("/").set("Authorization", `Bearer ${token}`);

    expect(response.status).toBe(503);
    expect(response.headers).not.toHaveProperty("www-authenticate");
  });
});

function fail(): never {
  throw new Error("database down");
}
