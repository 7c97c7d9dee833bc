import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { stringify } from "node:querystring";
import { describe, expect, test } from "@jest/globals";
import {
  MAX_BODY_BYTES,
  mayHaveBody,
  wasJsonString,
  wasTooLong,
} from "../../../lib/http/body-length.ts";

const CHUNKED = { "transfer-encoding": "chunked" };

function requestWith(headers: object, httpVersionMajor = 1): IncomingMessage {
  return Object.assign(new IncomingMessage(new Socket()), { headers, httpVersionMajor });
}

const wasTooLongIn = (members: object, headers: object = CHUNKED): boolean =>
  wasTooLong(requestWith(headers), members);

describe("a body that a parser has read, without a Content-Length,", () => {
  test.each([
    ["one text", (text: string) => ({ x: text })],
    ["a name", (text: string) => ({ [text]: "x" })],
    ["the names and texts of a form", (text: string) => ({ a: "1", b: "", c: text })],
    ["characters of several bytes", (text: string) => ({ x: text.replaceAll("xx", "ü") })],
  ])("was too long if its members are, as a form: %s", (_what, toMembers) => {
    const overhead = stringify(toMembers(""), "&", "=", { encodeURIComponent: String }).length;
    const longest = toMembers("x".repeat(MAX_BODY_BYTES - overhead));
    const longer = toMembers("x".repeat(MAX_BODY_BYTES - overhead + 2));

    expect([wasTooLongIn(longest), wasTooLongIn(longer)]).toEqual([false, true]);
  });

  test.each<[string, object]>([
    ["lists", { x: ["x".repeat(9000), "x".repeat(9000)] }],
    ["objects", { x: { y: { [`z${"z".repeat(9000)}`]: "x".repeat(9000) } } }],
    ["numbers", { x: Array.from({ length: 20_000 }, () => 1) }],
    ["nested lists", { x: JSON.parse("[".repeat(20_000) + "]".repeat(20_000)) as unknown }],
  ])("is measured within %s", (_what, members) => {
    expect(wasTooLongIn(members)).toBe(true);
  });

  test.each<[string, object]>([
    ["small", { username: "ada", password: "l0velace", x: [null, true, 1, { y: [] }] }],
    ["empty", {}],
    ["a list that is shorter as JSON", { x: Array.from({ length: 8000 }, () => 1) }],
  ])("is not too long if it is %s", (_what, members) => {
    expect(wasTooLongIn(members)).toBe(false);
  });

  test("is refused in finite time if it contains itself", () => {
    const members: Record<string, unknown> = {};
    members.self = members;

    expect(wasTooLongIn(members)).toBe(true);
  });

  test("is not measured if it has a length, or if middleware has made it", () => {
    const members = { x: "x".repeat(MAX_BODY_BYTES) };

    expect(wasTooLongIn(members, { "content-length": "99" })).toBe(false);
    expect(wasTooLongIn(members, {})).toBe(false);
    expect(wasTooLong(requestWith({}, 2), members)).toBe(true);
  });
});

test.each<[boolean, string, object, number]>([
  [true, "with a Content-Length", { "content-length": "0" }, 1],
  [true, "with a Transfer-Encoding", CHUNKED, 1],
  [true, "in HTTP/2", {}, 2],
  [false, "without either", {}, 1],
])("mayHaveBody is %s for a request %s", (expected, _what, headers, version) => {
  expect(mayHaveBody(requestWith(headers, version))).toBe(expected);
});

describe("the text of a JSON body", () => {
  const json = '{"username":"ada","password":"ü"}';
  const bytes = Buffer.byteLength(json);
  const of = (length: number | undefined, content: string | Buffer = json): boolean =>
    wasJsonString(
      requestWith(length === undefined ? {} : { "content-length": String(length) }),
      content,
    );

  test("is the body itself if it is as long, but for a byte order mark", () => {
    expect([of(bytes), of(bytes + 3), of(undefined), of(bytes + 4, Buffer.from(json))]).toEqual(
      Array.from({ length: 4 }, () => false),
    );
  });

  test("was a string within JSON if the body was longer", () => {
    expect(of(Buffer.byteLength(JSON.stringify(json)))).toBe(true);
    expect(of(bytes + 4)).toBe(true);
  });
});
