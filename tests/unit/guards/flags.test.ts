import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { describe, expect, test } from "@jest/globals";
import { createJwtStrategy } from "express-jwt-strategy";
import express from "express";
import request from "supertest";
import type { FlagOptions } from "../../../lib/guards/flags.ts";
import { flagGuards, isDeactivated, isVerified } from "../../../lib/guards/flags.ts";
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

/** Every way to set three switches. */
const THREE_SWITCHES = [0, 1, 2, 3, 4, 5, 6, 7].map(
  (bits) => [(bits & 4) !== 0, (bits & 2) !== 0, (bits & 1) !== 0] as const,
);
const USERS: readonly User[] = THREE_SWITCHES.map(([isActive, isVerified, isSuperuser]) => ({
  isActive,
  isVerified,
  isSuperuser,
}));
const GUARDS: readonly Guards[] = THREE_SWITCHES.map(([active, verified, superuser]) => ({
  active,
  verified,
  superuser,
}));

/** What fastapi-users' `current_user(active, verified, superuser)` answers. */
function fastapiUsersStatus(user: User, guards: Guards): 200 | 401 | 403 {
  if (guards.active && !user.isActive) return 401;
  if ((guards.verified && !user.isVerified) || (guards.superuser && !user.isSuperuser)) return 403;
  return 200;
}

describe("the guards", () => {
  const token = forge("HS256", signingKey("HS256"));

  describe.each(GUARDS)("active: $active, verified: $verified, superuser: $superuser", (guards) => {
    test.each(USERS)(
      "answer like fastapi-users to a user with isActive: $isActive, isVerified: $isVerified, isSuperuser: $isSuperuser",
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
  const claims = { sub: "42", aud: "us" };

  const strategy = { ...DEFAULT_REFUSAL_CONFIG, loadsUsers: true, renewIfDue: undefined };

  /** Calls the guards of these options for a user. */
  function callGuards(options: FlagOptions, user: unknown): (AuthError | undefined)[] {
    const { active, verified, superuser } = options;
    return flagGuards
      .create({ active, verified, superuser }, true)
      .map((guard) => guard({ user, claims, strategy }, req) as AuthError | undefined);
  }

  const flags = [
    ["active", "isActive", 401, "user_inactive"],
    ["verified", "isVerified", 403, "user_not_verified"],
    ["superuser", "isSuperuser", 403, "user_not_superuser"],
  ] as const;

  describe.each(flags)("%s", (guardName, field, status, reason) => {
    const guard = (user: unknown): unknown => callGuards({ [guardName]: true }, user);

    test.each([
      ["is missing", {}],
      ["is undefined", { [field]: undefined }],
      ["is null", { [field]: null }],
      ["is 1", { [field]: 1 }],
      ['is "true"', { [field]: "true" }],
      ["is an object", { [field]: {} }],
      ["is a Boolean object", { [field]: Object(true) as unknown }],
    ])(`refuses a user whose ${field} %s`, (_case, user) => {
      expect(guard(user)).toMatchObject([{ status, reason }]);
    });

    test.each([0, "", "ann", 42n])(`refuses %p, a user without fields`, (user) => {
      expect(guard(user)).toMatchObject([{ status, reason }]);
    });

    test(`reads an inherited ${field}`, () => {
      const user = Object.create({ [field]: true }) as object;
      expect(guard(user)).toEqual([undefined]);
    });

    test.each([false, undefined])("requires nothing if it is %s", (off) => {
      expect(callGuards({ [guardName]: off }, {})).toEqual([]);
    });
  });

  test("refuses with 401 before 403", () => {
    expect(callGuards({ superuser: true, verified: true, active: true }, {})).toMatchObject([
      { status: 401, code: "invalid_token" },
    ]);
  });

  test("accepts every user if no flag is required", () => {
    const nobody = { isActive: false, isVerified: false, isSuperuser: false };
    expect(callGuards({}, nobody)).toEqual([]);
  });

  test("throws a TypeError that names the fix for a strategy without findUser", () => {
    const error = new TypeError("active, verified and superuser require the findUser option");
    expect(() => flagGuards.create({ active: true }, false)).toThrow(error);
    const [guard] = flagGuards.create({ active: true }, true);
    const withoutUsers = { ...strategy, loadsUsers: false };
    expect(() => guard?.({ user: claims, claims, strategy: withoutUsers }, req)).toThrow(error);
  });
});

test.each([
  [{ isActive: false }, true],
  [{ isActive: true }, false],
  [{ isActive: undefined }, false],
  [{ isActive: 0 }, false],
  [{}, false],
])("isDeactivated(%p) is %p", (user, expected) => {
  expect(isDeactivated(user)).toBe(expected);
});

test.each([
  [{ isVerified: true }, true],
  [{ isVerified: "true" }, false],
  [{ isVerified: false }, false],
  [{}, false],
])("isVerified(%p) is %p", (user, expected) => {
  expect(isVerified(user)).toBe(expected);
});
