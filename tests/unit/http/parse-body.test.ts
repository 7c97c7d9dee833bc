import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "@jest/globals";
import { isEmpty, parseBody } from "../../../lib/http/parse-body.ts";

const FORM = "application/x-www-form-urlencoded";
const JSON_TYPE = "application/json";
const ADA = { username: "ada", password: "l0velace +&ü" };
const LIMIT = 16 * 1024;

async function parse(content: unknown, contentType?: string): Promise<unknown> {
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
  ])("reads %s", async (_what, type, text) => {
    expect(await parse(toContent(text), type)).toEqual(ADA);
  });

  test("reads a body of 16 KiB, and refuses a longer one", async () => {
    expect(await parse(toContent("x=".padEnd(LIMIT, "x")), FORM)).toHaveProperty("x");
    expect(await parse(toContent("x=".padEnd(LIMIT + 1, "x")), FORM)).toBe(
      "the body is longer than 16 KiB",
    );
  });
});

test("parseBody counts the bytes of a string, not its characters", async () => {
  expect(await parse(`x=${"ü".repeat(LIMIT / 2)}`, FORM)).toBe("the body is longer than 16 KiB");
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
  ])("returns the members of %s", async (_what, content) => {
    expect(await parse(content)).toEqual(ADA);
    expect(await parse(content, "text/plain")).toEqual(ADA);
  });

  test.each<[string, unknown, string]>([
    ["a file", file, "the form contains a file"],
    ["a list", [ADA], "the body is not an object"],
    ["a number", 42, "the body is not an object"],
    ["true", true, "the body is not an object"],
    ["a function", () => ADA, "the body is not an object"],
  ])("refuses %s", async (_what, content, problem) => {
    expect(await parse(content)).toBe(problem);
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
  ])("decodes %s", async (_what, form, members) => {
    expect(await parse(form, FORM)).toEqual(members);
    expect(await parse(Buffer.from(form), FORM)).toEqual(members);
  });

  test("decodes bytes that are not UTF-8 to U+FFFD", async () => {
    expect(await parse(Buffer.from("a=\xfc", "latin1"), FORM)).toEqual({ a: "\ufffd" });
  });

  test("returns no value for a repeated name", async () => {
    expect(await parse("a=1&a=2&a=3&b=4", FORM)).toEqual({ a: [], b: "4" });
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
  ])("accepts %s", async (_what, json, members) => {
    expect(await parse(json, JSON_TYPE)).toEqual(members);
    expect(await parse(Buffer.from(json), JSON_TYPE)).toEqual(members);
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
  ])("refuses %s as malformed", async (_what, json) => {
    expect(await parse(json, JSON_TYPE)).toBe("the JSON is malformed");
  });

  test.each(["[]", '["ada"]', '"ada"', "null", "true", "42", "1e999"])(
    "refuses %s, which is not an object",
    async (json) => {
      expect(await parse(json, JSON_TYPE)).toBe("the body is not an object");
    },
  );

  test.each([
    ["UTF-8 that is cut off", Buffer.from('{"username":"\xc3"}', "latin1")],
    ["an overlong slash", Buffer.from('{"username":"\xc0\xaf"}', "latin1")],
    ["Latin-1", Buffer.from('{"username":"\xfc"}', "latin1")],
    ["a string that was decoded with U+FFFD", '{"username":"\ufffd"}'],
    ["an object that was parsed with U+FFFD", { username: "\ufffd" }],
  ])("refuses %s, which is not UTF-8", async (_what, json) => {
    expect(await parse(json, JSON_TYPE)).toBe("the JSON is not UTF-8");
  });
});

describe("parseBody with a multipart form", () => {
  test.each([
    ["keeps whitespace and line breaks", part("a", " \r\n\t "), { a: " \r\n\t " }],
    ["reads UTF-8", part("ü", "😀"), { ü: "😀" }],
    [
      "ignores the encoding in _charset_",
      part("_charset_", "utf-16") + part("a", "ü"),
      { _charset_: "utf-16", a: "ü" },
    ],
    ["returns no value for a repeated field", part("a", "1") + part("a", "2"), { a: [] }],
    ["does not set the prototype", part("__proto__", "1"), { ["__proto__"]: "1" }],
    ["returns no members for a form without fields", "", {}],
  ])("%s", async (_what, parts, members) => {
    expect(await parse(parts + END, MULTIPART)).toEqual(members);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  const file = (more: string): string => part("a", "1").replace('"a"', `"a"; ${more}`);

  test.each([
    ["a file", file('filename="a.txt"')],
    ["a file without a name", file('filename=""')],
  ])("refuses %s", async (_what, parts) => {
    expect(await parse(part("b", "2") + parts + END, MULTIPART)).toBe("the form contains a file");
  });

  test.each([
    ["an empty body", ""],
    ["a missing last boundary", part("a", "1")],
    ["a value that is cut off", part("a", "1").slice(0, -3)],
    ["a header that is cut off", part("a", "1").slice(0, 60)],
    ["a line break in a name", part("a\r\nb", "1") + END],
    ["a part without a name", part("a", "1").replace('; name="a"', "") + END],
    ["a part without headers", part("a", "1").replace(/Content.*"\r\n/, "") + END],
    ["a part that is not form-data", part("a", "1").replace("form-data", "attachment") + END],
    ["line breaks without carriage returns", (part("a", "1") + END).replaceAll("\r", "")],
    ["a URL-encoded form", "username=ada&password=x"],
  ])("refuses %s", async (_what, text) => {
    expect(await parse(text, MULTIPART)).toBe("the multipart form is malformed");
  });

  test.each([
    ["no boundary", "multipart/form-data"],
    ["an empty boundary", "multipart/form-data; boundary="],
    ["another boundary", "multipart/form-data; boundary=x"],
    ["characters that a header must not contain", `${MULTIPART}; a=\u0100`],
  ])("refuses a content type with %s", async (_what, type) => {
    expect(await parse(part("a", "1") + END, type)).toBe("the multipart form is malformed");
  });
});

describe("parseBody with text or bytes", () => {
  test.each([undefined, "text/plain", "application/octet-stream", "application/vnd.api+json", "x"])(
    "refuses the content type %s",
    async (type) => {
      expect(await parse("username=ada", type)).toBe("the content type is not supported");
      expect(await parse(Buffer.from("{}"), type)).toBe("the content type is not supported");
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
