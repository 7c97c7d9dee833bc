import { describe, expect, test } from "@jest/globals";
import { KeysUnavailableError } from "express-jwt-strategy";

describe("KeysUnavailableError", () => {
  const error = new KeysUnavailableError("timeout");
  const members = { code: "keys_unavailable", status: 503, reason: "timeout" };

  test("is an Error with a code, a status and a reason", () => {
    expect(error).toBeInstanceOf(Error);
    expect(Object.entries(error)).toEqual(Object.entries(members));
    expect(String(error)).toBe("KeysUnavailableError: The verification keys are unavailable");
    expect(error.cause).toBeUndefined();
  });

  test("is recognized by isOne()", () => {
    expect(KeysUnavailableError.isOne(error)).toBe(true);
  });

  test.each<[string, unknown]>([
    ["undefined", undefined],
    ["null", null],
    ["a string", "keys_unavailable"],
    ["a function", () => error],
    ["another error with the same members", Object.assign(new Error(error.message), members)],
    ["an object that inherits from a KeysUnavailableError", Object.create(error)],
    ["an object with its prototype", Object.create(KeysUnavailableError.prototype)],
    ["a proxy of a KeysUnavailableError", new Proxy(error, {})],
  ])("is not recognized in %s", (_what, value) => {
    expect(KeysUnavailableError.isOne(value)).toBe(false);
  });
});

test("statusCode is the same as status, but not an own property", () => {
  const error = new KeysUnavailableError("timeout");
  expect([error.status, error.statusCode]).toEqual([503, 503]);
  expect(Object.keys(error)).not.toContain("statusCode");
});
