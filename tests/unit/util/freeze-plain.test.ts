import { runInNewContext } from "node:vm";
import { describe, expect, test } from "@jest/globals";
import { freezePlain } from "../../../lib/util/freeze-plain.ts";

const isFrozen = (value: unknown): boolean => Object.isFrozen(value);

describe("freezePlain", () => {
  test.each([
    ["this realm", () => ({ list: [{ a: 1 }] })],
    [
      "another realm, as test environments have it",
      () => runInNewContext("({ list: [{ a: 1 }] })") as { list: object[] },
    ],
  ])("freezes objects and lists of %s, all the way down", (_realm, create) => {
    const value = freezePlain(create());

    expect([value, value.list, value.list[0]].map(isFrozen)).toEqual([true, true, true]);
  });

  test("freezes an object without a prototype, and one that contains itself", () => {
    const value = Object.create(null) as { self?: object };
    value.self = value;

    expect(isFrozen(freezePlain(value))).toBe(true);
  });

  test.each([
    ["bytes", Buffer.alloc(1)],
    ["a Map", new Map()],
    ["a Date", new Date()],
  ])("leaves %s alone", (_what, value) => {
    expect(isFrozen(freezePlain({ value }).value)).toBe(false);
  });

  test.each([undefined, null, "text", 42])("returns %j", (value) => {
    expect(freezePlain(value)).toBe(value);
  });
});
