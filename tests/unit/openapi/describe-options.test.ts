import { describe, expect, test } from "@jest/globals";
import { createJwtStrategy } from "express-jwt-strategy";
import { describeStrategy, type DescribeStrategyOptions } from "express-jwt-strategy/openapi";
import { hmacSecret, generateRsaPair } from "../../support/keys.ts";
import { PATHS } from "../../support/openapi.ts";

const NAMES = ["loginPath", "logoutPath", "refreshPath"] as const;

const auth = createJwtStrategy({
  secret: hmacSecret,
  lifetimeSeconds: 3600,
  verifyCredentials: () => null,
  findUser: () => null,
});

/** Calls describeStrategy() without type checks. */
const describeWith = (options: unknown) => () =>
  describeStrategy(auth, options as DescribeStrategyOptions);

describe("the options of describeStrategy", () => {
  test.each(NAMES)("may omit %s, or have undefined for it", (name) => {
    const { [name]: path, ...others } = PATHS;
    const { paths } = describeStrategy(auth, others);
    expect(Object.keys(paths)).toEqual(Object.values(others));
    expect(describeStrategy(auth, { ...others, [name]: undefined }).paths).toEqual(paths);
    expect(paths).not.toHaveProperty([path]);
  });

  test("may all be absent", () => {
    expect(describeStrategy(auth)).toEqual(describeStrategy(auth, {}));
    expect(describeStrategy(auth).paths).toEqual({});
  });

  test.each([
    "/",
    "/login",
    "/api/v1.0/log-in_~x",
    "/caf%C3%A9/",
    "/LOGIN",
    "/...",
    "/.well-known/login",
  ])("accept the path %s", (path) => {
    expect(Object.keys(describeStrategy(auth, { loginPath: path }).paths)).toEqual([path]);
  });

  describe.each(NAMES)("throw a TypeError that names %s", (name) => {
    test.each<[string, unknown]>([
      ["relative", "auth/login"],
      ["empty", ""],
      ["a URL", "https://example.com/login"],
      ["another host", "//evil.example/login"],
      ["a parameter of Express", "/:tenant/login"],
      ["a parameter of OpenAPI", "/{tenant}/login"],
      ["a query", "/login?x=1"],
      ["a fragment", "/login#x"],
      ["a wildcard", "/auth/*"],
      ["a space", "/log in"],
      ["a line break", "/login\n"],
      ["a bare percent sign", "/%"],
      ["percent-encoding cut short", "/login%4"],
      ["percent-encoding that is not hexadecimal", "/%zz"],
      ["percent-encoding that is not UTF-8", "/caf%E9"],
      ["a dot segment", "/./login"],
      ["a double dot segment", "/auth/../login"],
      ["a dot segment at the end", "/login/.."],
      ["a percent-encoded dot segment", "/auth/%2E%2e/login"],
      ["null", null],
      ["a list", ["/login"]],
      ["a regular expression", /login/],
    ])("for a path that is or contains %s", (_case, path) => {
      expect(describeWith({ [name]: path })).toThrow(
        new TypeError(
          `${name} must be a URL path such as "/auth/login", without parameters, dot segments and invalid percent-encoding`,
        ),
      );
    });
  });

  test.each([
    [{ loginPath: "/a", logoutPath: "/a" }, "logoutPath must be different from loginPath"],
    [
      { loginPath: "/a", refreshPath: "/a" },
      "refreshPath must be different from loginPath and logoutPath",
    ],
    [
      { logoutPath: "/a", refreshPath: "/a" },
      "refreshPath must be different from loginPath and logoutPath",
    ],
  ])("throw a TypeError if two handlers have the same path: %j", (options, message) => {
    expect(describeWith(options)).toThrow(new TypeError(message));
  });

  test.each<[string, unknown, string]>([
    [
      "an unknown name",
      { login: "/login" },
      'describeStrategy has no option "login"; it has loginPath, logoutPath, refreshPath',
    ],
    ["null", null, "describeStrategy's options must be an object"],
    ["a path", "/login", "describeStrategy's options must be an object"],
    ["a list", ["/login"], "describeStrategy's options must be an object"],
  ])("throw a TypeError for %s", (_case, options, message) => {
    expect(describeWith(options)).toThrow(new TypeError(message));
  });
});

describe("a handler that the strategy does not have", () => {
  const { publicKey } = generateRsaPair();
  const base = { lifetimeSeconds: 3600, findUser: () => null };
  const withoutVerifyCredentials = createJwtStrategy({ ...base, secret: hmacSecret });
  const withoutSecret = createJwtStrategy({
    ...base,
    algorithm: "RS256",
    publicKey,
    verifyCredentials: () => null,
  });
  const withoutFindUser = createJwtStrategy({ secret: hmacSecret, lifetimeSeconds: 3600 });

  test.each([
    ["login without verifyCredentials", withoutVerifyCredentials, "login"],
    ["login without secret", withoutSecret, "login"],
    ["refresh without secret", withoutSecret, "refresh"],
    ["refresh without findUser", withoutFindUser, "refresh"],
  ] as const)(
    "cannot be described, with the TypeError of its property: %s",
    (_case, strategy, name) => {
      const message = messageOf(() => strategy[name]);
      expect(message).toMatch(new RegExp(`^TypeError: ${name} `));
      expect(messageOf(() => describeStrategy(strategy, { [`${name}Path`]: "/path" }))).toBe(
        message,
      );
    },
  );

  test("does not prevent the description of other handlers", () => {
    for (const strategy of [withoutVerifyCredentials, withoutSecret, withoutFindUser]) {
      expect(Object.keys(describeStrategy(strategy, { logoutPath: "/logout" }).paths)).toEqual([
        "/logout",
      ]);
    }
  });
});

function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return String(error);
  }
  return "nothing was thrown";
}
