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
  onResult: jest.Mock<(outcome: unknown) => void>;
  req: IncomingMessage;
  res: ServerResponse;
  next: jest.Mock<Next>;
} {
  const req = new IncomingMessage(new Socket());
  return {
    onResult: jest.fn<(outcome: unknown) => void>(),
    req,
    res: new ServerResponse(req),
    next: jest.fn<Next>(),
  };
}

/** All promise callbacks that are due have run. */
async function promisesSettle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

describe("settle", () => {
  test("goes on at once with an outcome that is here", () => {
    const { onResult, req, res, next } = spies();
    runHandler(() => "outcome", onResult, req, res, next);

    expect(onResult.mock.calls).toEqual([["outcome", req, res, next]]);
    expect(next).not.toHaveBeenCalled();
  });

  test("goes on with the outcome of a promise when it is there", async () => {
    const { onResult, req, res, next } = spies();
    runHandler(() => Promise.resolve("outcome"), onResult, req, res, next);
    expect(onResult).not.toHaveBeenCalled();
    await promisesSettle();

    expect(onResult.mock.calls).toEqual([["outcome", req, res, next]]);
    expect(next).not.toHaveBeenCalled();
  });

  test("hands next the error that is thrown", () => {
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

  test("hands next the error of a rejection", async () => {
    const { onResult, req, res, next } = spies();
    const error = new Error("database down");
    runHandler(() => Promise.reject(error), onResult, req, res, next);
    await promisesSettle();

    expect(next.mock.calls).toEqual([[error]]);
    expect(onResult).not.toHaveBeenCalled();
  });

  test.each(THROWN)("makes an error of %p, thrown or rejected, for next", async (thrown) => {
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

  test("leaves alone what the rest of the request throws", () => {
    const { req, res, next } = spies();
    const rest = (): never => {
      throw new Error("in the route");
    };

    expect(() => runHandler(() => "outcome", rest, req, res, next)).toThrow("in the route");
    expect(next).not.toHaveBeenCalled();
  });

  test("tells who calls a handler without next to pass it to Express", () => {
    const { onResult, req, res } = spies();
    const attempt = jest.fn();

    expect(() => runHandler(attempt, onResult, req, res, undefined as unknown as Next)).toThrow(
      new TypeError("This is a request handler: pass it to Express, do not call it"),
    );
    expect(attempt).not.toHaveBeenCalled();
  });

  test("leaves the status alone where nothing fails", () => {
    const { onResult, req, res, next } = spies();
    res.statusCode = 404;
    runHandler(() => "outcome", onResult, req, res, next);

    expect(res.statusCode).toBe(404);
  });

  test("replaces a status that is set when the attempt fails", async () => {
    const { onResult, req, res, next } = spies();
    res.statusCode = 404;
    runHandler(() => Promise.reject(new Error("database down")), onResult, req, res, next);
    await promisesSettle();

    expect(res.statusCode).toBe(500);
    expect(next).toHaveBeenCalledTimes(1);
  });

  test("sets 503 if keys are unavailable, whatever status is set", async () => {
    const { onResult, req, res, next } = spies();
    const error = new KeysUnavailableError("unreachable");
    res.statusCode = 404;
    runHandler(() => Promise.reject(error), onResult, req, res, next);
    await promisesSettle();

    expect(res.statusCode).toBe(503);
    expect(next.mock.calls).toEqual([[error]]);
    expect(onResult).not.toHaveBeenCalled();
  });

  test("keeps the status of an answer that is on its way", () => {
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

  test("hands next what onResult throws after a promise, which would be an unhandled rejection", async () => {
    const { req, res, next } = spies();
    const error = new Error("in the route");
    const rest = (): never => {
      throw error;
    };
    runHandler(() => Promise.resolve("outcome"), rest, req, res, next);
    await promisesSettle();

    expect(next.mock.calls).toEqual([[error]]);
  });
});

describe("a findUser that fails", () => {
  test.each([
    ["throws", () => fail()],
    ["rejects", async () => Promise.resolve().then(fail)],
  ])("and %s is a 500, whatever status earlier middleware has set", async (_how, findUser) => {
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

describe("a findUser that asks elsewhere for keys and has none", () => {
  test("is a 503, too", async () => {
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
