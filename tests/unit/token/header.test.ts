import { afterEach, describe, expect, test } from "@jest/globals";
import { createHeaderReader, writtenHeader } from "../../../lib/token/header.ts";
import { base64url } from "../../support/forge.ts";
import { ALGORITHMS } from "../../support/keys.ts";

const KIDS = [undefined, "2026-11", "é😀", "__proto__"];

/** What a reader makes of a header that is written as this text, or as the JSON of this object. */
function read(header: object | string | Uint8Array, kids = KIDS): object | string {
  const isRaw = typeof header === "string" || header instanceof Uint8Array;
  return createHeaderReader("HS256", kids)(base64url(isRaw ? header : JSON.stringify(header)));
}

function withParameters(parameters: object): object {
  return { alg: "HS256", typ: "JWT", ...parameters };
}

describe("writtenHeader", () => {
  test.each(ALGORITHMS)("has the members and the order of fastapi-users for %s", (algorithm) => {
    expect(JSON.stringify(writtenHeader(algorithm, undefined))).toBe(
      `{"alg":"${algorithm}","typ":"JWT"}`,
    );
  });

  test("names the key last, where it has a name", () => {
    expect(JSON.stringify(writtenHeader("ES256", "2026-11"))).toBe(
      '{"alg":"ES256","typ":"JWT","kid":"2026-11"}',
    );
  });
});

describe("the reader of a header", () => {
  test.each(ALGORITHMS)(
    "accepts the written header of its own algorithm alone (%s)",
    (algorithm) => {
      const readHeader = createHeaderReader(algorithm, ["k"]);
      for (const kid of [undefined, "k", "another"]) {
        const accepted = ALGORITHMS.filter((other) => {
          const header = readHeader(base64url(JSON.stringify(writtenHeader(other, kid))));
          return typeof header === "object" && header.kid === kid;
        });
        expect(accepted).toEqual([algorithm]);
      }
    },
  );

  test.each([
    ["no typ", { alg: "HS256" }],
    ["typ in small letters", withParameters({ typ: "jwt" })],
    ["typ in mixed case", withParameters({ typ: "Jwt" })],
    ["another order", { typ: "JWT", alg: "HS256" }],
    ["blanks", ' { "alg" : "HS256" } '],
    ["parameters that nobody knows", withParameters({ x: [1], jku: "http://example.com" })],
    ["our alg after another one", '{"alg":"none","alg":"HS256"}'],
  ])("accepts %s", (_name, header) => {
    expect(read(header)).toEqual({ kid: undefined });
  });

  test.each([
    ["a kid that is known", "2026-11"],
    ["a kid that is unknown", "k"],
    ["an empty kid", ""],
    ["a kid that is no ASCII", "é😀"],
    ["an unknown kid that is no ASCII", "日本"],
    ["a kid with a line break", "a\r\nSet-Cookie: a=b"],
    ["a kid that is a path", "../../etc/passwd"],
    ["a kid of 4,096 characters", "k".repeat(4096)],
    ["a kid named like a prototype that is known", "__proto__"],
    ["a kid named like a member of a prototype", "constructor"],
  ])("reads %s to the letter, however the header is spelled", (_name, kid) => {
    const parameters = JSON.stringify(kid);
    for (const header of [
      withParameters({ kid }),
      `{"kid":${parameters},"alg":"HS256"}`,
      ` {"alg":"HS256","kid":"another","\\u006bid":${parameters}} `,
    ]) {
      expect(read(header)).toEqual({ kid });
    }
  });

  test("reads no kid that stands anywhere else", () => {
    const parameters = { jwk: { kid: "2026-11" }, KID: "2026-11", x5t: "2026-11" };
    expect(read(withParameters(parameters))).toEqual({ kid: undefined });
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
    expect(read(text)).toBe("malformed");
  });

  test.each([
    ["an invalid byte", [0xff]],
    ["an overlong slash", [0xc0, 0xaf]],
    ["a surrogate", [0xed, 0xa0, 0x80]],
  ])("calls a header with %s malformed, since it is no UTF-8", (_name, invalid) => {
    const [before = "", after = ""] = '{"alg":"HS256","kid":"|"}'.split("|");
    const parts = [Buffer.from(before), Buffer.from(invalid), Buffer.from(after)];
    expect(read(Buffer.concat(parts))).toBe("malformed");
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
    expect(read(header)).toBe("algorithm_mismatch");
  });

  test.each([
    ["crit", [[], null, "exp", ["exp"], ["b64"], ["alg"], [5], {}, true]],
    ["b64", [false, true, null]],
    ["typ", ["at+jwt", "application/jwt", "JOSE", "JWT ", "", null, 5, true, ["JWT"], {}]],
    ["kid", [null, 5, true, [], ["k"], {}]],
  ])("does not support %s of these values", (name, values) => {
    const verdicts = values.map((value) => read(withParameters({ [name]: value })));
    expect(verdicts).toEqual(values.map(() => "header_unsupported"));
  });

  describe("while Object.prototype is polluted", () => {
    afterEach(() => {
      for (const name of ["alg", "crit", "kid"]) Reflect.deleteProperty(Object.prototype, name);
    });

    test("takes no alg from there", () => {
      Reflect.set(Object.prototype, "alg", "HS256");
      expect(read({ typ: "JWT" })).toBe("algorithm_mismatch");
    });

    test("takes no crit and no kid from there", () => {
      Object.assign(Object.prototype, { crit: ["exp"], kid: 5 });
      expect(read({ typ: "jwt", alg: "HS256" })).toEqual({ kid: undefined });
    });
  });
});
