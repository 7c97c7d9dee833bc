import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import fc from "fast-check";
import { checkClaims, checkTimes, type ClaimsConfig } from "../../../lib/token/claims.ts";
import { codecConfig } from "../../support/codec-config.ts";

const config: ClaimsConfig = { ...codecConfig, audiences: ["a", "b"] };

const NOW = 1_800_000_000;

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

/** The reason for the refusal of a payload, or "accepted". */
function check(payload: unknown, changes: Partial<ClaimsConfig> = {}): string {
  return checkClaims(payload, { ...config, ...changes }) ?? "accepted";
}

/** Returns the claims of these tests without one of them. */
function without(name: "sub" | "aud" | "exp"): object {
  return Object.fromEntries(Object.entries(claims()).filter(([other]) => other !== name));
}

/** Parses a payload: an own `__proto__` and `1e999` exist only in JSON text. */
function parse(members: string): unknown {
  return JSON.parse(`{"sub":"42","aud":"a","exp":${NOW + 60},${members}}`);
}

describe("checkClaims", () => {
  test("accepts all registered claims and claims of the issuer's own", () => {
    const payload = claims({ nbf: NOW, iat: NOW, jti: "x", roles: ["admin"] });
    expect(checkClaims(payload, config)).toBeUndefined();
  });

  test("does not change the payload", () => {
    const payload = claims({ nbf: NOW, iat: NOW, jti: "x", roles: ["admin"] });
    const copy = structuredClone(payload);
    checkClaims(payload, config);
    expect(payload).toEqual(copy);
  });

  test.each<[string, unknown]>([
    ["null", null],
    ["undefined", undefined],
    ["a boolean", true],
    ["a number", 42],
    ["a string", "42"],
    ["an empty string", ""],
    ["an empty array", []],
    ["an array of claims", [claims()]],
    ["an array with the claims as members", Object.assign([], claims())],
    ["a string of JSON with claims", JSON.stringify(claims())],
    ["an empty object", {}],
  ])("refuses a payload that is %s", (_name, payload) => {
    expect(check(payload)).toBe("claims_invalid");
  });

  test.each([
    ["sub", [null, undefined, "", 42, 0, true, [], ["42"], {}, { $ne: null }, "\ud800", "a\udc00"]],
    ["aud", [null, undefined, 42, true, {}, ["a", 1], [1, "a"], ["a", null], [["a"]]]],
    ["exp", [null, undefined, "9999999999", "", true, [], {}, NaN, Infinity, -Infinity, 1e308]],
    ["nbf", [null, undefined, "5", true, [], {}, NaN, Infinity, -Infinity, 1e308]],
    ["iat", [null, undefined, "5", true, [], {}, NaN, Infinity, -Infinity, 1e308]],
    ["iss", [null, undefined, 12, true, [], ["a"], {}]],
    ["jti", [null, undefined, 1, true, [], {}]],
  ])("refuses %s of a wrong type", (name, values) => {
    const verdicts = values.map((value) => check(claims({ [name]: value })));
    expect(verdicts).toEqual(values.map(() => "claims_invalid"));
  });

  test.each(["sub", "aud"] as const)("refuses claims without %s", (name) => {
    expect(check(without(name))).toBe("claims_invalid");
  });

  test.each([
    ["an exp of 1e999", '"exp":1e999'],
    ["an nbf of -1e999", '"nbf":-1e999'],
    ["an own __proto__ that is an object", '"__proto__":{}'],
    ["an own __proto__ that is null", '"__proto__":null'],
  ])("refuses a payload with %s", (_name, members) => {
    expect(check(parse(members))).toBe("claims_invalid");
  });

  test("refuses exp in milliseconds", () => {
    expect(check(claims({ exp: (NOW + 60) * 1000 }))).toBe("claims_invalid");
  });

  // 253,402,300,799 is 9999-12-31T23:59:59Z.
  test.each(["exp", "nbf", "iat"])("accepts the year 9999 in %s and no later second", (name) => {
    setClock(253_402_300_798);
    const verdicts = [253_402_300_798.5, 253_402_300_799, 253_402_300_799.5, 253_402_300_800].map(
      (time) => check(claims({ exp: 253_402_300_799, [name]: time })),
    );
    const ofTheYear = name === "exp" ? "accepted" : "token_not_yet_valid";
    expect(verdicts).toEqual([ofTheYear, ofTheYear, "claims_invalid", "claims_invalid"]);
  });

  test("accepts any well-formed string for sub", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1 }), (sub) => {
        expect(check(claims({ sub }))).toBe("accepted");
      }),
    );
  });

  test.each(["constructor", "toString", "hasOwnProperty"])("accepts a claim named %s", (name) => {
    expect(check(claims({ [name]: 1 }))).toBe("accepted");
  });

  test.each([
    ["the first configured one", "a"],
    ["the second configured one", "b"],
    ["a list of a configured one", ["a"]],
    ["a list of an unknown one and a configured one", ["x", "b"]],
    ["a list of both configured ones", ["a", "b"]],
    ["a list of a configured one twice", ["a", "a"]],
  ])("accepts an audience that is %s", (_name, aud) => {
    expect(check(claims({ aud }))).toBe("accepted");
  });

  test.each([
    ["an empty string", ""],
    ["in another case", "A"],
    ["followed by a space", "a "],
    ["preceded by a space", " a"],
    ["longer", "ab"],
    ["both configured ones joined by a comma", "a,b"],
    ["both configured ones joined by a space", "a b"],
    ["a Cyrillic letter that looks the same", "\u0430"],
    ["an unknown one", "x"],
    ["an empty list", []],
    ["a list of an empty string", [""]],
    ["a list of an unknown one", ["x"]],
    ["a list of the name of a prototype", ["__proto__"]],
  ])("refuses an audience that is %s", (_name, aud) => {
    expect(check(claims({ aud }))).toBe("audience_mismatch");
  });

  test("requires no aud without configured audiences, but checks its type", () => {
    expect(check(without("aud"), { audiences: null })).toBe("accepted");
    expect(check(claims({ aud: "x" }), { audiences: null })).toBe("accepted");
    for (const aud of [null, 42, ["a", 1], {}]) {
      expect(check(claims({ aud }), { audiences: null })).toBe("claims_invalid");
    }
  });

  describe("with issuers", () => {
    const issuers = ["https://a.example", "https://b.example/"];

    test.each([...issuers.entries()])("accepts the configured issuer %d", (_index, iss) => {
      expect(check(claims({ iss }), { issuers })).toBe("accepted");
    });

    test.each<[string, object]>([
      ["no iss", {}],
      ["an empty iss", { iss: "" }],
      ["another issuer", { iss: "https://c.example" }],
      ["a configured issuer with a slash", { iss: "https://a.example/" }],
      ["a configured issuer without its slash", { iss: "https://b.example" }],
      ["a configured issuer in another case", { iss: "https://A.example" }],
      ["the start of a configured issuer", { iss: "https://" }],
      ["a configured issuer and a space", { iss: "https://a.example " }],
      ["both configured issuers in one string", { iss: issuers.join(",") }],
      ["the string undefined", { iss: "undefined" }],
    ])("refuses %s", (_name, change) => {
      expect(check(claims(change), { issuers })).toBe("issuer_mismatch");
    });

    // CVE-2025-30144.
    test("refuses a list with a configured issuer as claims_invalid", () => {
      expect(check(claims({ iss: [issuers[0]] }), { issuers })).toBe("claims_invalid");
    });

    test("reports the issuer before the audience and the times", () => {
      const bad = claims({ iss: "x", aud: "x", exp: NOW - 1, nbf: NOW + 1 });
      expect(check(bad, { issuers })).toBe("issuer_mismatch");
    });
  });

  test("accepts any iss that is a string without issuers", () => {
    expect(check(claims({ iss: "https://a.example" }))).toBe("accepted");
    expect(check(claims({ iss: "" }))).toBe("accepted");
  });

  test("requires iat only with maxTokenAgeSeconds", () => {
    expect(check(claims(), { maxTokenAgeSeconds: 60 })).toBe("issue_time_missing");
    expect(check(claims({ iat: NOW }), { maxTokenAgeSeconds: 60 })).toBe("accepted");
    expect(check(claims(), { maxTokenAgeSeconds: undefined })).toBe("accepted");
  });

  test("reports a missing exp before a missing iat", () => {
    expect(check(without("exp"), { maxTokenAgeSeconds: 60 })).toBe("expiry_missing");
  });

  test("refuses claims without exp only if exp is required", () => {
    expect(check(without("exp"))).toBe("expiry_missing");
    expect(check(without("exp"), { requireExpiry: false })).toBe("accepted");
  });

  test("checks exp even if it is not required", () => {
    expect(check(claims({ exp: NOW }), { requireExpiry: false })).toBe("token_expired");
  });

  test.each([
    ["another audience", { aud: "x" }, "audience_mismatch"],
    ["a sub of a wrong type", { sub: 42 }, "claims_invalid"],
    ["an iat of a wrong type", { iat: "5" }, "claims_invalid"],
    ["a jti of a wrong type", { jti: 5 }, "claims_invalid"],
    ["an nbf in the future", { nbf: NOW + 1 }, "token_not_yet_valid"],
    ["an iat in the future", { iat: NOW + 1 }, "token_not_yet_valid"],
  ])("does not report an expired token that also has %s as expired", (_name, change, reason) => {
    expect(check(claims({ exp: NOW - 1, ...change }))).toBe(reason);
  });

  test("compares exp with the configured tolerance", () => {
    const expired = claims({ exp: NOW - 59 });
    expect(check(expired, { clockToleranceSeconds: 59 })).toBe("token_expired");
    expect(check(expired, { clockToleranceSeconds: 60 })).toBe("accepted");
  });

  describe("with a polluted Object.prototype", () => {
    afterEach(() => {
      for (const name of ["sub", "aud", "exp", "jti", "iss"]) {
        Reflect.deleteProperty(Object.prototype, name);
      }
    });

    test.each([
      ["sub", "42"],
      ["aud", "a"],
      ["exp", 9_999_999_999],
    ] as const)("ignores an inherited %s", (name, value) => {
      Reflect.set(Object.prototype, name, value);
      expect(check(without(name))).toBe("claims_invalid");
    });

    test("does not accept an inherited iss", () => {
      Reflect.set(Object.prototype, "iss", "a");
      expect(check(claims(), { issuers: ["a"] })).toBe("claims_invalid");
    });

    test("refuses a token without jti, since handlers would read the inherited one", () => {
      Reflect.set(Object.prototype, "jti", "x");
      expect(check(claims())).toBe("claims_invalid");
      expect(check(claims({ jti: "y" }))).toBe("accepted");
    });
  });
});

describe("checkTimes", () => {
  function compareTimes(times: object, tolerance = 0): string {
    return (
      checkTimes(
        { sub: "42", aud: "a", ...times },
        { ...config, clockToleranceSeconds: tolerance },
      ) ?? "accepted"
    );
  }

  const [EXPIRED, EARLY, ACCEPTED] = ["token_expired", "token_not_yet_valid", "accepted"];

  // The token expires at second 100; `now` is the time of the clock.
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
    expect(compareTimes({ exp: 100 }, tolerance)).toBe(verdict);
  });

  // The token was issued at second 100; `now` is the time of the clock.
  test.each([
    [159.999, 0, ACCEPTED],
    [160, 0, "token_too_old"],
    [161, 0, "token_too_old"],
    [169.999, 10, ACCEPTED],
    [170, 10, "token_too_old"],
    [99, 0, EARLY],
  ])("iat 100, 60 s of age, at %d s with a tolerance of %d s: %s", (now, tolerance, verdict) => {
    setClock(now);
    const times = { ...config, clockToleranceSeconds: tolerance, maxTokenAgeSeconds: 60 };
    expect(checkTimes({ sub: "42", iat: 100 }, times) ?? ACCEPTED).toBe(verdict);
  });

  test("a token older than maxTokenAgeSeconds is reported before its expiry", () => {
    setClock(1000);
    const times = { ...config, maxTokenAgeSeconds: 60 };
    expect(checkTimes({ sub: "42", iat: 100, exp: 200 }, times)).toBe("token_too_old");
  });

  // The token becomes valid at second 100; `now` is the time of the clock.
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
      expect(compareTimes({ [name]: 100 }, tolerance)).toBe(verdict);
    });
  });

  test.each([
    ["exp half a second later", { exp: NOW + 0.5 }, ACCEPTED],
    ["exp half a second earlier", { exp: NOW - 0.5 }, EXPIRED],
    ["exp now", { exp: NOW }, EXPIRED],
    ["exp in 1970", { exp: 0 }, EXPIRED],
    ["exp before 1970", { exp: -1 }, EXPIRED],
    ["exp long before 1970", { exp: -1e300 }, EXPIRED],
    ["nbf and iat long ago", { nbf: 0, iat: -1 }, ACCEPTED],
    ["nbf now and iat in the future", { nbf: NOW, iat: NOW + 1 }, EARLY],
    ["nbf in the future and iat now", { nbf: NOW + 1, iat: NOW }, EARLY],
    ["nbf in the future alone", { nbf: NOW + 1 }, EARLY],
    ["exp in the past and nbf in the future", { exp: NOW - 1, nbf: NOW + 1 }, EARLY],
    ["no times", {}, ACCEPTED],
  ])("%s", (_name, times, verdict) => {
    expect(compareTimes(times)).toBe(verdict);
  });
});
