import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "@jest/globals";
import { isEmpty, parseBody } from "../../../lib/http/parse-body.ts";

const FORM = "application/x-www-form-urlencoded";
const JSON_TYPE = "application/json";
const ADA = { username: "ada", password: "l0velace +&ü" };
const LIMIT = 16 * 1024;

function parse(content: unknown, contentType?: string): unknown {
  const headers = contentType === undefined ? {} : { "content-type": contentType };
  return parseBody(Object.assign(new IncomingMessage(new Socket()), { headers }), content);
}

/** Bytes of another realm, such as those that `node:vm` and test runners create. */
function foreignBytes(text: string): unknown {
  return runInNewContext("Uint8Array.from(bytes)", { bytes: [...Buffer.from(text)] });
}

function formDataOf(fields: object): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, String(value));
  return form;
}

const BOUNDARY = "------------------------d74496d66958873e";
const MULTIPART = `multipart/form-data; boundary=${BOUNDARY}`;
const part = (name: string, value: string): string =>
  `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
const END = `--${BOUNDARY}--\r\n`;

describe.each<[string, (text: string) => unknown]>([
  ["a string", (text) => text],
  ["a Buffer", (text) => Buffer.from(text)],
  ["a Uint8Array", (text) => new TextEncoder().encode(text)],
  ["part of a larger buffer", (text) => Buffer.from(`--${text}--`).subarray(2, -2)],
  ["a Uint8Array of another realm", foreignBytes],
])("parseBody with %s", (_form, toContent) => {
  test.each([
    ["a form", FORM, new URLSearchParams(ADA).toString()],
    ["JSON", JSON_TYPE, JSON.stringify(ADA)],
    [
      "a multipart form of curl",
      MULTIPART,
      part("username", ADA.username) + part("password", ADA.password) + END,
    ],
  ])("%s", (_what, type, text) => {
    expect(parse(toContent(text), type)).toEqual(ADA);
  });

  test("a body of 16 KiB, and no more", () => {
    expect(parse(toContent("x=".padEnd(LIMIT, "x")), FORM)).toHaveProperty("x");
    expect(parse(toContent("x=".padEnd(LIMIT + 1, "x")), FORM)).toBe(
      "the body is longer than 16 KiB",
    );
  });
});

test("parseBody counts the bytes of a text, not its characters", () => {
  expect(parse(`x=${"ü".repeat(LIMIT / 2)}`, FORM)).toBe("the body is longer than 16 KiB");
});

describe("parseBody with a parsed body, for any content type,", () => {
  const file = new FormData();
  file.append("username", new Blob(["ada"]), "ada.txt");
  /** A FormData class that a package defines itself. */
  class OtherFormData extends Map<string, string> {
    override get [Symbol.toStringTag](): string {
      return "FormData";
    }
  }

  test.each<[string, unknown]>([
    ["an object", ADA],
    ["an object without a prototype", Object.assign(Object.create(null) as object, ADA)],
    ["a URLSearchParams", new URLSearchParams(ADA)],
    ["a FormData", formDataOf(ADA)],
    ["a FormData of a package", new OtherFormData(Object.entries(ADA))],
  ])("%s", (_what, content) => {
    expect(parse(content)).toEqual(ADA);
    expect(parse(content, "text/plain")).toEqual(ADA);
  });

  test.each<[string, unknown, string]>([
    ["a file", file, "the form contains a file"],
    ["a list", [ADA], "the body is not an object"],
    ["a number", 42, "the body is not an object"],
    ["true", true, "the body is not an object"],
    ["a function", () => ADA, "the body is not an object"],
  ])("but not %s", (_what, content, problem) => {
    expect(parse(content)).toBe(problem);
  });
});

describe("parseBody with a form (URL Standard section 5.1)", () => {
  test.each([
    ["pairs", "a=1&b=2", { a: "1", b: "2" }],
    ["escaped spaces and plus signs", "a+b=c%20d%2B", { "a b": "c d+" }],
    ["UTF-8", "%C3%BC=%F0%9F%98%80", { ü: "😀" }],
    ["a name without a value", "name", { name: "" }],
    ["an = in a value", "a=b=c", { a: "b=c" }],
    ["empty pairs", "&&a=1&", { a: "1" }],
    ["a leading ?", "?a=1", { "?a": "1" }],
    ["brackets", "username[$ne]=", { "username[$ne]": "" }],
    ["a lone percent sign", "a=100%", { a: "100%" }],
    ["a percent sign before one digit", "a=%4", { a: "%4" }],
    ["a percent sign before other letters", "a=%zz&b=%C3%BC", { a: "%zz", b: "ü" }],
    ["a percent sign and valid escapes", "a=100%+%C3%BC", { a: "100% ü" }],
    ["escapes that are not UTF-8", "a=%ff%C3", { a: "\ufffd\ufffd" }],
    ["escapes of a surrogate", "a=%ED%A0%80", { a: "\ufffd\ufffd\ufffd" }],
    ["an overlong slash", "a=%C0%AF", { a: "\ufffd\ufffd" }],
    ["JSON", '{"a":1}', { '{"a":1}': "" }],
    ["a leading byte order mark", "\ufeffa=1", { a: "1" }],
    ["nothing", "", {}],
  ])("%s", (_what, form, members) => {
    expect(parse(form, FORM)).toEqual(members);
    expect(parse(Buffer.from(form), FORM)).toEqual(members);
  });

  test("bytes that are not UTF-8", () => {
    expect(parse(Buffer.from("a=\xfc", "latin1"), FORM)).toEqual({ a: "\ufffd" });
  });

  test("a repeated name, of whose values it picks none", () => {
    expect(parse("a=1&a=2&a=3&b=4", FORM)).toEqual({ a: [], b: "4" });
  });
});

describe("parseBody with JSON", () => {
  test.each([
    ["a leading byte order mark", "\ufeff{}", {}],
    ["surrounding whitespace", " \t\r\n{} ", {}],
    [
      "an own __proto__, which does not set the prototype",
      '{"__proto__":{"a":1}}',
      { ["__proto__"]: { a: 1 } },
    ],
  ])("%s", (_what, json, members) => {
    expect(parse(json, JSON_TYPE)).toEqual(members);
    expect(parse(Buffer.from(json), JSON_TYPE)).toEqual(members);
  });

  test.each([
    ["an empty body", ""],
    ["an open brace", "{"],
    ["two objects", '{"username":"ada"}{}'],
    ["a form", "username=ada"],
    ["NaN", "NaN"],
    ["only a byte order mark", "\ufeff"],
    ["two byte order marks", "\ufeff\ufeff{}"],
    ["UTF-16", Buffer.from(JSON.stringify(ADA), "utf16le")],
  ])("not %s", (_what, json) => {
    expect(parse(json, JSON_TYPE)).toBe("the JSON is malformed");
  });

  test.each(["[]", '["ada"]', '"ada"', "null", "true", "42", "1e999"])("not %s", (json) => {
    expect(parse(json, JSON_TYPE)).toBe("the body is not an object");
  });

  test.each([
    ["UTF-8 that is cut off", Buffer.from('{"username":"\xc3"}', "latin1")],
    ["an overlong slash", Buffer.from('{"username":"\xc0\xaf"}', "latin1")],
    ["latin1", Buffer.from('{"username":"\xfc"}', "latin1")],
    ["what a decoder in front made of it", '{"username":"\ufffd"}'],
    ["what a parser in front made of it", { username: "\ufffd" }],
  ])("not %s", (_what, json) => {
    expect(parse(json, JSON_TYPE)).toBe("the JSON is not UTF-8");
  });
});

describe("parseBody, of a multipart form,", () => {
  test("refuses one that is malformed", () => {
    expect(parse(part("a", "1"), MULTIPART)).toBe("the multipart form is malformed");
  });

  test.each([
    ["a file", 'filename="a.txt"'],
    ["an empty file", 'filename="a.txt"'],
    ["a file without a name", 'filename=""'],
  ])("refuses %s", (what, filename) => {
    const field = part("a", what === "an empty file" ? "" : "1").replace('"a"', `"a"; ${filename}`);

    expect(parse(part("b", "2") + field + END, MULTIPART)).toBe("the form contains a file");
  });

  test("takes a file that was not chosen for no field", () => {
    const field = part("a", "").replace('"a"', '"a"; filename=""');
    const form = formDataOf({ b: "2" });
    form.append("a", new File([], ""));

    expect(parse(part("b", "2") + field + END, MULTIPART)).toEqual({ b: "2" });
    expect(parse(form)).toEqual({ b: "2" });
  });

  test("picks none of a repeated field's values, and sets no prototype", () => {
    const parts = part("a", "1") + part("__proto__", "1") + part("a", "2");

    expect(parse(parts + END, MULTIPART)).toEqual({ a: [], ["__proto__"]: "1" });
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe("parseBody with text or bytes", () => {
  test.each([undefined, "text/plain", "application/octet-stream", "application/vnd.api+json", "x"])(
    "of the type %s",
    (type) => {
      expect(parse("username=ada", type)).toBe("the content type is not supported");
      expect(parse(Buffer.from("{}"), type)).toBe("the content type is not supported");
    },
  );
});

describe("isEmpty", () => {
  test.each<[string, unknown]>([
    ["undefined", undefined],
    ["null", null],
    ["false", false],
    ["0", 0],
    ["an empty string", ""],
    ["an empty object", {}],
    ["an object without a prototype", Object.create(null)],
    ["an empty Buffer", Buffer.alloc(0)],
    ["an empty URLSearchParams", new URLSearchParams()],
    ["an empty FormData", new FormData()],
  ])("returns true for %s, which a parser may leave if it has read nothing", (_what, content) => {
    expect(isEmpty(content)).toBe(true);
  });

  test.each<[string, unknown]>([
    ["an object", ADA],
    ["an empty list", []],
    ["a Buffer", Buffer.alloc(1)],
    ["a string", " "],
    ["a URLSearchParams", new URLSearchParams(ADA)],
    ["a FormData", formDataOf(ADA)],
    ["true", true],
  ])("returns false for %s", (_what, content) => {
    expect(isEmpty(content)).toBe(false);
  });
});
