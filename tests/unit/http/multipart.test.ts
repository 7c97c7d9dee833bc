import { describe, expect, test } from "@jest/globals";
import { parseMultipart } from "../../../lib/http/multipart.ts";

const BOUNDARY = "------------------------d74496d66958873e";
const TYPE = `multipart/form-data; boundary=${BOUNDARY}`;
const END = `--${BOUNDARY}--\r\n`;

/** A part with these lines in its header. */
const partOf = (header: string, value = "1"): string =>
  `--${BOUNDARY}\r\n${header}\r\n\r\n${value}\r\n`;
const part = (name: string, value: string): string =>
  partOf(`Content-Disposition: form-data; name="${name}"`, value);

describe("parseMultipart, of a value,", () => {
  test.each([
    ["keeps blanks and line breaks", " \r\n\t "],
    ["keeps what looks like a header", "B: c\r\n\r\nd"],
    ["keeps what looks like a part of a delimiter", `--\r\n--\r\n${BOUNDARY}--${BOUNDARY}`],
    ["keeps a byte order mark", "\ufeffa"],
    ["reads UTF-8", "ü😀"],
  ])("%s", (_what, value) => {
    expect(parseMultipart(part("a", value) + END, TYPE)).toEqual([["a", value]]);
  });

  test("replaces what is not UTF-8", () => {
    const bytes = Buffer.from(part("a", "\xfc") + END, "latin1");

    expect(parseMultipart(bytes, TYPE)).toEqual([["a", "\ufffd"]]);
  });

  test("is not told another encoding", () => {
    const parts =
      part("_charset_", "utf-16") +
      partOf(
        "Content-Disposition: form-data; name=a\r\nContent-Type: text/plain; charset=latin1",
        "ü",
      );

    expect(parseMultipart(parts + END, TYPE)).toEqual([
      ["_charset_", "utf-16"],
      ["a", "ü"],
    ]);
  });
});

describe("parseMultipart reads the name", () => {
  test.each([
    ["in quotes", 'Content-Disposition: form-data; name="a b"', "a b"],
    ["without quotes", "Content-Disposition: form-data; name=a", "a"],
    ["of a header in other case", "CONTENT-DISPOSITION: Form-Data; NAME=a", "a"],
    ["without a blank, and with several", "Content-Disposition:form-data \t;  name=a ", "a"],
    ["behind other parameters", 'Content-Disposition: form-data; x="; name=b"; name=a', "a"],
    [
      "behind another header",
      "Content-Type: text/plain\r\nContent-Disposition: form-data; name=a",
      "a",
    ],
    [
      "with escaped quotes",
      String.raw`Content-Disposition: form-data; name="a\"\\b\c"`,
      String.raw`a"\b\c`,
    ],
    ["in UTF-8", 'Content-Disposition: form-data; name="ü"', "ü"],
    ["that is empty", 'Content-Disposition: form-data; name=""', ""],
  ])("%s", (_what, header, name) => {
    expect(parseMultipart(partOf(header) + END, TYPE)).toEqual([[name, "1"]]);
  });

  test.each([
    ["with a name", 'filename="a.txt"', { name: "a.txt", size: 1 }],
    ["with a name without quotes", "filename=a.txt", { name: "a.txt", size: 1 }],
    ["without a name", 'filename=""', { name: "", size: 1 }],
    ["with an encoded name (RFC 8187)", "filename*=utf-8''a.txt", { name: undefined, size: 1 }],
  ])("of a file %s", (_what, filename, file) => {
    const header = `Content-Disposition: form-data; name=a; ${filename}`;

    expect(parseMultipart(partOf(header) + END, TYPE)).toEqual([["a", file]]);
  });
});

describe("parseMultipart accepts (RFC 2046 section 5.1.1)", () => {
  const form = part("a", "1") + END;

  test.each([
    ["text before the form", `text: no header\r\n\r\ntext\r\n${form}`],
    ["a line break before the form", `\r\n${form}`],
    ["text after the form", `${form}text`],
    ["a second form after it, which nobody reads", form + form],
    ["no last line break", form.trimEnd()],
    ["blanks behind the end", `${form.trimEnd()} \t\r\n`],
  ])("%s", (_what, text) => {
    expect(parseMultipart(text, TYPE)).toEqual([["a", "1"]]);
  });

  test("a form without parts, also if a boundary is in the middle of a line", () => {
    expect(parseMultipart(END, TYPE)).toEqual([]);
    expect(parseMultipart(`x${form}`, TYPE)).toEqual([]);
  });

  test.each([
    ["in quotes", `multipart/form-data; boundary="${BOUNDARY}"`],
    ["in a header in other case", `Multipart/Form-Data;Boundary=${BOUNDARY}`],
    ["behind another parameter", `multipart/form-data; charset=utf-8; boundary=${BOUNDARY}`],
  ])("a boundary %s", (_what, type) => {
    expect(parseMultipart(form, type)).toEqual([["a", "1"]]);
  });

  test.each(["a/b:c=d", "x".repeat(70)])("the boundary %s", (boundary) => {
    const type = `multipart/form-data; boundary=${boundary}`;

    expect(parseMultipart(form.replaceAll(BOUNDARY, boundary), type)).toEqual([["a", "1"]]);
  });
});

describe("parseMultipart refuses", () => {
  const form = part("a", "1") + END;
  const disposition = "Content-Disposition: form-data; name=a";

  test.each([
    ["nothing", ""],
    ["no last boundary", part("a", "1")],
    ["a value that is cut off", form.slice(0, -END.length - 3)],
    ["a header that is cut off", form.slice(0, 60)],
    ["an end that is cut off", form.slice(0, -3)],
    ["something behind the end's boundary", `${form.trimEnd()}x\r\n`],
    ["something behind a boundary", form.replace("\r\n", "x\r\n")],
    ["line breaks without carriage returns", form.replaceAll("\r", "")],
    ["a form", "username=ada&password=x"],
  ])("a body that is %s", (_what, text) => {
    expect(parseMultipart(text, TYPE)).toBeUndefined();
  });

  test.each([
    ["no header", ""],
    ["a Content-Type alone", "Content-Type: text/plain"],
    ["no name", "Content-Disposition: form-data"],
    ["a name without a value", "Content-Disposition: form-data; name="],
    ["a name whose quotes are open", 'Content-Disposition: form-data; name="a'],
    ["something behind the name", 'Content-Disposition: form-data; name="a"b'],
    ["two names", `${disposition}; name=b`],
    ["a name of another case", `${disposition}; NAME=b`],
    ["a name in another encoding (RFC 8187)", `${disposition}; name*=utf-8''b`],
    ["another disposition", disposition.replace("form-data", "attachment")],
    ["a disposition that begins alike", disposition.replace("form-data", "form-data2")],
    ["two dispositions", `${disposition}\r\ncontent-disposition: form-data; name=b`],
    ["a folded header", disposition.replace("; ", ";\r\n ")],
    ["a line break in a name", 'Content-Disposition: form-data; name="a\r\nb"'],
    ["a line feed in a name", 'Content-Disposition: form-data; name="a\nb"'],
    ["a NUL in a name", 'Content-Disposition: form-data; name="a\0b"'],
    ["a header without a colon", `${disposition}\r\nX`],
    ["a blank before the colon", disposition.replace(":", " :")],
  ])("a part with %s", (_what, header) => {
    expect(parseMultipart(partOf(header) + END, TYPE)).toBeUndefined();
  });

  test.each([
    ["no boundary", "multipart/form-data"],
    ["an empty boundary", "multipart/form-data; boundary="],
    ["an empty boundary in quotes", 'multipart/form-data; boundary=""'],
    ["another boundary", "multipart/form-data; boundary=x"],
    ["two boundaries", `${TYPE}; boundary=x`],
    ["characters that no header may have", `${TYPE}; a=\u0100`],
    ["another type", TYPE.replace("form-data", "mixed")],
  ])("a content type with %s", (_what, type) => {
    expect(parseMultipart(form, type)).toBeUndefined();
  });

  test("a boundary of 71 characters", () => {
    const boundary = "x".repeat(71);

    expect(
      parseMultipart(
        form.replaceAll(BOUNDARY, boundary),
        `multipart/form-data; boundary=${boundary}`,
      ),
    ).toBeUndefined();
  });
});

test.each([
  ["delimiters", `--${BOUNDARY}\r\n`],
  ["line breaks", "\r\n"],
  ["headers", "A: b\r\n"],
  ["parameters", ";a=b"],
  ["blanks", " "],
  ["backslashes", "\\"],
  ["quotes", ';a="'],
])("parseMultipart takes linear time for many %s", (_what, text) => {
  const header = (times: number): string =>
    partOf(`Content-Disposition: form-data; name=a${text.repeat(times)}"`) + END;
  const start = performance.now();
  parseMultipart(header(500_000 / text.length), TYPE);

  // Quadratic time would be minutes.
  expect(performance.now() - start).toBeLessThan(5000);
});
