import { describe, expect, test } from "@jest/globals";
import type { AuthError } from "../../../lib/errors/auth-errors.ts";
import { createLoginEligibility } from "../../../lib/guards/login-eligibility.ts";
import { DEFAULT_TERMS } from "../../../lib/http/refusal.ts";

function judge(
  user: unknown,
  requiresVerification: boolean,
  isLoadedUser = true,
): AuthError | undefined {
  const claims = { sub: "42", aud: "us" };
  return createLoginEligibility(requiresVerification)({
    user,
    claims,
    isLoadedUser,
    terms: DEFAULT_TERMS,
  });
}

const asData = (error: AuthError | undefined): unknown =>
  error && [error.status, error.code, error.reason];

describe("who may log in", () => {
  test.each([{}, { isActive: undefined }, { isActive: true }, { isActive: 0 }, { isActive: null }])(
    "is a user who is not switched off: %j",
    (user) => {
      expect(judge(user, false)).toBeUndefined();
    },
  );

  test("is a verified user, where that is required", () => {
    expect(judge({ isVerified: true }, true)).toBeUndefined();
  });

  test("is who shows claims alone: nothing is asked of them", () => {
    expect(judge({ isActive: false, isVerified: false }, true, false)).toBeUndefined();
  });
});

describe("who may not log in", () => {
  test.each([true, false])(
    "is a user who is switched off, whether or not verification is required: %p",
    (requiresVerification) => {
      expect(asData(judge({ isActive: false }, requiresVerification))).toEqual([
        401,
        "invalid_token",
        "user_inactive",
      ]);
    },
  );

  test.each([{}, { isVerified: false }, { isVerified: 1 }, { isVerified: "true" }])(
    "is a user who is not verified, where that is required: %j",
    (user) => {
      expect(asData(judge(user, true))).toEqual([403, "insufficient_scope", "user_not_verified"]);
    },
  );
});
