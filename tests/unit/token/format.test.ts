import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { splitToken } from "../../../lib/token/format.ts";
import { base64url } from "../../support/forge.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const bytes = fc.uint8Array({ minLength: 1, maxLength: 40 });

describe("splitToken", () => {
  test("returns the header, the payload and the signature without decoding them", () => {
    expect(splitToken("aGVhZGVy.cGF5bG9hZA.-_8")).toEqual({
      header: "aGVhZGVy",
      payload: "cGF5bG9hZA",
      signature: "-_8",
    });
  });

  test("accepts the base64url of any bytes", () => {
    fc.assert(
      fc.property(bytes, bytes, bytes, (...parts) => {
        const [header, payload, signature] = parts.map(base64url);
        expect(splitToken([header, payload, signature].join("."))).toEqual({
          header,
          payload,
          signature,
        });
      }),
    );
  });

  test("accepts only one of several strings that decode to the same bytes", () => {
    fc.assert(
      fc.property(bytes, (content) => {
        const segment = base64url(content);
        const accepted = Array.from(ALPHABET)
          .map((last) => segment.slice(0, -1) + last)
          .filter((encoding) => Buffer.from(encoding, "base64url").equals(content))
          .filter((encoding) => splitToken(`AA.AA.${encoding}`) !== undefined);
        expect(accepted).toEqual([segment]);
      }),
    );
  });

  test.each([
    ["an empty string", ""],
    ["one dot", "."],
    ["two dots", ".."],
    ["one segment", "AA"],
    ["two segments", "AA.AA"],
    ["an empty header", ".AA.AA"],
    ["an empty payload", "AA..AA"],
    ["an empty signature", "AA.AA."],
    ["four segments", "AA.AA.AA.AA"],
    ["an empty fourth segment", "AA.AA.AA."],
    ["an empty segment before the header", ".AA.AA.AA"],
  ])("refuses %s", (_name, token) => {
    expect(splitToken(token)).toBeUndefined();
  });

  test.each([
    ["one character too many", "AAAAA"],
    ["a single character", "A"],
    ["one unused bit", "AB"],
    ["four unused bits", "AP"],
    ["two unused bits", "AAB"],
    ["padding", "AA=="],
    ["a plus sign", "A+AA"],
    ["a slash", "A/AA"],
    ["a space", "AA AA"],
    ["a newline at the end", "AAAA\n"],
    ["a carriage return", "AA\rAA"],
    ["a NUL", "AA\0AA"],
    ["a quote", 'AA"AA'],
    ["a percent sign", "AA%2E"],
    ["a zero-width space", "AA\u200bAA"],
    ["U+0141, whose low byte is A", "\u0141AAA"],
    ["a full-width letter", "Ａ"],
    ["a lone surrogate", "AA\ud800"],
  ])("refuses a segment with %s", (_name, segment) => {
    const tokens = [`${segment}.AA.AA`, `AA.${segment}.AA`, `AA.AA.${segment}`];
    expect(tokens.map(splitToken)).toEqual([undefined, undefined, undefined]);
  });
});
