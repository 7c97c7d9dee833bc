import { describe, expect, test } from "@jest/globals";
import {
  check,
  checkBoolean,
  checkFunction,
  checkInteger,
  checkNumber,
  readOptions,
} from "../../../lib/util/option-checks.ts";

describe("check", () => {
  test("throws a TypeError with the name of the option and the requirement", () => {
    expect(() => check(false, "realm", "short")).toThrow(new TypeError("realm must be short"));
  });

  test("throws nothing if the option is valid", () => {
    expect(() => check(true, "realm", "short")).not.toThrow();
  });
});

describe("readOptions", () => {
  const read = (options: unknown): unknown => readOptions("make()", options, ["size", "colour"]);

  test("copies the options", () => {
    const options = { size: 1 };
    const given = read(options);
    options.size = 2;
    expect(given).toEqual({ size: 1 });
  });

  test("reads each member once", () => {
    let reads = 0;
    const given = read({
      get size() {
        reads += 1;
        return reads;
      },
    });
    expect(given).toEqual({ size: 1 });
    expect(reads).toBe(1);
  });

  test("ignores inherited options", () => {
    expect(read(Object.create({ size: 1, shape: "round" }))).toEqual({});
  });

  test.each(["shape", "Size", "size ", "constructor", "toString", ""])(
    "refuses the name %j and lists the known names",
    (name) => {
      expect(() => read({ size: 1, [name]: "a value" })).toThrow(
        new TypeError(`make() has no option ${JSON.stringify(name)}; it has size, colour`),
      );
    },
  );

  test("refuses an own __proto__ of parsed JSON", () => {
    expect(() => read(JSON.parse('{"__proto__":{"size":1}}'))).toThrow(
      new TypeError('make() has no option "__proto__"; it has size, colour'),
    );
  });

  test.each([undefined, null, "size", 1, true, [], [{ size: 1 }], () => ({ size: 1 })])(
    "refuses %p, which is not an object",
    (options) => {
      expect(() => read(options)).toThrow(new TypeError("make()'s options must be an object"));
    },
  );
});

describe("checkBoolean", () => {
  test.each([true, false])("accepts %j", (value) => {
    expect(() => checkBoolean(value, "strict")).not.toThrow();
  });

  test.each([undefined, null, 0, 1, {}, Object(false)])("refuses %j", (value) => {
    expect(() => checkBoolean(value, "strict")).toThrow(
      new TypeError("strict must be true or false"),
    );
  });

  test.each(["", "true", "false"])("refuses the text %j, and says how to convert it", (value) => {
    expect(() => checkBoolean(value, "strict")).toThrow(
      new TypeError('strict must be true or false, not text: convert it with value === "true"'),
    );
  });
});

describe("checkInteger", () => {
  const checkSize = (value: unknown): void => checkInteger(value, "size", 1, 9);

  test.each([1, 5, 9])("accepts %d, including both bounds", (value) => {
    expect(() => checkSize(value)).not.toThrow();
  });

  test.each([0, 10, 1.5, -1, NaN, Infinity, -Infinity, 2 ** 53, 5n, null, undefined, [5], {}])(
    "refuses %p",
    (value) => {
      expect(() => checkSize(value)).toThrow(
        new TypeError("size must be a whole number from 1 to 9"),
      );
    },
  );
});

describe("a number that is given as text", () => {
  test.each([
    ["size", "5", ", not text: convert it with Number()"],
    ["size", " 5e0 ", ", not text: convert it with Number()"],
    ["lifetimeSeconds", "3600", ", not text: convert it with Number()"],
    ["lifetimeSeconds", "1h", ", not text: 3600 is one hour"],
    ["maxSessionSeconds", "7 days", ", not text: 3600 is one hour"],
    ["clockToleranceSeconds", "", ", not text: 3600 is one hour"],
    ["cacheSize", "10k", ", not text"],
    ["cacheSize", " ", ", not text"],
  ])("is refused with a message that names the fix: %s: %j", (name, value, hint) => {
    expect(() => checkInteger(value, name, 1, 9)).toThrow(
      new TypeError(`${name} must be a whole number from 1 to 9${hint}`),
    );
    expect(() => checkNumber(value, name, 0, 300)).toThrow(
      new TypeError(`${name} must be a number from 0 to 300${hint}`),
    );
  });
});

describe("checkFunction", () => {
  test.each([undefined, () => 1, Date])("accepts a function or undefined: %p", (value) => {
    expect(() => checkFunction(value, "log")).not.toThrow();
  });

  test.each([null, {}, "log", true, []])("refuses %j", (value) => {
    expect(() => checkFunction(value, "log")).toThrow(new TypeError("log must be a function"));
  });
});
