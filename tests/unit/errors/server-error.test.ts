import { runInNewContext } from "node:vm";
import { describe, expect, test } from "@jest/globals";
import { KeysUnavailableError } from "express-jwt-strategy";
import { isError, toServerError } from "../../../lib/errors/server-error.ts";

class HttpError extends Error {
  readonly status = 401;
}

const ofAnotherRealm = runInNewContext('new TypeError("of another realm")') as unknown;
const inheriting = Object.create(Error.prototype) as unknown;

/** Each access throws a different error. */
const trap = new Proxy(
  {},
  {
    has() {
      throw new Error("asked for a member");
    },
    getPrototypeOf() {
      throw new Error("asked for the prototype");
    },
  },
);
const errorThatInheritsTrap = Object.setPrototypeOf(new Error("x"), trap) as unknown;

const ERRORS: [string, unknown][] = [
  ["an Error", new Error("database down")],
  ["an error of a subclass", new RangeError("too far")],
  ["an error with a code", Object.assign(new Error("refused"), { code: "ECONNREFUSED" })],
  ["an error of another realm", ofAnotherRealm],
  ["an object that inherits from Error", inheriting],
];

const OTHERS: [string, unknown][] = [
  ["undefined", undefined],
  ["null", null],
  ["false", false],
  ["0", 0],
  ["NaN", NaN],
  ["an empty string", ""],
  ['"route"', "route"],
  ['"router"', "router"],
  ["an object with a message", { message: "no error" }],
  ["a proxy that throws", trap],
  ["an object that inherits from a proxy that throws", Object.create(trap)],
];

describe("toServerError", () => {
  test.each([...ERRORS, ["a KeysUnavailableError", new KeysUnavailableError("timeout")]])(
    "returns %s unchanged",
    (_what, thrown) => {
      expect(toServerError(thrown)).toBe(thrown);
    },
  );

  test.each([
    ...OTHERS,
    ["an error with a status", new HttpError("upstream said 401")],
    ["an error with a statusCode", Object.assign(new Error("gone"), { statusCode: 404 })],
    ["an error with headers", Object.assign(new Error("x"), { headers: { "Set-Cookie": "a=b" } })],
    ["an error that inherits a status", Object.create(new HttpError("upstream"))],
    ["an error that inherits from a proxy that throws", errorThatInheritsTrap],
    ["an error with an undefined status", Object.assign(new Error("x"), { status: undefined })],
    [
      "an error with the members of a KeysUnavailableError",
      Object.assign(new Error("x"), { code: "keys_unavailable", status: 503, reason: "timeout" }),
    ],
    [
      "an object that inherits from a KeysUnavailableError",
      Object.create(new KeysUnavailableError("timeout")),
    ],
    ["a proxy of a KeysUnavailableError", new Proxy(new KeysUnavailableError("timeout"), {})],
  ])("wraps %s in an Error without enumerable properties", (_what, thrown) => {
    const wrapped = toServerError(thrown);

    expect(wrapped).toBeInstanceOf(Error);
    expect(wrapped).not.toBe(thrown);
    expect(wrapped.cause).toBe(thrown);
    expect(wrapped.message).toBe("The application's authentication code failed");
    expect(Object.keys(wrapped)).toEqual([]);
    expect(["status", "statusCode", "headers"].filter((name) => name in wrapped)).toEqual([]);
  });
});

describe("isError", () => {
  test.each(ERRORS)("is true for %s", (_what, thrown) => {
    expect(isError(thrown)).toBe(true);
  });

  test.each(OTHERS)("is false for %s", (_what, thrown) => {
    expect(isError(thrown)).toBe(false);
  });
});
