import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { hmacSecret } from "../support/keys.ts";

interface Attempt {
  readonly what: string;
  readonly type?: string;
  readonly encoding?: string;
  /** The `req.body` of a parser. */
  readonly body?: string | object;
  /** Another property of the request. */
  readonly form?: "throws" | "has a file";
  /** The expected line before that of the refusal. */
  readonly expected: string;
  readonly refusal?: string;
}

const FORM = "application/x-www-form-urlencoded";
const JSON_TYPE = "application/json";
const MULTIPART = "multipart/form-data";
const CREDENTIALS = "refused with 400 invalid_request: username_or_password_invalid";
const BODY = "refused with 400 invalid_request: body_invalid";
const SECRET = "s3cr3tpw";
const USER = "adalovelace";
const ADA = { username: USER, password: SECRET };
const file = `--x\r\nContent-Disposition: form-data; name="username"; filename="${USER}"\r\n\r\n${SECRET}\r\n--x--`;

const ATTEMPTS: readonly Attempt[] = [
  { what: "no body", expected: "missing, the body is missing" },
  {
    what: "text without a type",
    body: SECRET,
    expected: "missing, the content type is not supported",
  },
  {
    what: "text with a secret as its type",
    type: SECRET,
    body: SECRET,
    expected: "unknown, the content type is not supported",
  },
  {
    what: "text",
    type: "text/plain",
    body: SECRET,
    expected: "text/plain, the content type is not supported",
  },
  {
    what: "incomplete JSON",
    type: `${JSON_TYPE}; x=${SECRET}`,
    body: `{"password":"${SECRET}`,
    expected: `${JSON_TYPE}, the JSON is malformed`,
  },
  {
    what: "JSON that is not UTF-8",
    type: JSON_TYPE,
    body: { ...ADA, password: `${SECRET}\ufffd` },
    expected: `${JSON_TYPE}, the JSON is not UTF-8`,
  },
  {
    what: "a list",
    type: JSON_TYPE,
    body: [ADA],
    expected: `${JSON_TYPE}, the body is not an object`,
  },
  {
    what: "a multipart form without its boundary",
    type: MULTIPART,
    body: SECRET,
    expected: `${MULTIPART}, the multipart form is malformed`,
  },
  {
    what: "a file in the form",
    type: `${MULTIPART}; boundary=x`,
    body: file,
    expected: `${MULTIPART}, the form contains a file`,
  },
  {
    what: "a file next to the form",
    type: MULTIPART,
    body: ADA,
    form: "has a file",
    expected: `${MULTIPART}, the form contains a file`,
  },
  {
    what: "a compressed body",
    type: FORM,
    encoding: SECRET,
    body: ADA,
    expected: `${FORM}, the body has a Content-Encoding`,
  },
  {
    what: "a long body",
    type: FORM,
    body: SECRET.repeat(10_000),
    expected: `${FORM}, the body is longer than 16 KiB`,
  },
  {
    what: "a body that throws",
    type: JSON_TYPE,
    form: "throws",
    expected: `${JSON_TYPE}, req.body throws`,
  },
  {
    what: "a repeated grant_type",
    type: FORM,
    body: `grant_type=${SECRET}&grant_type=password`,
    expected: `${FORM}, grant_type is repeated, or a list`,
  },
  {
    what: "a missing username",
    type: FORM,
    body: `password=${SECRET}`,
    expected: `${FORM}, username is missing`,
    refusal: CREDENTIALS,
  },
  {
    what: "an empty username",
    type: FORM,
    body: `username=&password=${SECRET}`,
    expected: `${FORM}, username is empty`,
    refusal: CREDENTIALS,
  },
  {
    what: "a repeated username",
    type: FORM,
    body: `username=${USER}&username=${SECRET}`,
    expected: `${FORM}, username is repeated, or a list`,
    refusal: CREDENTIALS,
  },
  {
    what: "a username that is an object",
    type: FORM,
    body: { username: { $ne: SECRET } },
    expected: `${FORM}, username is not a string`,
    refusal: CREDENTIALS,
  },
  {
    what: "a username with a line break",
    type: JSON_TYPE,
    body: { ...ADA, username: `${USER}\n` },
    expected: `${JSON_TYPE}, username contains a control character`,
    refusal: CREDENTIALS,
  },
  {
    what: "a lone surrogate in the username",
    type: JSON_TYPE,
    body: { ...ADA, username: `${USER}\ud800` },
    expected: `${JSON_TYPE}, username is not well-formed Unicode`,
    refusal: CREDENTIALS,
  },
  {
    what: "a missing password",
    type: JSON_TYPE,
    body: { username: USER },
    expected: `${JSON_TYPE}, password is missing`,
    refusal: CREDENTIALS,
  },
  {
    what: "a long password",
    type: JSON_TYPE,
    body: { ...ADA, password: SECRET.repeat(129) },
    expected: `${JSON_TYPE}, password is longer than 1,024 characters`,
    refusal: CREDENTIALS,
  },
  {
    what: "a NUL in the password",
    type: JSON_TYPE,
    body: { ...ADA, password: `${SECRET}\0` },
    expected: `${JSON_TYPE}, password contains a NUL`,
    refusal: CREDENTIALS,
  },
];

const SEPARATOR = "--- next attempt ---";

/** Logs in with each attempt, and writes a separator after each. */
const PROGRAM = `
  import { IncomingMessage, ServerResponse } from "node:http";
  import { Socket } from "node:net";
  import { createJwtStrategy } from "./lib/index.ts";

  const { secret, attempts } = JSON.parse(process.argv[1]);
  const { login } = createJwtStrategy({
    secret: Buffer.from(secret, "hex"),
    lifetimeSeconds: 3600,
    verifyCredentials: () => ({ id: 42 }),
  });
  for (const { type, encoding, body, form } of attempts) {
    const req = Object.assign(new IncomingMessage(new Socket()), { method: "POST", body });
    if (type !== undefined) req.headers["content-type"] = type;
    if (encoding !== undefined) req.headers["content-encoding"] = encoding;
    if (form === "has a file") req.file = { fieldname: "x" };
    if (form === "throws") {
      Object.defineProperty(req, "body", { get() { throw new Error("${SECRET}"); } });
    }
    const res = new ServerResponse(req);
    await new Promise((resolve) => {
      res.end = resolve;
      login(req, res, resolve);
    });
    process.stderr.write(${JSON.stringify(`${SEPARATOR}\n`)});
  }
`;

/** Runs the program, and returns the lines on stderr for each attempt. */
function runProgram(): string[][] {
  const input = JSON.stringify({ secret: hmacSecret.toString("hex"), attempts: ATTEMPTS });
  const program = [process.execPath, "--import", "tsx", "--input-type=module", "--eval", PROGRAM];
  const output = execFileSync("/bin/sh", ["-c", '"$@" 2>&1', "sh", ...program, input], {
    cwd: join(__dirname, "../.."),
    encoding: "utf8",
    env: { ...process.env, NODE_DEBUG: "express-jwt-strategy" },
  });
  return output
    .split(`${SEPARATOR}\n`)
    .slice(0, -1)
    .map((lines) => lines.split("\n").slice(0, -1));
}

describe("a refused login with NODE_DEBUG=express-jwt-strategy", () => {
  let lines: string[][];
  beforeAll(() => {
    lines = runProgram();
  }, 30_000);

  test.each(ATTEMPTS.map(({ what, ...attempt }, index) => [what, attempt, index] as const))(
    "prints the content type and the reason: %s",
    (_what, { expected, refusal = BODY }, index) => {
      const texts = lines[index]?.map((line) => line.replace(/^EXPRESS-JWT-STRATEGY \d+: /, ""));

      expect(texts).toEqual([`login: Content-Type is ${expected}`, refusal]);
    },
  );

  test("does not print values that the client sent", () => {
    expect(lines.flat().join("\n")).not.toMatch(new RegExp(`${SECRET}|${USER}`, "i"));
  });
});
