import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { describe, expect, jest, test } from "@jest/globals";
import { createJwtStrategy, KeysUnavailableError } from "express-jwt-strategy";
import request from "supertest";
import { settle, type Next } from "../lib/handler.ts";
import { expresses } from "./support/expresses.ts";
import { forge } from "./support/forge.ts";
import { hmacSecret, signingKey } from "./support/keys.ts";

const THROWN: unknown[] = [undefined, null, false, 0, NaN, "", "route", "router", {}];

function spies(): {
  goOn: jest.Mock<(outcome: unknown) => void>;
  req: IncomingMessage;
  res: ServerResponse;
  next: jest.Mock<Next>;
} {
  const req = new IncomingMessage(new Socket());
  return {
    goOn: jest.fn<(outcome: unknown) => void>(),
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
    const { goOn, req, res, next } = spies();
    settle(() => "outcome", goOn, req, res, next);

    expect(goOn.mock.calls).toEqual([["outcome", req, res, next]]);
    expect(next).not.toHaveBeenCalled();
  });

  test("goes on with the outcome of a promise when it is there", async () => {
    const { goOn, req, res, next } = spies();
    settle(() => Promise.resolve("outcome"), goOn, req, res, next);
    expect(goOn).not.toHaveBeenCalled();
    await promisesSettle();

    expect(goOn.mock.calls).toEqual([["outcome", req, res, next]]);
    expect(next).not.toHaveBeenCalled();
  });

  test("hands next the error that is thrown", () => {
    const { goOn, req, res, next } = spies();
    const error = new Error("database down");
    settle(
      () => {
        throw error;
      },
      goOn,
      req,
      res,
      next,
    );

    expect(next.mock.calls).toEqual([[error]]);
    expect(goOn).not.toHaveBeenCalled();
  });

  test("hands next the error of a rejection", async () => {
    const { goOn, req, res, next } = spies();
    const error = new Error("database down");
    settle(() => Promise.reject(error), goOn, req, res, next);
    await promisesSettle();

    expect(next.mock.calls).toEqual([[error]]);
    expect(goOn).not.toHaveBeenCalled();
  });

  test.each(THROWN)("makes an error of %p, thrown or rejected, for next", async (thrown) => {
    const { goOn, req, res, next } = spies();
    settle(
      () => {
        throw thrown;
      },
      goOn,
      req,
      res,
      next,
    );
    settle(
      async () => {
        await promisesSettle();
        throw thrown;
      },
      goOn,
      req,
      res,
      next,
    );
    await promisesSettle();
    await promisesSettle();

    expect(next.mock.calls).toEqual([[expect.any(Error)], [expect.any(Error)]]);
    expect(goOn).not.toHaveBeenCalled();
  });

  test("leaves alone what the rest of the request throws", () => {
    const { req, res, next } = spies();
    const rest = (): never => {
      throw new Error("in the route");
    };

    expect(() => settle(() => "outcome", rest, req, res, next)).toThrow("in the route");
    expect(next).not.toHaveBeenCalled();
  });

  test("tells who calls a handler without next to pass it to Express", () => {
    const { goOn, req, res } = spies();
    const attempt = jest.fn();

    expect(() => settle(attempt, goOn, req, res, undefined as unknown as Next)).toThrow(
      new TypeError("This is a request handler: pass it to Express, do not call it"),
    );
    expect(attempt).not.toHaveBeenCalled();
  });

  test("leaves the status alone where nothing fails", () => {
    const { goOn, req, res, next } = spies();
    res.statusCode = 404;
    settle(() => "outcome", goOn, req, res, next);

    expect(res.statusCode).toBe(404);
  });

  test("takes back a status that stands there when the attempt fails", async () => {
    const { goOn, req, res, next } = spies();
    res.statusCode = 404;
    settle(() => Promise.reject(new Error("database down")), goOn, req, res, next);
    await promisesSettle();

    expect(res.statusCode).toBe(500);
    expect(next).toHaveBeenCalledTimes(1);
  });

  test("sets 503 where keys cannot be had, whatever status stands there", async () => {
    const { goOn, req, res, next } = spies();
    const error = new KeysUnavailableError("unreachable");
    res.statusCode = 404;
    settle(() => Promise.reject(error), goOn, req, res, next);
    await promisesSettle();

    expect(res.statusCode).toBe(503);
    expect(next.mock.calls).toEqual([[error]]);
    expect(goOn).not.toHaveBeenCalled();
  });

  test("keeps the status of an answer that is on its way", () => {
    const { goOn, req, res, next } = spies();
    res.statusCode = 404;
    res.flushHeaders();
    settle(
      () => {
        throw new Error("database down");
      },
      goOn,
      req,
      res,
      next,
    );

    expect(res.statusCode).toBe(404);
    expect(next).toHaveBeenCalledTimes(1);
  });

  test("hands next what goOn throws after a promise, which would be an unhandled rejection", async () => {
    const { req, res, next } = spies();
    const error = new Error("in the route");
    const rest = (): never => {
      throw error;
    };
    settle(() => Promise.resolve("outcome"), rest, req, res, next);
    await promisesSettle();

    expect(next.mock.calls).toEqual([[error]]);
  });
});

describe.each(expresses)("a findUser that fails on %s", (_name, express) => {
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

describe.each(expresses)(
  "a findUser on %s that asks elsewhere for keys and has none",
  (_name, express) => {
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
  },
);

function fail(): never {
  throw new Error("database down");
}
