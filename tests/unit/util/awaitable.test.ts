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
    // Promises/A+ section 1.2 and await accept functions; some query builders are functions.
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

describe("andThen", () => {
  test("calls onResult with a value in the same tick, and creates no promise", () => {
    expect(andThen("value", (value) => value.length)).toBe(5);
  });

  test.each([
    ["a promise", Promise.resolve("value")],
    ["a thenable", thenable as unknown as PromiseLike<string>],
  ])("calls onResult with the value of %s", async (_what, value) => {
    expect(await andThen(value, (text) => text.length)).toBe(5);
  });

  test("does not call onResult after a rejection", async () => {
    const onResult = jest.fn();

    await expect(andThen(Promise.reject(new Error("down")), onResult)).rejects.toThrow("down");
    expect(onResult).not.toHaveBeenCalled();
  });
});
