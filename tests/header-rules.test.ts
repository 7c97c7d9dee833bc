import { afterEach, describe, expect, test } from "@jest/globals";
import { createHeaderCheck, usualHeader } from "../lib/header-rules.ts";
import { base64url } from "./support/forge.ts";
import { ALGORITHMS } from "./support/keys.ts";

const checkHeader = createHeaderCheck("HS256");

/** The verdict on a header that is written as this text, or as the JSON of this object. */
function judge(header: object | string | Uint8Array): string | undefined {
  const isRaw = typeof header === "string" || header instanceof Uint8Array;
  return checkHeader(base64url(isRaw ? header : JSON.stringify(header)));
}

function withParameters(parameters: object): object {
  return { alg: "HS256", typ: "JWT", ...parameters };
}

describe("usualHeader", () => {
  test.each(ALGORITHMS)("has the members and the order of fastapi-users for %s", (algorithm) => {
    expect(JSON.stringify(usualHeader(algorithm))).toBe(`{"alg":"${algorithm}","typ":"JWT"}`);
  });
});

describe("the check of a header", () => {
  test.each(ALGORITHMS)("accepts the usual header of its own algorithm alone (%s)", (algorithm) => {
    const check = createHeaderCheck(algorithm);
    const accepted = ALGORITHMS.filter(
      (other) => check(base64url(JSON.stringify(usualHeader(other)))) === undefined,
    );
    expect(accepted).toEqual([algorithm]);
  });

  test.each([
    ["no typ", { alg: "HS256" }],
    ["typ in small letters", withParameters({ typ: "jwt" })],
    ["typ in mixed case", withParameters({ typ: "Jwt" })],
    ["another order", { typ: "JWT", alg: "HS256" }],
    ["blanks", ' { "alg" : "HS256" } '],
    ["a kid", withParameters({ kid: "k" })],
    ["an empty kid", withParameters({ kid: "" })],
    ["a kid that is no ASCII", withParameters({ kid: "é😀" })],
    ["parameters that nobody knows", withParameters({ x: [1], jku: "http://example.com" })],
    ["our alg after another one", '{"alg":"none","alg":"HS256"}'],
  ])("accepts %s", (_name, header) => {
    expect(judge(header)).toBeUndefined();
  });

  test.each([
    ...["", " ", "header", "null", "true", "42", '"HS256"', "[]", '[{"alg":"HS256"}]'],
    ...[
      '{"alg":"HS256"',
      '{"alg":"HS256",}',
      "{'alg':'HS256'}",
      '{"alg":"HS256"}{}',
      "[".repeat(2000),
    ],
    '\ufeff{"alg":"HS256"}',
  ])("calls the text %j malformed", (text) => {
    expect(judge(text)).toBe("malformed");
  });

  test.each([
    ["an invalid byte", [0xff]],
    ["an overlong slash", [0xc0, 0xaf]],
    ["a surrogate", [0xed, 0xa0, 0x80]],
  ])("calls a header with %s malformed, since it is no UTF-8", (_name, invalid) => {
    const [before = "", after = ""] = '{"alg":"HS256","kid":"|"}'.split("|");
    const parts = [Buffer.from(before), Buffer.from(invalid), Buffer.from(after)];
    expect(judge(Buffer.concat(parts))).toBe("malformed");
  });

  test.each([
    ["is missing", {}],
    ["is none", { alg: "none" }],
    ["is a sibling", { alg: "HS384" }],
    ["is in small letters", { alg: "hs256" }],
    ["has a blank after it", { alg: "HS256 " }],
    ["is null", { alg: null }],
    ["is a number", { alg: 256 }],
    ["is a list of ours", { alg: ["HS256"] }],
    ["is an object", { alg: {} }],
    ["names a prototype's member", { alg: "constructor" }],
    ["stands under __proto__", '{"__proto__":{"alg":"HS256"}}'],
    ["is overridden by a later one", '{"alg":"HS256","alg":"none"}'],
    ["is overridden under an escaped name", '{"alg":"HS256","\\u0061lg":"none"}'],
  ])("speaks of another algorithm where alg %s", (_name, header) => {
    expect(judge(header)).toBe("algorithm_mismatch");
  });

  test.each([
    ["crit", [[], null, "exp", ["exp"], ["b64"], ["alg"], [5], {}, true]],
    ["b64", [false, true, null]],
    ["typ", ["at+jwt", "application/jwt", "JOSE", "JWT ", "", null, 5, true, ["JWT"], {}]],
    ["kid", [null, 5, true, [], ["k"], {}]],
  ])("does not support %s of these values", (name, values) => {
    const verdicts = values.map((value) => judge(withParameters({ [name]: value })));
    expect(verdicts).toEqual(values.map(() => "header_unsupported"));
  });

  describe("while Object.prototype is polluted", () => {
    afterEach(() => {
      for (const name of ["alg", "crit", "kid"]) Reflect.deleteProperty(Object.prototype, name);
    });

    test("takes no alg from there", () => {
      Reflect.set(Object.prototype, "alg", "HS256");
      expect(judge({ typ: "JWT" })).toBe("algorithm_mismatch");
    });

    test("takes no crit and no kid from there", () => {
      Object.assign(Object.prototype, { crit: ["exp"], kid: 5 });
      expect(judge({ typ: "jwt", alg: "HS256" })).toBeUndefined();
    });
  });
});
