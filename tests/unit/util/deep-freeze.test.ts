import { describe, expect, test } from "@jest/globals";
import { deepFreeze } from "../../../lib/util/deep-freeze.ts";

describe("deepFreeze", () => {
  test("freezes objects and arrays at every level, and returns its argument", () => {
    const value = { list: [{ leaf: {} }], member: { text: "a", nothing: null, count: 1 } };
    expect(deepFreeze(value)).toBe(value);
    const parts = [value, value.list, value.list[0], value.list[0]?.leaf, value.member];
    expect(parts.map((part) => Object.isFrozen(part))).toEqual(parts.map(() => true));
  });

  test("freezes the value of an own __proto__ member, but no prototype", () => {
    const value = JSON.parse('{"a":{"__proto__":{"b":1}}}') as { a: object };
    deepFreeze(value);
    expect(Object.isFrozen(Object.getOwnPropertyDescriptor(value.a, "__proto__")?.value)).toBe(
      true,
    );
    expect(Object.isFrozen(Object.prototype)).toBe(false);
  });

  test.each([
    ["arrays", "[", "]"],
    ["objects", '{"a":', "}"],
  ])("freezes %s that are nested deeper than the call stack allows", (_name, open, close) => {
    const depth = 100_000;
    const text = `${open.repeat(depth)}[]${close.repeat(depth)}`;
    let innermost: unknown = deepFreeze(JSON.parse(text) as object);
    for (let level = 0; level < depth; level += 1) {
      innermost = Object.values(innermost as Record<string, unknown>)[0];
    }
    expect(innermost).toEqual([]);
    expect(Object.isFrozen(innermost)).toBe(true);
  });
});
