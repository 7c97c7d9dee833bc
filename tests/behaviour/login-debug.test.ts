import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { hmacSecret } from "../support/keys.ts";

interface Attempt {
  readonly what: string;
  readonly type?: string;
  readonly encoding?: string;
  /** What a parser has left in `req.body`: text, unless it is an object. */
  readonly body?: string | object;
  /** How `req.body` behaves, apart from that. */
  readonly form?: "throws" | "one file beside it";
  /** What is printed, before the refusal's own line. */
  readonly says: string;
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
  { what: "no body", says: "missing, the body is missing" },
  { what: "text of no type", body: SECRET, says: "missing, the content type is not supported" },
  {
    what: "text of a type that is a secret",
    type: SECRET,
    body: SECRET,
    says: "unknown, the content type is not supported",
  },
  {
    what: "text",
    type: "text/plain",
    body: SECRET,
    says: "text/plain, the content type is not supported",
  },
  {
    what: "JSON that is cut off",
    type: `${JSON_TYPE}; x=${SECRET}`,
    body: `{"password":"${SECRET}`,
    says: `${JSON_TYPE}, the JSON is malformed`,
  },
  {
    what: "JSON that is not UTF-8",
    type: JSON_TYPE,
    body: { ...ADA, password: `${SECRET}\ufffd` },
    says: `${JSON_TYPE}, the JSON is not UTF-8`,
  },
  {
    what: "a list",
    type: JSON_TYPE,
    body: [ADA],
    says: `${JSON_TYPE}, the body is not an object`,
  },
  {
    what: "a multipart form without its boundary",
    type: MULTIPART,
    body: SECRET,
    says: `${MULTIPART}, the multipart form is malformed`,
  },
  {
    what: "a file in the form",
    type: `${MULTIPART}; boundary=x`,
    body: file,
    says: `${MULTIPART}, the form contains a file`,
  },
  {
    what: "a file beside the form",
    type: MULTIPART,
    body: ADA,
    form: "one file beside it",
    says: `${MULTIPART}, the form contains a file`,
  },
  {
    what: "a compressed body",
    type: FORM,
    encoding: SECRET,
    body: ADA,
    says: `${FORM}, the body has a Content-Encoding`,
  },
  {
    what: "a long body",
    type: FORM,
    body: SECRET.repeat(10_000),
    says: `${FORM}, the body is longer than 16 KiB`,
  },
  {
    what: "a body that throws",
    type: JSON_TYPE,
    form: "throws",
    says: `${JSON_TYPE}, req.body throws`,
  },
  {
    what: "a repeated grant_type",
    type: FORM,
    body: `grant_type=${SECRET}&grant_type=password`,
    says: `${FORM}, grant_type is repeated, or a list`,
  },
  {
    what: "a missing username",
    type: FORM,
    body: `password=${SECRET}`,
    says: `${FORM}, username is missing`,
    refusal: CREDENTIALS,
  },
  {
    what: "an empty username",
    type: FORM,
    body: `username=&password=${SECRET}`,
    says: `${FORM}, username is empty`,
    refusal: CREDENTIALS,
  },
  {
    what: "a repeated username",
    type: FORM,
    body: `username=${USER}&username=${SECRET}`,
    says: `${FORM}, username is repeated, or a list`,
    refusal: CREDENTIALS,
  },
  {
    what: "a username that is an object",
    type: FORM,
    body: { username: { $ne: SECRET } },
    says: `${FORM}, username is not a string`,
    refusal: CREDENTIALS,
  },
  {
    what: "a username with a line break",
    type: JSON_TYPE,
    body: { ...ADA, username: `${USER}\n` },
    says: `${JSON_TYPE}, username contains a control character`,
    refusal: CREDENTIALS,
  },
  {
    what: "half a character in the username",
    type: JSON_TYPE,
    body: { ...ADA, username: `${USER}\ud800` },
    says: `${JSON_TYPE}, username is not well-formed Unicode`,
    refusal: CREDENTIALS,
  },
  {
    what: "a missing password",
    type: JSON_TYPE,
    body: { username: USER },
    says: `${JSON_TYPE}, password is missing`,
    refusal: CREDENTIALS,
  },
  {
    what: "a long password",
    type: JSON_TYPE,
    body: { ...ADA, password: SECRET.repeat(129) },
    says: `${JSON_TYPE}, password is longer than 1,024 characters`,
    refusal: CREDENTIALS,
  },
  {
    what: "a NUL in the password",
    type: JSON_TYPE,
    body: { ...ADA, password: `${SECRET}\0` },
    says: `${JSON_TYPE}, password contains a NUL`,
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
    if (form === "one file beside it") req.file = { fieldname: "x" };
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

/** What the program writes on stderr for each attempt. */
function printed(): string[][] {
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

describe("under NODE_DEBUG=express-jwt-strategy, a refused login", () => {
  let lines: string[][];
  beforeAll(() => {
    lines = printed();
  }, 30_000);

  test.each(ATTEMPTS.map(({ what, ...attempt }, index) => [what, attempt, index] as const))(
    "prints its content type, and what is wrong with it: %s",
    (_what, { says, refusal = BODY }, index) => {
      const texts = lines[index]?.map((line) => line.replace(/^EXPRESS-JWT-STRATEGY \d+: /, ""));

      expect(texts).toEqual([`login: Content-Type is ${says}`, refusal]);
    },
  );

  test("never prints what the client sent", () => {
    expect(lines.flat().join("\n")).not.toMatch(new RegExp(`${SECRET}|${USER}`, "i"));
  });
});
