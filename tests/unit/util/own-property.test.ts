import { describe, expect, test } from "@jest/globals";
import { runInNewContext } from "node:vm";
import { getMember, getOwnProperty, isPlainObject } from "../../../lib/util/own-property.ts";

describe("getOwnProperty", () => {
  test("returns an own property", () => {
    expect(getOwnProperty({ alg: "HS256" }, "alg")).toBe("HS256");
    expect(getOwnProperty(JSON.parse('{"__proto__":1}') as object, "__proto__")).toBe(1);
  });

  test.each(["toString", "constructor", "__proto__", "alg"])(
    "returns undefined for %s, which is inherited or missing",
    (name) => {
      expect(getOwnProperty({}, name)).toBeUndefined();
    },
  );

  test("returns undefined for an inherited property", () => {
    expect(getOwnProperty(Object.create({ alg: "none" }) as object, "alg")).toBeUndefined();
  });
});

describe("getMember", () => {
  test("returns a property of an object or of its class", () => {
    class Base {
      get id(): string {
        return String(42);
      }
    }
    class User extends Base {}
    expect(getMember({ id: 1 }, "id")).toBe(1);
    expect(getMember(new User(), "id")).toBe("42");
    expect(getMember(Object.assign(Object.create(null) as object, { id: 2 }), "id")).toBe(2);
  });

  test.each(["toString", "constructor", "hasOwnProperty", "__proto__", "missing"])(
    "returns undefined for %s of Object.prototype",
    (name) => {
      expect(getMember({}, name)).toBeUndefined();
      expect(getMember(runInNewContext("({})") as object, name)).toBeUndefined();
    },
  );

  test("returns a property of a base that has no prototype", () => {
    const base = Object.assign(Object.create(null) as object, { isActive: false });
    expect(getMember(Object.create(base) as object, "isActive")).toBe(false);
    expect(getMember(Object.create(Object.create(base) as object) as object, "isActive")).toBe(
      false,
    );
  });

  test("reads a proxy that has only a get trap", () => {
    expect(getMember(new Proxy({}, { get: () => false }), "isActive")).toBe(false);
  });
});

describe("isPlainObject", () => {
  test.each([
    ["an object literal", {}],
    ["an object without a prototype", Object.create(null)],
    ["a clone", structuredClone({ a: 1 })],
    ["an object of another realm", runInNewContext("({ a: 1 })")],
    ["JSON of another realm", runInNewContext("JSON.parse('{}')")],
  ])("is true for %s", (_what, value) => {
    expect(isPlainObject(value)).toBe(true);
  });

  test.each([
    ["null", null],
    ["undefined", undefined],
    ["a string", "a"],
    ["a function", () => undefined],
    ["an array", []],
    ["an array of another realm", runInNewContext("[]")],
    ["a Map", new Map()],
    ["a Date of another realm", runInNewContext("new Date()")],
    ["an instance of a class", new (class User {})()],
  ])("is false for %s", (_what, value) => {
    expect(isPlainObject(value)).toBe(false);
  });
});
