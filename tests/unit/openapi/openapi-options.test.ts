import { describe, expect, test } from "@jest/globals";
import { createJwtStrategy, type OpenApiOptions } from "express-jwt-strategy";
import { hmacSecret, generateRsaPair } from "../../support/keys.ts";
import { PATHS } from "../../support/openapi.ts";

const NAMES = ["loginPath", "logoutPath", "refreshPath"] as const;

const auth = createJwtStrategy({
  secret: hmacSecret,
  lifetimeSeconds: 3600,
  verifyCredentials: () => null,
  findUser: () => null,
});

/** As plain JavaScript may call it. */
const describeWith = (options: unknown) => () => auth.openapi(options as OpenApiOptions);

describe("the options of openapi", () => {
  test.each(NAMES)("may leave out %s, or give undefined for it", (name) => {
    const { [name]: path, ...others } = PATHS;
    const { paths } = auth.openapi(others);
    expect(Object.keys(paths)).toEqual(Object.values(others));
    expect(auth.openapi({ ...others, [name]: undefined }).paths).toEqual(paths);
    expect(paths).not.toHaveProperty([path]);
  });

  test("may all be left out", () => {
    expect(auth.openapi()).toEqual(auth.openapi({}));
    expect(auth.openapi().paths).toEqual({});
  });

  test.each(["/", "/login", "/api/v1.0/log-in_~x", "/caf%C3%A9/", "/LOGIN"])(
    "take the path %s",
    (path) => {
      expect(Object.keys(auth.openapi({ loginPath: path }).paths)).toEqual([path]);
    },
  );

  describe.each(NAMES)("are a TypeError that names %s", (name) => {
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
      ["a blank", "/log in"],
      ["a line break", "/login\n"],
      ["null", null],
      ["a list", ["/login"]],
      ["a regular expression", /login/],
    ])("for a path that is %s", (_case, path) => {
      expect(describeWith({ [name]: path })).toThrow(
        new TypeError(`${name} must be a path such as "/auth/login", without parameters`),
      );
    });
  });

  test.each([
    [{ loginPath: "/a", logoutPath: "/a" }, "logoutPath must be another than loginPath"],
    [
      { loginPath: "/a", refreshPath: "/a" },
      "refreshPath must be another than loginPath and logoutPath",
    ],
    [
      { logoutPath: "/a", refreshPath: "/a" },
      "refreshPath must be another than loginPath and logoutPath",
    ],
  ])("are a TypeError where one path has two handlers: %j", (options, sentence) => {
    expect(describeWith(options)).toThrow(new TypeError(sentence));
  });

  test.each<[string, unknown, string]>([
    [
      "an unknown name",
      { login: "/login" },
      'openapi has no option "login"; it has loginPath, logoutPath, refreshPath',
    ],
    ["null", null, "openapi's options must be an object"],
    ["a path alone", "/login", "openapi's options must be an object"],
    ["a list", ["/login"], "openapi's options must be an object"],
  ])("are a TypeError where they are %s", (_case, options, sentence) => {
    expect(describeWith(options)).toThrow(new TypeError(sentence));
  });
});

describe("a handler that the strategy does not have", () => {
  const { publicKey } = generateRsaPair();
  const base = { lifetimeSeconds: 3600, findUser: () => null };
  const canOnlyRead = createJwtStrategy({ ...base, secret: hmacSecret });
  const canOnlyVerify = createJwtStrategy({
    ...base,
    algorithm: "RS256",
    publicKey,
    verifyCredentials: () => null,
  });
  const hasNoUsers = createJwtStrategy({ secret: hmacSecret, lifetimeSeconds: 3600 });

  test.each([
    ["login without verifyCredentials", canOnlyRead, "login"],
    ["login without secret", canOnlyVerify, "login"],
    ["refresh without secret", canOnlyVerify, "refresh"],
    ["refresh without findUser", hasNoUsers, "refresh"],
  ] as const)("cannot be described, as it cannot be touched: %s", (_case, strategy, name) => {
    const sentence = sentenceOf(() => strategy[name]);
    expect(sentence).toMatch(new RegExp(`^TypeError: ${name} `));
    expect(sentenceOf(() => strategy.openapi({ [`${name}Path`]: "/path" }))).toBe(sentence);
  });

  test("does not keep the others from being described", () => {
    for (const strategy of [canOnlyRead, canOnlyVerify, hasNoUsers]) {
      expect(Object.keys(strategy.openapi({ logoutPath: "/logout" }).paths)).toEqual(["/logout"]);
    }
  });
});

function sentenceOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return String(error);
  }
  return "nothing was thrown";
}
