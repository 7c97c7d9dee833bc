import { runInNewContext } from "node:vm";
import { describe, expect, test } from "@jest/globals";
import { findPromises } from "../../../lib/util/find-promises.ts";

const promise = Promise.resolve();

class Connection {
  readonly pending = promise;
}

describe("findPromises", () => {
  test.each<[string, unknown]>([
    ["a promise", promise],
    ["a list", [[promise]]],
    ["an object", { a: { b: promise } }],
    ["an object without a prototype", Object.assign(Object.create(null) as object, { a: promise })],
    ["the values of a Map", { a: new Map([["b", promise]]) }],
    ["the keys of a Map", new Map([[promise, 1]])],
    ["a Set", [new Set([promise])]],
    ["an instance of a class", new Connection()],
    ["a function", Object.assign(() => undefined, { a: promise })],
    ["a frozen object that contains itself", containItself({ a: promise })],
    ["an object that contains it twice", { a: promise, b: promise }],
  ])("finds the promise in %s", (_what, value) => {
    expect(findPromises(value)).toEqual([promise]);
  });

  test("finds it below any number of lists", () => {
    let value: unknown = promise;
    for (let depth = 0; depth < 100_000; depth += 1) value = [value];
    expect(findPromises(value)).toHaveLength(1);
  });

  test("finds promises of another realm", () => {
    const value: unknown = runInNewContext("({ a: [Promise.resolve()] })");
    expect(findPromises(value)).toHaveLength(1);
  });

  test.each<[string, unknown]>([
    ["undefined", undefined],
    ["null", null],
    ["text", "text"],
    ["a list of other values", [1, "a", null, undefined, Symbol("a"), 1n]],
    ["a typed array", new Uint8Array(2)],
    ["an instance of a class inside an object", { connection: new Connection() }],
  ])("finds nothing in %s", (_what, value) => {
    expect(findPromises(value)).toEqual([]);
  });

  test("calls no getter", () => {
    const value = {
      get a(): never {
        throw new Error("called");
      },
    };
    expect(findPromises(value)).toEqual([]);
  });
});

function containItself(value: object): object {
  return Object.freeze(Object.assign(value, { itself: value }));
}
