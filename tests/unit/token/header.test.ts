import { afterEach, describe, expect, test } from "@jest/globals";
import { createHeaderReader, createTokenHeader } from "../../../lib/token/header.ts";
import { base64url } from "../../support/forge.ts";
import { ALGORITHMS } from "../../support/keys.ts";

const KIDS = [undefined, "2026-11", "é😀", "__proto__"];

/** Reads a header that is given as text or as an object. */
function read(
  header: object | string | Uint8Array,
  kids = KIDS,
  tokenTypes = ["JWT"],
): object | string {
  const isRaw = typeof header === "string" || header instanceof Uint8Array;
  return createHeaderReader(
    "HS256",
    tokenTypes,
    kids,
  )(base64url(isRaw ? header : JSON.stringify(header)));
}

function withParameters(parameters: object): object {
  return { alg: "HS256", typ: "JWT", ...parameters };
}

describe("createTokenHeader", () => {
  test.each(ALGORITHMS)("has the same bytes as the header of fastapi-users for %s", (algorithm) => {
    expect(JSON.stringify(createTokenHeader(algorithm, "JWT", undefined))).toBe(
      `{"alg":"${algorithm}","typ":"JWT"}`,
    );
  });

  test("ends with the kid, if the key has one", () => {
    expect(JSON.stringify(createTokenHeader("ES256", "JWT", "2026-11"))).toBe(
      '{"alg":"ES256","typ":"JWT","kid":"2026-11"}',
    );
  });
});

describe("createHeaderReader", () => {
  test.each(ALGORITHMS)("accepts the usual header of its own algorithm only (%s)", (algorithm) => {
    const readHeader = createHeaderReader(algorithm, ["JWT"], ["k"]);
    for (const kid of [undefined, "k", "another"]) {
      const accepted = ALGORITHMS.filter((other) => {
        const header = readHeader(base64url(JSON.stringify(createTokenHeader(other, "JWT", kid))));
        return typeof header === "object" && header.kid === kid;
      });
      expect(accepted).toEqual([algorithm]);
    }
  });

  test.each([
    ["no typ", { alg: "HS256" }],
    ["typ in lower case", withParameters({ typ: "jwt" })],
    ["typ in mixed case", withParameters({ typ: "Jwt" })],
    ["typ as a media type", withParameters({ typ: "application/jwt" })],
    ["typ as a media type in upper case", withParameters({ typ: "APPLICATION/JWT" })],
    ["another order", { typ: "JWT", alg: "HS256" }],
    ["spaces", ' { "alg" : "HS256" } '],
    ["unknown parameters", withParameters({ x: [1], jku: "http://example.com" })],
    ["a repeated alg with the configured one last", '{"alg":"none","alg":"HS256"}'],
  ])("accepts %s", (_name, header) => {
    expect(read(header)).toEqual({ kid: undefined });
  });

  test.each([
    ["a known kid", "2026-11"],
    ["an unknown kid", "k"],
    ["an empty kid", ""],
    ["a known kid that is not ASCII", "é😀"],
    ["an unknown kid that is not ASCII", "日本"],
    ["a kid with a line break", "a\r\nSet-Cookie: a=b"],
    ["a kid that is a path", "../../etc/passwd"],
    ["a kid of 4,096 characters", "k".repeat(4096)],
    ["a known kid named like a prototype", "__proto__"],
    ["a kid named like a member of a prototype", "constructor"],
  ])("returns %s unchanged, for every form of the header", (_name, kid) => {
    const parameters = JSON.stringify(kid);
    for (const header of [
      withParameters({ kid }),
      `{"kid":${parameters},"alg":"HS256"}`,
      ` {"alg":"HS256","kid":"another","\\u006bid":${parameters}} `,
    ]) {
      expect(read(header)).toEqual({ kid });
    }
  });

  test("ignores a kid in other parameters", () => {
    const parameters = { jwk: { kid: "2026-11" }, KID: "2026-11", x5t: "2026-11" };
    expect(read(withParameters(parameters))).toEqual({ kid: undefined });
  });

  test.each([
    ["empty", ""],
    ["a space", " "],
    ["not JSON", "header"],
    ["null", "null"],
    ["a boolean", "true"],
    ["a number", "42"],
    ["a string", '"HS256"'],
    ["an empty array", "[]"],
    ["an array of a header", '[{"alg":"HS256"}]'],
    ["cut off", '{"alg":"HS256"'],
    ["an object with a trailing comma", '{"alg":"HS256",}'],
    ["an object in single quotes", "{'alg':'HS256'}"],
    ["two objects", '{"alg":"HS256"}{}'],
    ["2,000 open brackets", "[".repeat(2000)],
    ["an object after a byte order mark", '\ufeff{"alg":"HS256"}'],
  ])("returns malformed if the header is %s", (_name, text) => {
    expect(read(text)).toBe("malformed");
  });

  test.each([
    ["an invalid byte", [0xff]],
    ["an overlong slash", [0xc0, 0xaf]],
    ["a surrogate", [0xed, 0xa0, 0x80]],
  ])("returns malformed if the header has %s, which is not UTF-8", (_name, invalid) => {
    const [before = "", after = ""] = '{"alg":"HS256","kid":"|"}'.split("|");
    const parts = [Buffer.from(before), Buffer.from(invalid), Buffer.from(after)];
    expect(read(Buffer.concat(parts))).toBe("malformed");
  });

  test.each([
    ["is missing", {}],
    ["is none", { alg: "none" }],
    ["is another one of the same family", { alg: "HS384" }],
    ["is in lower case", { alg: "hs256" }],
    ["ends with a space", { alg: "HS256 " }],
    ["is null", { alg: null }],
    ["is a number", { alg: 256 }],
    ["is a list of the configured one", { alg: ["HS256"] }],
    ["is an object", { alg: {} }],
    ["is the name of an inherited property", { alg: "constructor" }],
    ["is inside __proto__", '{"__proto__":{"alg":"HS256"}}'],
    ["is repeated with none last", '{"alg":"HS256","alg":"none"}'],
    ["is repeated under an escaped name with none last", '{"alg":"HS256","\\u0061lg":"none"}'],
  ])("returns algorithm_mismatch if alg %s", (_name, header) => {
    expect(read(header)).toBe("algorithm_mismatch");
  });

  test.each([
    ["crit", [[], null, "exp", ["exp"], ["b64"], ["alg"], [5], {}, true]],
    ["b64", [false, true, null]],
    [
      "typ",
      [
        "at+jwt",
        "application/at+jwt",
        "text/jwt",
        "application/jwt/x",
        "/jwt",
        "JOSE",
        "JWT ",
        "",
        null,
        5,
        true,
        ["JWT"],
        {},
      ],
    ],
    ["kid", [null, 5, true, [], ["k"], {}]],
  ])("refuses unsupported values of %s", (name, values) => {
    const verdicts = values.map((value) => read(withParameters({ [name]: value })));
    expect(verdicts).toEqual(values.map(() => "header_unsupported"));
  });

  describe("with token types", () => {
    test.each<[string, string[], object, boolean]>([
      ["the type itself", ["at+jwt"], { typ: "at+jwt" }, true],
      ["the type in another case", ["at+jwt"], { typ: "AT+JWT" }, true],
      ["the media type", ["at+jwt"], { typ: "application/at+jwt" }, true],
      [
        "the short form of a configured media type",
        ["application/at+jwt"],
        { typ: "at+jwt" },
        true,
      ],
      ["the second of two types", ["at+jwt", "JWT"], { typ: "JWT" }, true],
      ["no typ if JWT is one of them", ["at+jwt", "JWT"], {}, true],
      ["no typ if JWT is not one of them", ["at+jwt"], {}, false],
      ["JWT if it is not one of them", ["at+jwt"], { typ: "JWT" }, false],
      ["a media type of another tree", ["at+jwt"], { typ: "text/at+jwt" }, false],
      ["a longer type", ["at+jwt"], { typ: "at+jwt2" }, false],
      ["a list of the type", ["at+jwt"], { typ: ["at+jwt"] }, false],
    ])("%s", (_name, tokenTypes, parameters, isAccepted) => {
      const header = { alg: "HS256", ...parameters };
      expect(read(header, KIDS, tokenTypes)).toEqual(
        isAccepted ? { kid: undefined } : "header_unsupported",
      );
    });
  });

  describe("with a polluted Object.prototype", () => {
    afterEach(() => {
      for (const name of ["alg", "crit", "kid", "typ"])
        Reflect.deleteProperty(Object.prototype, name);
    });

    test("ignores an inherited alg", () => {
      Reflect.set(Object.prototype, "alg", "HS256");
      expect(read({ typ: "JWT" })).toBe("algorithm_mismatch");
    });

    test("ignores an inherited typ", () => {
      Object.assign(Object.prototype, { typ: "at+jwt" });
      expect(read({ alg: "HS256" })).toEqual({ kid: undefined });
    });

    test("ignores an inherited crit and kid", () => {
      Object.assign(Object.prototype, { crit: ["exp"], kid: 5 });
      expect(read({ typ: "jwt", alg: "HS256" })).toEqual({ kid: undefined });
    });
  });
});
