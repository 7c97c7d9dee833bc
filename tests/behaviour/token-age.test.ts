import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { createJwtStrategy } from "express-jwt-strategy";
import { expectConstructionError } from "../support/expect-construction-error.ts";
import { forge, goodClaims } from "../support/forge.ts";
import { createGuardedApp, decodeSegment } from "../support/guarded-app.ts";
import { hmacSecret, signingKey } from "../support/keys.ts";

const NOW = 1_800_000_000;
const options = { secret: hmacSecret, lifetimeSeconds: 3600, maxTokenAgeSeconds: 60 } as const;

function forgeWith(changes: Record<string, unknown>): string {
  return forge("HS256", signingKey("HS256"), goodClaims(changes));
}

describe("maxTokenAgeSeconds", () => {
  let now: number;

  beforeEach(() => {
    now = NOW;
    jest.spyOn(Date, "now").mockImplementation(() => now * 1000);
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  test("writes iat, which is not written by default", async () => {
    now = NOW + 0.9;
    const token = await createJwtStrategy(options).writeToken({ id: "42" });
    expect(decodeSegment(token, 1)).toEqual({
      sub: "42",
      aud: ["fastapi-users:auth"],
      exp: NOW + 3600,
      iat: NOW,
    });
    const { secret, lifetimeSeconds } = options;
    const plain = await createJwtStrategy({ secret, lifetimeSeconds }).writeToken({ id: "42" });
    expect(decodeSegment(plain, 1)).not.toHaveProperty("iat");
  });

  test("does not allow iat in the claims option", async () => {
    const auth = createJwtStrategy({ ...options, claims: () => ({ iat: 1 }) });
    await expect(auth.writeToken({ id: "42" })).rejects.toThrow("claims must not return iat");
  });

  test.each([
    ["new", 0],
    ["one second younger than the maximum", 59],
    ["slightly younger than the maximum", 59.999],
  ])("accepts a token that is %s", (_case, age) =>
    createGuardedApp(createJwtStrategy(options)).accepts(forgeWith({ iat: NOW - age })),
  );

  test.each([
    ["as old as the maximum", NOW - 60],
    ["older", NOW - 61],
    ["issued in 1970", 0],
    ["issued before 1970", -1e300],
  ])("refuses a token that is %s", (_case, iat) =>
    createGuardedApp(createJwtStrategy(options)).refuses(forgeWith({ iat }), "token_too_old"),
  );

  test("refuses a token without iat, and one with iat in the future", async () => {
    const app = createGuardedApp(createJwtStrategy(options));
    await app.refuses(forgeWith({}), "issue_time_missing");
    await app.refuses(forgeWith({ iat: NOW + 1 }), "token_not_yet_valid");
    await app.refuses(forgeWith({ iat: "1800000000" }), "claims_invalid");
  });

  test("allows for clockToleranceSeconds", async () => {
    const app = createGuardedApp(createJwtStrategy({ ...options, clockToleranceSeconds: 5 }));
    await app.accepts(forgeWith({ iat: NOW - 64 }));
    await app.refuses(forgeWith({ iat: NOW - 65 }), "token_too_old");
  });

  test("is reported before expiry", () =>
    createGuardedApp(createJwtStrategy(options)).refuses(
      forgeWith({ iat: NOW - 60, exp: NOW - 1 }),
      "token_too_old",
    ));

  test.each([
    ["cached", 10_000],
    ["not cached", 0],
  ])("refuses a token when it becomes too old, %s", async (_case, cacheSize) => {
    const app = createGuardedApp(createJwtStrategy({ ...options, cacheSize }));
    const token = forgeWith({ iat: NOW });
    await app.accepts(token);
    now = NOW + 59;
    await app.accepts(token);
    now = NOW + 60;
    await app.refuses(token, "token_too_old");
    await app.refuses(token, "token_too_old");
  });
});

test.each([
  ["0", 0],
  ["negative", -1],
  ["a fraction", 0.5],
  ["NaN", NaN],
  ["Infinity", Infinity],
  ["more than 100 years", 3_153_600_001],
  ["text", "60"],
  ["null", null],
])("maxTokenAgeSeconds must be a whole number of seconds: %s", (_case, maxTokenAgeSeconds) => {
  expectConstructionError(
    { ...options, maxTokenAgeSeconds },
    /^maxTokenAgeSeconds must be a whole number from 1 to 3153600000(?:$|, not text)/,
  );
});
