import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { describe, expect, test } from "@jest/globals";
import { createJwtStrategy } from "express-jwt-strategy";
import express from "express";
import request from "supertest";
import type { FlagOptions } from "../../../lib/guards/flags.ts";
import { flagGuards } from "../../../lib/guards/flags.ts";
import type { AuthError } from "../../../lib/errors/auth-errors.ts";
import { DEFAULT_REFUSAL_CONFIG } from "../../../lib/http/refusal-options.ts";
import { expectRefusal } from "../../support/expect-refusal.ts";
import { forge } from "../../support/forge.ts";
import { hmacSecret, signingKey } from "../../support/keys.ts";

interface User {
  readonly isActive: boolean;
  readonly isVerified: boolean;
  readonly isSuperuser: boolean;
}
type Guards = Required<FlagOptions>;

/** All combinations of three flags. */
const COMBINATIONS = [0, 1, 2, 3, 4, 5, 6, 7].map(
  (bits) => [(bits & 4) !== 0, (bits & 2) !== 0, (bits & 1) !== 0] as const,
);
const USERS: readonly User[] = COMBINATIONS.map(([isActive, isVerified, isSuperuser]) => ({
  isActive,
  isVerified,
  isSuperuser,
}));
const GUARDS: readonly Guards[] = COMBINATIONS.map(([active, verified, superuser]) => ({
  active,
  verified,
  superuser,
}));

/** The status that `current_user(active, verified, superuser)` of fastapi-users responds with. */
function fastapiUsersStatus(user: User, guards: Guards): 200 | 401 | 403 {
  if (guards.active && !user.isActive) return 401;
  if ((guards.verified && !user.isVerified) || (guards.superuser && !user.isSuperuser)) return 403;
  return 200;
}

describe("the guards", () => {
  const token = forge("HS256", signingKey("HS256"));

  describe.each(GUARDS)("active: $active, verified: $verified, superuser: $superuser", (guards) => {
    test.each(USERS)(
      "answer like fastapi-users for a user with isActive: $isActive, isVerified: $isVerified, isSuperuser: $isSuperuser",
      async (user) => {
        const auth = createJwtStrategy({
          secret: hmacSecret,
          lifetimeSeconds: 3600,
          findUser: () => user,
        });
        const app = express();
        app.get("/", auth.authenticate(guards), (_req, res) => res.send("in"));
        const response = request(app).get("/").set("Authorization", `Bearer ${token}`);
        switch (fastapiUsersStatus(user, guards)) {
          case 401:
            await expectRefusal(response, 401, "invalid_token");
            break;
          case 403:
            await expectRefusal(response, 403, "insufficient_scope");
            break;
          default:
            expect((await response).text).toBe("in");
        }
      },
    );
  });
});

describe("flagGuards", () => {
  const req = new IncomingMessage(new Socket());
  const getToken = (): string => "a.b.c";
  const claims = { sub: "42", aud: "us" };

  const strategy = { ...DEFAULT_REFUSAL_CONFIG, loadsUsers: true, renewIfDue: undefined };

  /** Calls the guards of these options with a user. */
  function callGuards(
    options: FlagOptions,
    user: unknown,
    isFollowUp = false,
  ): (AuthError | undefined)[] {
    return flagGuards
      .create({ ...options }, { loadsUsers: true, isFollowUp })
      .map(
        (guard) =>
          guard({ user, claims, appClaims: claims, strategy, getToken }, req) as
            AuthError | undefined,
      );
  }

  const flags = [
    ["active", "isActive", "is_active", 401, "user_inactive"],
    ["verified", "isVerified", "is_verified", 403, "user_not_verified"],
    ["superuser", "isSuperuser", "is_superuser", 403, "user_not_superuser"],
  ] as const;

  const notSet = [false, 0, null, "true", "1", "", 2, 1n, NaN, {}, [], Object(true) as unknown];

  describe.each(flags)("%s", (guardName, name, columnName, status, reason) => {
    const guard = (user: unknown): unknown => callGuards({ [guardName]: true }, user);

    describe.each([name, columnName])("reads %s, and", (field) => {
      test.each([true, 1])("accepts %p", (value) => {
        expect(guard({ [field]: value })).toEqual([undefined]);
      });

      test.each(notSet)("refuses %p", (value) => {
        expect(guard({ [field]: value })).toMatchObject([{ status, reason }]);
      });

      test.each([
        ["a function", () => true],
        ["a promise", Promise.resolve(true)],
        ["a promise that rejects", Promise.reject(new Error("database is down"))],
      ])("throws a TypeError for %s", (_what, value) => {
        expect(() => guard({ [field]: value })).toThrow(
          new TypeError(`${name} of a user must be a value, not a function or a promise`),
        );
      });

      test("reads it from the class of a user", () => {
        expect(guard(Object.create({ [field]: 1 }))).toEqual([undefined]);
        const User = class {};
        Object.defineProperty(User.prototype, field, { get: () => true });
        expect(guard(new User())).toEqual([undefined]);
      });

      test("does not read it from a polluted Object.prototype", () => {
        Object.defineProperty(Object.prototype, field, { value: true, configurable: true });
        try {
          expect(guard({})).toMatchObject([{ status, reason }]);
          expect(guard(new (class User {})())).toMatchObject([{ status, reason }]);
          expect(guard("ann")).toMatchObject([{ status, reason }]);
        } finally {
          Reflect.deleteProperty(Object.prototype, field);
        }
      });
    });

    test(`reads ${name} if a user has both`, () => {
      expect(guard({ [name]: false, [columnName]: true })).toMatchObject([{ status, reason }]);
      expect(guard({ [name]: null, [columnName]: true })).toMatchObject([{ status, reason }]);
      expect(guard({ [name]: true, [columnName]: false })).toEqual([undefined]);
    });

    test.each([{}, { [name]: undefined }, "ann", 42n, Object.create(null)])(
      "refuses a user without the flag: %p",
      (user) => {
        expect(guard(user)).toMatchObject([{ status, reason }]);
      },
    );

    test("does not count as a condition of authorize() if it is false", () => {
      expect(callGuards({ [guardName]: false }, {}, true)).toEqual([]);
    });
  });

  describe("without active", () => {
    test.each([{}, { isActive: undefined }, { isActive: true }, { is_active: 1 }, "ann"])(
      "accepts a user who is not deactivated: %p",
      (user) => {
        expect(callGuards({}, user)).toEqual([undefined]);
      },
    );

    test.each(notSet)("refuses a deactivated user: isActive is %p", (isActive) => {
      const refused = [{ status: 401, reason: "user_inactive" }];
      expect(callGuards({}, { isActive })).toMatchObject(refused);
      expect(callGuards({ superuser: true }, { isActive, isSuperuser: true })).toMatchObject(
        refused,
      );
    });

    test("authorize() does not check isActive, because authenticate() does", () => {
      expect(callGuards({}, { isActive: false }, true)).toEqual([]);
      const options = { superuser: true };
      expect(callGuards(options, { isActive: false, isSuperuser: true }, true)).toEqual([
        undefined,
      ]);
    });
  });

  test("accepts deactivated users with active: false", () => {
    expect(callGuards({ active: false }, { isActive: false })).toEqual([]);
    const user = { isActive: false, isVerified: true };
    expect(callGuards({ active: false, verified: true }, user)).toEqual([undefined]);
  });

  test("checks active, a 401, before verified and superuser, a 403", () => {
    expect(callGuards({ superuser: true, verified: true, active: true }, {})).toMatchObject([
      { status: 401, code: "invalid_token" },
    ]);
  });

  /** A deactivated user of a strategy without findUser. */
  const withoutFindUser = {
    user: { isActive: false },
    claims,
    appClaims: claims,
    strategy: { ...strategy, loadsUsers: false },
    getToken,
  };

  test("throws a TypeError that names the fix for a strategy without findUser", () => {
    const error = new TypeError("active, verified and superuser require the findUser option");
    const create = (
      options: FlagOptions,
      loadsUsers: boolean,
    ): ReturnType<typeof flagGuards.create> =>
      flagGuards.create({ ...options }, { loadsUsers, isFollowUp: false });
    expect(() => create({ active: true }, false)).toThrow(error);
    const [guard] = create({ active: true }, true);
    expect(() => guard?.(withoutFindUser, req)).toThrow(error);
  });

  test("does not check claims for flags", () => {
    expect(flagGuards.create({}, { loadsUsers: false, isFollowUp: false })).toEqual([]);
    const [guard] = flagGuards.create({}, { loadsUsers: true, isFollowUp: false });
    expect(guard?.(withoutFindUser, req)).toBeUndefined();
  });
});

describe("authenticate() without options", () => {
  const token = forge("HS256", signingKey("HS256"));

  test.each([{ isActive: false }, { is_active: false }, { isActive: 0 }])(
    "refuses a deactivated user: %p",
    async (user) => {
      const auth = createJwtStrategy({
        secret: hmacSecret,
        lifetimeSeconds: 3600,
        findUser: () => user,
      });
      const app = express().get("/", auth.authenticate(), (_req, res) => void res.send("in"));
      app.get("/any", auth.authenticate({ active: false }), (_req, res) => void res.send("in"));
      const get = (path: string): request.Test =>
        request(app).get(path).set("Authorization", `Bearer ${token}`);
      await expectRefusal(get("/"), 401, "invalid_token");
      expect((await get("/any")).text).toBe("in");
      const req = Object.assign(new IncomingMessage(new Socket()), {
        headers: { authorization: `Bearer ${token}` },
      });
      await expect(auth.authenticateRequest(req)).rejects.toMatchObject({
        status: 401,
        reason: "user_inactive",
      });
    },
  );
});
