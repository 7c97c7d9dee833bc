import { describe, expect, jest, test } from "@jest/globals";
import { andThen, isPromiseLike } from "../../../lib/util/awaitable.ts";

const thenable = {
  then(resolve: (value: string) => void) {
    resolve("value");
  },
};

describe("isPromiseLike", () => {
  test.each([
    ["a promise", Promise.resolve()],
    ["an object with a then method", thenable],
    // Promises/A+ section 1.2, and what await takes for one: a query builder may be a function.
    ["a function with a then method", Object.assign(() => undefined, thenable)],
  ])("is true for %s", (_what, value) => {
    expect(isPromiseLike<unknown>(value)).toBe(true);
  });

  test.each([undefined, null, 0, "then", () => undefined, {}, { then: true }, []])(
    "is false for %p",
    (value) => {
      expect(isPromiseLike<unknown>(value)).toBe(false);
    },
  );
});

describe("chain", () => {
  test("goes on at once with a value, and makes no promise", () => {
    expect(andThen("value", (value) => value.length)).toBe(5);
  });

  test.each([
    ["a promise", Promise.resolve("value")],
    ["a thenable", thenable as unknown as PromiseLike<string>],
  ])("goes on with what %s resolves to", async (_what, value) => {
    expect(await andThen(value, (text) => text.length)).toBe(5);
  });

  test("does not go on after a rejection", async () => {
    const onResult = jest.fn();

    await expect(andThen(Promise.reject(new Error("down")), onResult)).rejects.toThrow("down");
    expect(onResult).not.toHaveBeenCalled();
  });
});
