import { describe, expect, jest, test } from "@jest/globals";
import { settle, type Next } from "../lib/handler.ts";

const THROWN: unknown[] = [undefined, null, false, 0, NaN, "", "route", "router", {}];

function spies(): { goOn: jest.Mock<(outcome: unknown) => void>; next: jest.Mock<Next> } {
  return { goOn: jest.fn<(outcome: unknown) => void>(), next: jest.fn<Next>() };
}

/** All promise callbacks that are due have run. */
async function promisesSettle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

describe("settle", () => {
  test("goes on at once with an outcome that is here", () => {
    const { goOn, next } = spies();
    settle(() => "outcome", goOn, next);

    expect(goOn.mock.calls).toEqual([["outcome"]]);
    expect(next).not.toHaveBeenCalled();
  });

  test("goes on with the outcome of a promise when it is there", async () => {
    const { goOn, next } = spies();
    settle(() => Promise.resolve("outcome"), goOn, next);
    expect(goOn).not.toHaveBeenCalled();
    await promisesSettle();

    expect(goOn.mock.calls).toEqual([["outcome"]]);
    expect(next).not.toHaveBeenCalled();
  });

  test("hands next the error that is thrown", () => {
    const { goOn, next } = spies();
    const error = new Error("database down");
    settle(
      () => {
        throw error;
      },
      goOn,
      next,
    );

    expect(next.mock.calls).toEqual([[error]]);
    expect(goOn).not.toHaveBeenCalled();
  });

  test("hands next the error of a rejection", async () => {
    const { goOn, next } = spies();
    const error = new Error("database down");
    settle(() => Promise.reject(error), goOn, next);
    await promisesSettle();

    expect(next.mock.calls).toEqual([[error]]);
    expect(goOn).not.toHaveBeenCalled();
  });

  test.each(THROWN)("makes an error of %p, thrown or rejected, for next", async (thrown) => {
    const { goOn, next } = spies();
    settle(
      () => {
        throw thrown;
      },
      goOn,
      next,
    );
    settle(
      async () => {
        await promisesSettle();
        throw thrown;
      },
      goOn,
      next,
    );
    await promisesSettle();
    await promisesSettle();

    expect(next.mock.calls).toEqual([[expect.any(Error)], [expect.any(Error)]]);
    expect(goOn).not.toHaveBeenCalled();
  });

  test("leaves alone what the rest of the request throws", () => {
    const { next } = spies();
    const rest = (): never => {
      throw new Error("in the route");
    };

    expect(() => settle(() => "outcome", rest, next)).toThrow("in the route");
    expect(next).not.toHaveBeenCalled();
  });

  test("tells who calls a handler without next to pass it to Express", () => {
    const { goOn } = spies();
    const attempt = jest.fn();

    expect(() => settle(attempt, goOn, undefined as unknown as Next)).toThrow(
      new TypeError("This is a request handler: pass it to Express, do not call it"),
    );
    expect(attempt).not.toHaveBeenCalled();
  });
});
