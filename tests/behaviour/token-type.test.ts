import { describe, expect, test } from "@jest/globals";
import { createJwtStrategy } from "express-jwt-strategy";
import { expectConstructionError } from "../support/expect-construction-error.ts";
import { forge, goodClaims } from "../support/forge.ts";
import { createGuardedApp, decodeSegment } from "../support/guarded-app.ts";
import { hmacSecret, signingKey } from "../support/keys.ts";

const options = { secret: hmacSecret, lifetimeSeconds: 3600 } as const;

function forgeWithTyp(typ: unknown): string {
  return forge("HS256", signingKey("HS256"), goodClaims(), { alg: "HS256", typ });
}

/** Each `typ`, and whether a strategy accepts it with the options "JWT", "at+jwt" and both. */
const TYPES: readonly (readonly [unknown, boolean, boolean])[] = [
  [undefined, true, false],
  ["JWT", true, false],
  ["jwt", true, false],
  ["application/jwt", true, false],
  ["Application/JWT", true, false],
  ["at+jwt", false, true],
  ["AT+JWT", false, true],
  ["application/at+jwt", false, true],
  ["dpop+jwt", false, false],
  ["text/jwt", false, false],
  ["application/application/jwt", false, false],
  ["application/", false, false],
  ["jwt ", false, false],
  ["", false, false],
  [null, false, false],
  [["JWT"], false, false],
];

describe.each([
  ["by default", undefined, "JWT", 1],
  ['"JWT"', "JWT", "JWT", 1],
  ['"application/jwt"', "application/jwt", "application/jwt", 1],
  ['"at+jwt"', "at+jwt", "at+jwt", 2],
  ['"application/at+jwt"', "application/at+jwt", "application/at+jwt", 2],
  ["a list of both", ["at+jwt", "JWT"], "at+jwt", 3],
] as const)("tokenType %s", (_case, tokenType, written, accepted) => {
  const auth = createJwtStrategy({ ...options, tokenType });
  const app = createGuardedApp(auth);

  test("writes the first type, which it accepts", async () => {
    const token = await auth.writeToken({ id: "42" });
    expect(decodeSegment(token, 0)).toEqual({ alg: "HS256", typ: written });
    await app.accepts(token);
  });

  test.each(TYPES.map((row) => [JSON.stringify(row[0]), ...row] as const))(
    "checks typ: %s",
    async (_typ, typ, isJwt, isAccessToken) => {
      const isAccepted =
        accepted === 3 ? isJwt || isAccessToken : [isJwt, isAccessToken][accepted - 1];
      if (isAccepted) await app.accepts(forgeWithTyp(typ));
      else await app.refuses(forgeWithTyp(typ), "header_unsupported");
    },
  );
});

test.each([
  ["an empty string", ""],
  ["null", null],
  ["an empty list", []],
  ["a list with an empty string", ["JWT", ""]],
  ["a space", "at jwt"],
  ["two slashes", "application/at/jwt"],
  ["a character outside of ASCII", "ＪＷＴ"],
  ["a number", 1],
])("tokenType must be a type or a list of types: %s is refused", (_case, tokenType) => {
  expectConstructionError(
    { ...options, tokenType },
    /^tokenType must be a type such as "JWT" or "at\+jwt", or a non-empty list of such$/,
  );
});
