import { brotliCompressSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import express from "express";
import { createJwtStrategy } from "express-jwt-strategy";
import type { Credentials } from "../../lib/http/credentials.ts";
import { hmacSecret } from "../support/keys.ts";
import { mountEverywhere, REFUSED_BY_PARSER, type Sent, type Way } from "../support/login-ways.ts";

type Body = string | Buffer | FormData;
/** A body and its headers. The Content-Type of a `FormData` is that of `fetch`. */
type Row = [what: string, type: string | undefined, body: Body, headers?: Record<string, string>];

const FORM = "application/x-www-form-urlencoded";
const JSON_TYPE = "application/json";
const ADA = { username: "ada", password: "l0velace" };
const ADA_FORM = "username=ada&password=l0velace";
const ADA_JSON = JSON.stringify(ADA);
const LIMIT = 16 * 1024;

const verified: Credentials[] = [];
const auth = createJwtStrategy({
  secret: hmacSecret,
  lifetimeSeconds: 3600,
  verifyCredentials(credentials) {
    verified.push(credentials);
    return { id: 42 };
  },
});

let ways: readonly Way[];
beforeAll(async () => {
  ways = await mountEverywhere(express, auth.login);
});
afterAll(() => Promise.all(ways.map((way) => way.close())));

const DESCRIPTIONS = new Map([
  ["invalid_request", /one username and one password, as a form or as JSON$/],
  ["unsupported_grant_type", /^The grant type must be password/],
]);

/** The result of a login with this body: the verified credentials, or the code of the refusal. */
async function verdictOf(way: Way, sent: Sent): Promise<unknown> {
  verified.length = 0;
  const { status, challenge, caching, body } = await way.send(sent);
  if (status === 200) {
    expect(JSON.parse(body)).toMatchObject({ token_type: "bearer" });
    expect(verified).toHaveLength(1);
    return verified[0];
  }
  expect(verified).toEqual([]);
  if (way.hasParser && body === REFUSED_BY_PARSER) return body;
  const { error = "", error_description, ...rest } = JSON.parse(body) as Record<string, string>;
  expect({ status, challenge, caching, rest }).toEqual({
    status: 400,
    challenge: undefined,
    caching: "no-store",
    rest: { detail: "Bad Request" },
  });
  expect(error_description).toMatch(DESCRIPTIONS.get(error) ?? /^no refusal of a login$/);
  return error;
}

/** The results of logins with this body, sent in each way. */
async function verdictsOf(
  type: string | undefined,
  body: Body,
  headers: Record<string, string> = {},
): Promise<Record<string, unknown>> {
  const sent = await toSent(type, body, headers);
  const verdicts: Record<string, unknown> = {};
  for (const way of ways) verdicts[way.name] = await verdictOf(way, sent);
  return verdicts;
}

function inEachWay(verdict: unknown): Record<string, unknown> {
  return Object.fromEntries(ways.map((way) => [way.name, verdict]));
}

async function toSent(
  type: string | undefined,
  body: Body,
  headers: Record<string, string>,
): Promise<Sent> {
  if (!(body instanceof FormData)) {
    const typed = type === undefined ? headers : { "content-type": type, ...headers };
    return { headers: typed, bytes: Buffer.from(body) };
  }
  const encoded = new Response(body);
  const contentType = String(encoded.headers.get("content-type"));
  return {
    headers: { "content-type": contentType },
    bytes: Buffer.from(await encoded.arrayBuffer()),
  };
}

function formData(...fields: readonly (readonly [string, string | Blob])[]): FormData {
  const form = new FormData();
  for (const [name, value] of fields) {
    if (typeof value === "string") form.append(name, value);
    else form.append(name, value, "file.txt");
  }
  return form;
}

const ADA_FIELDS = Object.entries(ADA);
const MULTIPART = 'multipart/form-data; boundary="----x"';
const part = (name: string, value: string, more = ""): string =>
  `------x\r\nContent-Disposition: form-data; name="${name}"\r\n${more}\r\n${value}\r\n`;
const ADA_PARTS = part("username", "ada") + part("password", "l0velace");
const END = "------x--\r\n";
const padding = (length: number): string => "x".repeat(length);

describe("login, behind each body parser and in each environment,", () => {
  const rows: Row[] = [
    ["a form", FORM, ADA_FORM],
    ["a form with a charset", `${FORM};charset=utf-8`, ADA_FORM],
    ["a form with its type in capitals", FORM.toUpperCase(), ADA_FORM],
    ["a form with grant_type=password", FORM, `grant_type=password&${ADA_FORM}`],
    ["a form with an empty grant_type", FORM, `grant_type=&${ADA_FORM}`],
    ["a form of an OAuth client", FORM, `${ADA_FORM}&scope=&client_id=x&client_secret=`],
    ["a form with %zz in another field", FORM, `${ADA_FORM}&x=%zz`],
    ["a form with bytes that are not UTF-8 in another field", FORM, `${ADA_FORM}&x=%ff`],
    ["a form with another field repeated", FORM, `scope=a&scope=b&${ADA_FORM}`],
    ["a form with empty pairs", FORM, `&&${ADA_FORM}&`],
    ["a form with a byte order mark", FORM, `\ufeff${ADA_FORM}`],
    ["a form that names __proto__", FORM, `__proto__[polluted]=1&${ADA_FORM}`],
    ["a form of 16 KiB", FORM, `${ADA_FORM}&x=`.padEnd(LIMIT, "x")],
    ["a form that is not compressed", FORM, ADA_FORM, { "content-encoding": "identity" }],
    ["JSON", JSON_TYPE, ADA_JSON],
    ["JSON with a charset in quotes", `${JSON_TYPE}; charset="UTF-8"`, ADA_JSON],
    ["JSON with another parameter", `${JSON_TYPE};odata=verbose`, ADA_JSON],
    ["JSON with its type in capitals", "Application/JSON", ADA_JSON],
    ["JSON with a byte order mark", JSON_TYPE, `\ufeff${ADA_JSON}`],
    ["JSON with whitespace around it", JSON_TYPE, ` \r\n${ADA_JSON}\n`],
    ["JSON with grant_type null", JSON_TYPE, JSON.stringify({ ...ADA, grant_type: null })],
    ["JSON with other members", JSON_TYPE, JSON.stringify({ ...ADA, x: [{ y: {} }] })],
    ["JSON with a __proto__", JSON_TYPE, `{"__proto__":{"polluted":1},${ADA_JSON.slice(1)}`],
    ["a multipart form", undefined, formData(...ADA_FIELDS)],
    [
      "a multipart form with grant_type",
      undefined,
      formData(["grant_type", "password"], ...ADA_FIELDS),
    ],
    [
      "a multipart form with another field repeated",
      undefined,
      formData(["scope", "a"], ["scope", "b"], ...ADA_FIELDS),
    ],
    ["a multipart form with a boundary in quotes", MULTIPART, ADA_PARTS + END],
    ["a multipart form without a last line break", MULTIPART, (ADA_PARTS + END).trimEnd()],
    [
      "a multipart form with a type for each part",
      MULTIPART,
      part("username", "ada", "Content-Type: text/plain; charset=utf-8\r\n") +
        part("password", "l0velace", "Content-Type: text/plain\r\n") +
        END,
    ],
    [
      "a multipart form with names without quotes, as .NET writes it",
      MULTIPART,
      ADA_PARTS.replaceAll(/name="(\w+)"/g, "name=$1").replaceAll(
        "Content-D",
        "Content-Type: text/plain; charset=utf-8\r\nContent-D",
      ) + END,
    ],
    ["a multipart form behind text", MULTIPART, `This is a form.\r\n${ADA_PARTS}${END}`],
    ["a multipart form before text", MULTIPART, `${ADA_PARTS}${END}It was a form.\r\n`],
    [
      "a multipart form without the file that it asks for",
      MULTIPART,
      ADA_PARTS +
        part("avatar", "", "Content-Type: application/octet-stream\r\n").replace(
          '"avatar"',
          '"avatar"; filename=""',
        ) +
        END,
    ],
    [
      "a multipart form with a __proto__",
      undefined,
      formData(["__proto__", "polluted"], ...ADA_FIELDS),
    ],
  ];

  test.each(rows)("accepts %s", async (_what, ...sent) => {
    expect(await verdictsOf(...sent)).toEqual(inEachWay(ADA));
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe("the password of a login, behind each body parser and in each environment,", () => {
  const rows: [
    what: string,
    type: string | undefined,
    body: string | FormData,
    password: string,
  ][] = [
    ["100% in a form", FORM, "username=ada&password=100%", "100%"],
    ["%zz in a form", FORM, "username=ada&password=%zz", "%zz"],
    ["a + in a form", FORM, "username=ada&password=a%2Bb", "a+b"],
    ["spaces in a form", FORM, "username=ada&password=a+b%20c", "a b c"],
    ["a ü and an emoji in a form", FORM, "username=ada&password=%C3%BC%F0%9F%98%80", "ü😀"],
    ["an unescaped ü in a form", FORM, "username=ada&password=ü", "ü"],
    ["an = in a form", FORM, "username=ada&password=a=b", "a=b"],
    ["spaces and line breaks in JSON", JSON_TYPE, '{"username":"ada","password":" \\n "}', " \n "],
    ["an escaped ü in JSON", JSON_TYPE, '{"username":"ada","password":"\\u00fc"}', "ü"],
    [
      "the last of two passwords in JSON",
      JSON_TYPE,
      '{"password":"a","username":"ada","password":"b"}',
      "b",
    ],
    [
      "100%+ü in a multipart form",
      undefined,
      formData(["username", "ada"], ["password", "100%+ü"]),
      "100%+ü",
    ],
    [
      "spaces and line breaks in a multipart form",
      undefined,
      formData(["username", "ada"], ["password", " \r\n "]),
      " \r\n ",
    ],
  ];

  test.each(rows)("is %s", async (_what, type, body, password) => {
    expect(await verdictsOf(type, body)).toEqual(inEachWay({ username: "ada", password }));
  });
});

test("login, behind each body parser and in each environment, receives well-formed strings for a form that is not UTF-8", async () => {
  const verdicts = await verdictsOf(FORM, "username=ada%ff&password=%c3");

  for (const verdict of Object.values(verdicts)) {
    // Extended parsers do not decode such escapes; others replace them with U+FFFD.
    expect(verdict).toEqual({
      username: expect.stringMatching(/^ada(?:\ufffd|%ff)$/),
      password: expect.stringMatching(/^(?:\ufffd|%c3)$/),
    });
  }
});

function replaceParserRefusals(verdicts: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(verdicts).map(([way, verdict]) => [
      way,
      verdict === REFUSED_BY_PARSER ? "invalid_request" : verdict,
    ]),
  );
}

const json = (changes: object): string => JSON.stringify({ ...ADA, ...changes });

describe("login, behind each body parser and in each environment, refuses", () => {
  const file = new Blob(["ada"], { type: "text/plain" });
  const rows: Row[] = [
    ["no body", JSON_TYPE, ""],
    ["a body without a type", undefined, ADA_FORM],
    ["the type text/plain", "text/plain", ADA_FORM],
    ["JSON with the type text/plain", "text/plain", ADA_JSON],
    ["the type application/octet-stream", "application/octet-stream", ADA_FORM],
    ["another JSON type", "application/vnd.api+json", ADA_JSON],
    ["another form type", `${FORM}-too`, ADA_FORM],
    ["an invalid type", "nonsense", ADA_JSON],
    ["a form with the type of JSON", JSON_TYPE, ADA_FORM],
    ["JSON with the type of a form", FORM, ADA_JSON],
    ["incomplete JSON", JSON_TYPE, ADA_JSON.slice(0, -1)],
    ["JSON with text after it", JSON_TYPE, `${ADA_JSON}{}`],
    ["a list in JSON", JSON_TYPE, `[${ADA_JSON}]`],
    ["a string in JSON", JSON_TYPE, JSON.stringify(ADA_JSON)],
    ["null in JSON", JSON_TYPE, "null"],
    ["an empty object", JSON_TYPE, "{}"],
    ["JSON in UTF-16", JSON_TYPE, Buffer.from(ADA_JSON, "utf16le")],
    [
      "JSON with a password that is not UTF-8",
      JSON_TYPE,
      Buffer.from('{"username":"ada","password":"\xff"}', "latin1"),
    ],
    ["a missing password", JSON_TYPE, '{"username":"ada"}'],
    ["a missing username", FORM, "password=x"],
    ["an empty password", FORM, "username=ada&password="],
    ["a username that is null", JSON_TYPE, json({ username: null })],
    ["a username that is a number", JSON_TYPE, json({ username: 42 })],
    ["a password that is true", JSON_TYPE, json({ password: true })],
    ["a username that is a list", JSON_TYPE, json({ username: ["ada"] })],
    ["a password that is a database operator", JSON_TYPE, json({ password: { $gt: "" } })],
    ["a database operator in a form", FORM, "username[$ne]=&password=x"],
    ["a list in a form", FORM, "username[]=ada&password=x"],
    ["a username beside an operator", FORM, `${ADA_FORM}&username[$ne]=x`],
    ["a username beside one in brackets", FORM, `${ADA_FORM}&[username]=bob`],
    ["a username before one in brackets", FORM, `[username]=bob&${ADA_FORM}`],
    ["credentials within __proto__", JSON_TYPE, `{"__proto__":${ADA_JSON}}`],
    ["half a character", JSON_TYPE, '{"username":"ada\\ud800","password":"x"}'],
    ["a line break in the username", FORM, "username=a%0Ab&password=x"],
    ["a NUL in the password", FORM, "username=ada&password=x%00"],
    ["a username of 1,025 characters", FORM, `username=${padding(1025)}&password=x`],
    ["a password of 1,025 characters", JSON_TYPE, json({ password: padding(1025) })],
    ["a repeated username", FORM, `${ADA_FORM}&username=bob`],
    ["a repeated password", FORM, `${ADA_FORM}&password=l0velace`],
    ["a repeated grant_type", FORM, `grant_type=password&grant_type=password&${ADA_FORM}`],
    ["a grant_type that is a list", JSON_TYPE, json({ grant_type: ["password"] })],
    ["a form compressed with gzip", FORM, gzipSync(ADA_FORM), { "content-encoding": "gzip" }],
    [
      "JSON compressed with br",
      JSON_TYPE,
      brotliCompressSync(ADA_JSON),
      { "content-encoding": "br" },
    ],
    ["an unknown Content-Encoding", JSON_TYPE, ADA_JSON, { "content-encoding": "x" }],
    ["a form of more than 16 KiB", FORM, `${ADA_FORM}&x=`.padEnd(LIMIT + 1, "x")],
    ["JSON of more than 16 KiB", JSON_TYPE, json({ x: padding(LIMIT) })],
    ["a list of more than 16 KiB in JSON", JSON_TYPE, json({ x: [padding(9000), padding(9000)] })],
    ["names of more than 16 KiB in JSON", JSON_TYPE, json({ x: { [padding(LIMIT)]: 1 } })],
    [
      "a multipart form of more than 16 KiB",
      undefined,
      formData(...ADA_FIELDS, ["x", padding(LIMIT)]),
    ],
    ["a file as username", undefined, formData(["username", file], ["password", "x"])],
    ["a file as password", undefined, formData(["username", "ada"], ["password", file])],
    ["a file next to username and password", undefined, formData(...ADA_FIELDS, ["x", file])],
    [
      "a repeated username in a multipart form",
      undefined,
      formData(...ADA_FIELDS, ["username", "ada"]),
    ],
    [
      "an operator in a multipart form",
      undefined,
      formData(["username[$ne]", ""], ["password", "x"]),
    ],
    [
      "an empty password in a multipart form",
      undefined,
      formData(["username", "ada"], ["password", ""]),
    ],
    ["a multipart form without a boundary", "multipart/form-data", ADA_PARTS + END],
    ["a multipart form with another boundary", "multipart/form-data; boundary=y", ADA_PARTS + END],
    ["a multipart form without an end", MULTIPART, ADA_PARTS],
    ["an incomplete multipart form", MULTIPART, ADA_PARTS.slice(0, -6)],
    ["a part without a name", MULTIPART, `${ADA_PARTS}------x\r\nX-Y: z\r\n\r\n\r\n`],
  ];

  test.each(rows)("%s", async (_what, ...sent) => {
    const verdicts = await verdictsOf(...sent);

    // A parser of the app may refuse the body with 400, 413 or 415 before it reaches the login.
    expect(replaceParserRefusals(verdicts)).toEqual(inEachWay("invalid_request"));
  });

  test("names in brackets alone, unless the parser has removed the brackets", async () => {
    const verdicts = Object.values(await verdictsOf(FORM, "[username]=ada&[password]=l0velace"));

    for (const verdict of verdicts) expect([ADA, "invalid_request"]).toContainEqual(verdict);
  });

  test.each<Row>([
    ["in a form", FORM, "grant_type=refresh_token"],
    ["in JSON", JSON_TYPE, json({ grant_type: "client_credentials", password: 42 })],
    ["in a multipart form", undefined, formData(["grant_type", "Password"], ...ADA_FIELDS)],
    ["with a repeated username", FORM, `grant_type=x&${ADA_FORM}&username=bob`],
  ])("another grant_type before it checks other fields, %s", async (_what, type, body) => {
    expect(await verdictsOf(type, body)).toEqual(inEachWay("unsupported_grant_type"));
  });
});
