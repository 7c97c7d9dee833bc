import { describe, expect, test } from "@jest/globals";
import { createJwtStrategy, type AuthenticateOptions } from "express-jwt-strategy";
import express from "express";
import request from "supertest";
import { expectRefusal } from "../../support/expect-refusal.ts";
import { hmacSecret } from "../../support/keys.ts";
import { createRequest } from "../../support/request.ts";

describe("the options of authenticate()", () => {
  const auth = createJwtStrategy({
    secret: hmacSecret,
    lifetimeSeconds: 3600,
    findUser: (id) => ({ id }),
  });
  /** Values that a caller in JavaScript can pass. */
  const authenticate = (options: unknown): unknown =>
    auth.authenticate(options as AuthenticateOptions);

  test.each([
    ["optional", "yes"],
    ["optional", 1],
    ["optional", null],
    ["active", "true"],
    ["active", 1],
    ["verified", null],
    ["verified", {}],
    ["superuser", 0],
    ["superuser", "lenient"],
  ])("throw a TypeError for %s: %p", (name, value) => {
    expect(() => authenticate({ [name]: value })).toThrow(TypeError);
    expect(() => authenticate({ [name]: value })).toThrow(new RegExp(`^${name} must be `));
  });

  test.each(["isActive", "scope", "Optional", "toString"])(
    "throw a TypeError for the unknown name %s",
    (name) => {
      expect(() => authenticate({ [name]: true })).toThrow(TypeError);
      expect(() => authenticate({ [name]: true })).toThrow(
        `has no option "${name}"; it has optional, active, verified, superuser`,
      );
    },
  );

  test.each([null, "superuser", true, ["superuser"], () => ({ superuser: true })])(
    "throw a TypeError for %p, which is not an object",
    (options) => {
      expect(() => authenticate(options)).toThrow(TypeError);
    },
  );

  test.each(["active", "verified", "superuser", "scopes", "allow"])(
    "throw a TypeError for %s: undefined, which would remove a condition",
    (name) => {
      const error = new TypeError(`${name} must be left out, or have a value other than undefined`);
      const options = { superuser: true, [name]: undefined } as AuthenticateOptions;
      expect(() => auth.authenticate(options)).toThrow(error);
      expect(() => auth.authorize(options)).toThrow(error);
      return expect(auth.authenticateRequest(createRequest("GET", {}), options)).rejects.toThrow(
        error,
      );
    },
  );

  test.each([undefined, {}, { optional: undefined }])("may be left out: %p", (options) => {
    expect(authenticate(options)).toBeInstanceOf(Function);
  });

  test("throw a TypeError for a __proto__ of parsed JSON", () => {
    expect(() => authenticate(JSON.parse('{"__proto__":{"optional":true}}'))).toThrow(TypeError);
  });

  test("are not read from a polluted Object.prototype", () => {
    Object.defineProperty(Object.prototype, "optional", { value: "polluted", configurable: true });
    try {
      expect(authenticate({})).toBeInstanceOf(Function);
    } finally {
      Reflect.deleteProperty(Object.prototype, "optional");
    }
  });

  test("are copied: a later change has no effect", async () => {
    const options = { optional: false };
    const app = express();
    app.get("/", auth.authenticate(options), (_req, res) => res.send("in"));
    options.optional = true;
    await expectRefusal(request(app).get("/"), 401);
  });

  test.each(["active", "verified", "superuser"])(
    "throw a TypeError for %s without findUser",
    (name) => {
      const claimsAuth = createJwtStrategy({ secret: hmacSecret, lifetimeSeconds: 3600 });
      expect(() => claimsAuth.authenticate({ [name]: true })).toThrow(TypeError);
      expect(() => claimsAuth.authenticate({ [name]: true })).toThrow(
        /require the findUser option/,
      );
      expect(claimsAuth.authenticate({ [name]: false })).toBeInstanceOf(Function);
    },
  );
});
