import { describe, expect, test } from "@jest/globals";
import { createJwtStrategy, type AuthenticateOptions } from "express-jwt-strategy";
import request from "supertest";
import { createGuard, isDeactivated, isVerified, noGuard } from "../lib/guards.ts";
import { expectRefusal } from "./support/expect-refusal.ts";
import { expresses } from "./support/expresses.ts";
import { forge } from "./support/forge.ts";
import { hmacSecret, signingKey } from "./support/keys.ts";

interface User {
  readonly isActive: boolean;
  readonly isVerified: boolean;
  readonly isSuperuser: boolean;
}
type Guards = Required<Omit<AuthenticateOptions, "optional">>;

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

describe.each(expresses)("the guards on %s", (_name, express) => {
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

describe("createGuard", () => {
  const flags = [
    ["active", "isActive", 401, "user_inactive"],
    ["verified", "isVerified", 403, "user_not_verified"],
    ["superuser", "isSuperuser", 403, "user_not_superuser"],
  ] as const;

  describe.each(flags)("%s", (guardName, field, status, reason) => {
    const guard = createGuard({ [guardName]: true });

    test.each([
      ["is missing", {}],
      ["is undefined", { [field]: undefined }],
      ["is null", { [field]: null }],
      ["is 1", { [field]: 1 }],
      ['is "true"', { [field]: "true" }],
      ["is an object", { [field]: {} }],
      ["is a Boolean object", { [field]: Object(true) as unknown }],
    ])(`refuses a user whose ${field} %s`, (_case, user) => {
      expect(guard(user)).toMatchObject({ status, reason });
    });

    test.each([0, "", "ann", 42n])(`refuses %p, a user without fields`, (user) => {
      expect(guard(user)).toMatchObject({ status, reason });
    });

    test(`reads ${field} of a class, too`, () => {
      const user = Object.create({ [field]: true }) as object;
      expect(guard(user)).toBeUndefined();
    });

    test.each([false, undefined])("demands nothing when it is %s", (off) => {
      expect(createGuard({ [guardName]: off })({})).toBeUndefined();
    });
  });

  test("lets a 401 outrank a 403", () => {
    const guard = createGuard({ superuser: true, verified: true, active: true });
    expect(guard({})).toMatchObject({ status: 401, code: "invalid_token" });
  });
});

test("noGuard lets every user pass", () => {
  expect(noGuard({ isActive: false, isVerified: false, isSuperuser: false })).toBeUndefined();
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
