import { describe, expect, test } from "@jest/globals";
import type { AuthError } from "../../../lib/errors/auth-errors.ts";
import { createLoginEligibility } from "../../../lib/guards/login-eligibility.ts";
import { DEFAULT_REFUSAL_CONFIG } from "../../../lib/http/refusal-options.ts";

function callGuard(
  user: unknown,
  requiresVerification: boolean,
  loadsUsers = true,
): AuthError | undefined {
  const claims = { sub: "42", aud: "us" };
  const strategy = { ...DEFAULT_REFUSAL_CONFIG, loadsUsers, renewIfDue: undefined };
  return createLoginEligibility(requiresVerification).guard({
    user,
    claims,
    appClaims: claims,
    strategy,
    getToken: () => "a.b.c",
  });
}

const asData = (error: AuthError | undefined): unknown =>
  error && [error.status, error.code, error.reason];

describe("a user may log out and renew tokens", () => {
  test.each([{}, { isActive: undefined }, { isActive: true }, { isActive: 1 }, { is_active: 1 }])(
    "if isActive is set or absent: %j",
    (user) => {
      expect(callGuard(user, false)).toBeUndefined();
    },
  );

  test.each([{ isVerified: true }, { isVerified: 1 }, { is_verified: true }])(
    "if verified, and verification is required: %j",
    (user) => {
      expect(callGuard(user, true)).toBeUndefined();
    },
  );

  test("without findUser, because claims are not checked", () => {
    expect(callGuard({ isActive: false, isVerified: false }, true, false)).toBeUndefined();
  });
});

describe("a user may neither log out nor renew tokens", () => {
  test.each([true, false])(
    "if isActive is false, with requiresVerification: %p",
    (requiresVerification) => {
      expect(asData(callGuard({ isActive: false }, requiresVerification))).toEqual([
        401,
        "invalid_token",
        "user_inactive",
      ]);
    },
  );

  test.each([{}, { isVerified: false }, { isVerified: 0 }, { isVerified: "true" }])(
    "if not verified, and verification is required: %j",
    (user) => {
      expect(asData(callGuard(user, true))).toEqual([
        403,
        "insufficient_scope",
        "user_not_verified",
      ]);
    },
  );
});

describe("a login", () => {
  test.each([
    [{ isActive: false }, true, "BadCredentialsError", "user_inactive"],
    [{ isActive: false }, false, "BadCredentialsError", "user_inactive"],
    [{}, true, "UserNotVerifiedError", "user_not_verified"],
  ])(
    "of %j with requiresVerification: %p is refused",
    (user, requiresVerification, name, reason) => {
      const error = createLoginEligibility(requiresVerification).checkLogin(user);
      expect([error?.name, error?.status, error?.reason]).toEqual([name, 400, reason]);
    },
  );

  test.each([
    [{}, false],
    [{ isActive: true, isVerified: true }, true],
  ])("of %j with requiresVerification: %p is accepted", (user, requiresVerification) => {
    expect(createLoginEligibility(requiresVerification).checkLogin(user)).toBeUndefined();
  });
});
