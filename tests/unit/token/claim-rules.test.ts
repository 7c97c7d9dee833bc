import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import fc from "fast-check";
import { checkClaims, checkTimes, type ClaimRules } from "../../../lib/token/claim-rules.ts";
import { InvalidTokenError, TokenExpiredError } from "express-jwt-strategy";

const NOW = 1_800_000_000;
const rules: ClaimRules = { audiences: ["a", "b"], requireExpiry: true, clockToleranceSeconds: 0 };

function setClock(seconds: number): void {
  jest.spyOn(Date, "now").mockReturnValue(seconds * 1000);
}

beforeEach(() => setClock(NOW));
afterEach(() => {
  jest.restoreAllMocks();
});

function claims(changes: object = {}): object {
  return { sub: "42", aud: "a", exp: NOW + 60, ...changes };
}

/** Why a payload is refused, or "accepted". */
function judge(payload: unknown, changes: Partial<ClaimRules> = {}): string {
  const outcome = checkClaims(payload, { ...rules, ...changes });
  return outcome instanceof InvalidTokenError ? outcome.reason : "accepted";
}

/** The claims of these tests with one of them left out. */
function without(name: "sub" | "aud" | "exp"): object {
  return Object.fromEntries(Object.entries(claims()).filter(([other]) => other !== name));
}

/** A payload as it comes out of a token: `__proto__` and `1e999` exist in JSON text alone. */
function parse(members: string): unknown {
  return JSON.parse(`{"sub":"42","aud":"a","exp":${NOW + 60},${members}}`);
}

describe("checkClaims", () => {
  test("returns the very payload that it accepts", () => {
    const payload = claims({ nbf: NOW, iat: NOW, jti: "x", roles: ["admin"] });
    expect(checkClaims(payload, rules)).toBe(payload);
  });

  test.each([null, undefined, true, 42, "42", "", [], [{ sub: "42" }], {}])(
    "refuses the payload %j, which holds no claims",
    (payload) => {
      expect(judge(payload)).toBe("claims_invalid");
    },
  );

  test.each([
    ["sub", [null, undefined, "", 42, 0, true, [], ["42"], {}, { $ne: null }, "\ud800", "a\udc00"]],
    ["aud", [null, undefined, 42, true, {}, ["a", 1], ["a", null], [["a"]]]],
    ["exp", [null, undefined, "9999999999", "", true, [], {}, NaN, Infinity, -Infinity, 1e308]],
    ["nbf", [null, undefined, "5", true, [], {}, NaN, Infinity, -Infinity, 1e308]],
    ["iat", [null, undefined, "5", true, [], {}, NaN, Infinity, -Infinity, 1e308]],
    ["jti", [null, undefined, 1, true, [], {}]],
  ])("refuses %s of a wrong type", (name, values) => {
    const verdicts = values.map((value) => judge(claims({ [name]: value })));
    expect(verdicts).toEqual(values.map(() => "claims_invalid"));
  });

  test.each(["sub", "aud"] as const)("refuses claims without %s", (name) => {
    expect(judge(without(name))).toBe("claims_invalid");
  });

  test.each(['"exp":1e999', '"nbf":-1e999', '"__proto__":{}', '"__proto__":null'])(
    "refuses a payload with %s",
    (members) => {
      expect(judge(parse(members))).toBe("claims_invalid");
    },
  );

  test("refuses an exp that counts milliseconds, and would outlive everyone", () => {
    expect(judge(claims({ exp: (NOW + 60) * 1000 }))).toBe("claims_invalid");
  });

  test("accepts any well-formed string for sub", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1 }), (sub) => {
        expect(judge(claims({ sub }))).toBe("accepted");
      }),
    );
  });

  test.each(["constructor", "toString", "hasOwnProperty"])("accepts a claim named %s", (name) => {
    expect(judge(claims({ [name]: 1 }))).toBe("accepted");
  });

  test.each([["a"], ["b"], [["a"]], [["x", "b"]], [["a", "b"]], [["a", "a"]]])(
    "accepts the audience %j, one of ours",
    (aud) => {
      expect(judge(claims({ aud }))).toBe("accepted");
    },
  );

  test.each(["", "A", "a ", " a", "ab", "a,b", "a b", "а", "x", [], [""], ["x"], ["__proto__"]])(
    "refuses the audience %j, which is none of ours",
    (aud) => {
      expect(judge(claims({ aud }))).toBe("audience_mismatch");
    },
  );

  test("refuses claims without exp where a lifetime is set, and accepts them where none is", () => {
    expect(judge(without("exp"))).toBe("expiry_missing");
    expect(judge(without("exp"), { requireExpiry: false })).toBe("accepted");
  });

  test("holds an exp to its word where none is needed", () => {
    expect(judge(claims({ exp: NOW }), { requireExpiry: false })).toBe("token_expired");
  });

  test.each([
    ["another audience", { aud: "x" }, "audience_mismatch"],
    ["a sub of a wrong type", { sub: 42 }, "claims_invalid"],
    ["an iat of a wrong type", { iat: "5" }, "claims_invalid"],
    ["a jti of a wrong type", { jti: 5 }, "claims_invalid"],
    ["an nbf in the future", { nbf: NOW + 1 }, "token_not_yet_valid"],
    ["an iat in the future", { iat: NOW + 1 }, "token_not_yet_valid"],
  ])("does not call a token expired that also has %s", (_name, change, reason) => {
    expect(judge(claims({ exp: NOW - 1, ...change }))).toBe(reason);
  });

  test("judges the age with the tolerance that it is given", () => {
    const expired = claims({ exp: NOW - 59 });
    expect(judge(expired, { clockToleranceSeconds: 59 })).toBe("token_expired");
    expect(judge(expired, { clockToleranceSeconds: 60 })).toBe("accepted");
  });

  describe("while Object.prototype is polluted", () => {
    afterEach(() => {
      for (const name of ["sub", "aud", "exp"]) Reflect.deleteProperty(Object.prototype, name);
    });

    test.each([
      ["sub", "42"],
      ["aud", "a"],
      ["exp", 9_999_999_999],
    ] as const)("takes no %s from there", (name, value) => {
      Reflect.set(Object.prototype, name, value);
      expect(judge(without(name))).toBe("claims_invalid");
    });
  });
});

describe("checkTimes", () => {
  function judgeTimes(times: object, tolerance = 0): string {
    const refusal = checkTimes({ sub: "42", aud: "a", ...times }, tolerance);
    return refusal?.reason ?? "accepted";
  }

  const [EXPIRED, EARLY, ACCEPTED] = ["token_expired", "token_not_yet_valid", "accepted"];

  // The token expires at second 100; the clock stands at `now`.
  test.each([
    [99, 0, ACCEPTED],
    [99.999, 0, ACCEPTED],
    [100, 0, EXPIRED],
    [100.001, 0, EXPIRED],
    [101, 0, EXPIRED],
    [109.999, 10, ACCEPTED],
    [110, 10, EXPIRED],
    [100.499, 0.5, ACCEPTED],
    [100.5, 0.5, EXPIRED],
  ])("exp 100 at %d s with a tolerance of %d s: %s", (now, tolerance, verdict) => {
    setClock(now);
    expect(judgeTimes({ exp: 100 }, tolerance)).toBe(verdict);
  });

  // The token starts at second 100; the clock stands at `now`.
  describe.each(["nbf", "iat"])("%s", (name) => {
    test.each([
      [99, 0, EARLY],
      [99.999, 0, EARLY],
      [100, 0, ACCEPTED],
      [100.001, 0, ACCEPTED],
      [89.999, 10, EARLY],
      [90, 10, ACCEPTED],
      [99.499, 0.5, EARLY],
      [99.5, 0.5, ACCEPTED],
    ])("100 at %d s with a tolerance of %d s: %s", (now, tolerance, verdict) => {
      setClock(now);
      expect(judgeTimes({ [name]: 100 }, tolerance)).toBe(verdict);
    });
  });

  test.each([
    [{ exp: NOW + 0.5 }, ACCEPTED],
    [{ exp: NOW - 0.5 }, EXPIRED],
    [{ exp: 0 }, EXPIRED],
    [{ exp: -1 }, EXPIRED],
    [{ exp: -1e300 }, EXPIRED],
    [{ nbf: 0, iat: -1 }, ACCEPTED],
    [{ nbf: NOW, iat: NOW + 1 }, EARLY],
    [{ nbf: NOW + 1, iat: NOW }, EARLY],
    [{ exp: NOW - 1, nbf: NOW + 1 }, EARLY],
    [{}, ACCEPTED],
  ])("judges %j at second 1,800,000,000 as %s", (times, verdict) => {
    expect(judgeTimes(times)).toBe(verdict);
  });

  test("speaks of expiry through an error of its own", () => {
    expect(checkTimes({ sub: "42", aud: "a", exp: NOW }, 0)).toBeInstanceOf(TokenExpiredError);
    expect(checkTimes({ sub: "42", aud: "a", nbf: NOW + 1 }, 0)).not.toBeInstanceOf(
      TokenExpiredError,
    );
  });
});
