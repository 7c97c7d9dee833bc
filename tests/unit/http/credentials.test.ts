import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { describe, expect, test } from "@jest/globals";
import { readCredentials } from "../../../lib/http/credentials.ts";

const ADA = { username: "ada", password: "l0velace" };

/** Reads the credentials of a request with a parsed body. */
async function read(body: unknown): Promise<unknown> {
  return readCredentials(Object.assign(new IncomingMessage(new Socket()), { body }));
}

const UNPARSABLE = { code: "invalid_request", reason: "body_invalid" };
const INVALID = { code: "invalid_request", reason: "username_or_password_invalid" };
const UNSUPPORTED = { code: "unsupported_grant_type", reason: "grant_type_unsupported" };

const NOT_STRINGS: [string, unknown][] = [
  ["missing", undefined],
  ["null", null],
  ["empty", ""],
  ["a number", 42],
  ["true", true],
  ["a database operator", { $ne: null }],
  ["an object with toString()", { toString: () => "ada" }],
  ["an empty list", []],
  ["a list of one string", ["ada"]],
  ["repeated", ["ada", "bob"]],
  ["longer than 1,024 characters", "x".repeat(1025)],
  ["followed by a lone surrogate", "ada\ud800"],
];

describe("readCredentials", () => {
  test("returns the username and the password, and no other member of the body", async () => {
    expect(await read({ ...ADA, grant_type: "password", scope: "admin", client_id: "x" })).toEqual(
      ADA,
    );
  });

  test("returns the values as they were sent, including spaces around them", async () => {
    const spaced = { username: " Ada Lovelace ", password: "\tpass\r\nword \u007f" };

    expect(await read(spaced)).toEqual(spaced);
  });

  test.each([
    ["1,024 characters", "x".repeat(1024)],
    ["512 emoji", "😀".repeat(512)],
    ["a ü", "ü"],
    ["a replacement character", "\ufffd"],
    ["the string of an object", "[object Object]"],
    ["the word undefined", "undefined"],
  ])("accepts %s as username and as password", async (_what, text) => {
    expect(await read({ username: text, password: text })).toEqual({
      username: text,
      password: text,
    });
  });

  test.each(NOT_STRINGS)("refuses a username that is %s", async (_what, username) => {
    expect(await read({ ...ADA, username })).toMatchObject(INVALID);
  });

  test.each(NOT_STRINGS)("refuses a password that is %s", async (_what, password) => {
    expect(await read({ ...ADA, password })).toMatchObject(INVALID);
  });

  test.each(["\0", "\n", "\r", "\t", "\u001b", "\u007f", "\u0085"])(
    "refuses a username with the control character %j",
    async (character) => {
      expect(await read({ ...ADA, username: `ada${character}bob` })).toMatchObject(INVALID);
    },
  );

  test("refuses a password with a NUL, because some hash functions stop reading there", async () => {
    expect(await read({ ...ADA, password: "l0velace\0" })).toMatchObject(INVALID);
  });

  test.each<[string, unknown]>([
    ["a string without a content type", "username=ada&password=l0velace"],
    ["bytes without a content type", Buffer.from("username=ada&password=l0velace")],
    ["a list", [ADA]],
    ["a number", 42],
    ["missing", undefined],
  ])("refuses a body that is %s", async (_what, body) => {
    expect(await read(body)).toMatchObject(UNPARSABLE);
  });

  test.each<[string, object]>([
    ["from a prototype", Object.assign(Object.create(ADA) as object, { client_id: "x" })],
    ["from an own __proto__", JSON.parse(`{"__proto__":${JSON.stringify(ADA)}}`) as object],
  ])("reads no username and password %s", async (_where, body) => {
    expect(await read(body)).toMatchObject(INVALID);
  });

  test.each(["username", "password"])(
    "refuses a form with brackets around or after %s",
    async (name) => {
      for (const other of ["[]", "[$ne]", "["].map((brackets) => name + brackets)) {
        expect(await read({ ...ADA, [other]: "" })).toMatchObject(INVALID);
      }
      for (const other of [`[${name}]`, `[${name}]x`, `[${name}][]`]) {
        expect(await read({ ...ADA, [other]: "" })).toMatchObject(INVALID);
        expect(await read({ ...ADA, [name]: undefined, [other]: "x" })).toMatchObject(INVALID);
      }
      const others = { [`${name}2`]: "", [`x${name}[]`]: "", [`[x${name}]`]: "", [`[${name}`]: "" };
      expect(await read({ ...ADA, ...others })).toEqual(ADA);
    },
  );

  test.each(["grant_type", "username", "password"])(
    "refuses the request as invalid if a getter of %s throws",
    async (name) => {
      const throwing = Object.defineProperty({ ...ADA }, name, {
        get() {
          throw new URIError("URI malformed");
        },
      });

      expect(await read(throwing)).toMatchObject(UNPARSABLE);
    },
  );

  test("reads each member once, so that a getter cannot return different values", async () => {
    const reads: string[] = [];
    const body = new Proxy(ADA, {
      get(target, name: keyof typeof ADA) {
        reads.push(name);
        return target[name];
      },
    });

    expect(await read(body)).toEqual(ADA);
    expect(reads.filter((name) => name in ADA)).toEqual(["username", "password"]);
  });

  test("reads a body without a prototype", async () => {
    expect(await read(Object.assign(Object.create(null) as object, ADA))).toEqual(ADA);
  });
});

describe("readCredentials, for grant_type,", () => {
  test.each([undefined, null, "", "password"])("accepts %j", async (grant_type) => {
    expect(await read({ ...ADA, grant_type })).toEqual(ADA);
  });

  test.each(["client_credentials", "refresh_token", "Password", " password", "password,password"])(
    "refuses %j as unsupported",
    async (grant_type) => {
      expect(await read({ ...ADA, grant_type })).toMatchObject(UNSUPPORTED);
    },
  );

  test("checks the value before username and password", async () => {
    expect(await read({ grant_type: "refresh_token" })).toMatchObject(UNSUPPORTED);
    expect(await read({ grant_type: "password" })).toMatchObject(INVALID);
  });

  test.each([[["password"]], [["password", "password"]], [{ $ne: null }], [42], [true], [false]])(
    "refuses %j, which is not a string",
    async (grant_type) => {
      expect(await read({ ...ADA, grant_type })).toMatchObject(UNPARSABLE);
    },
  );

  test("refuses a form field named grant_type[]", async () => {
    expect(await read({ ...ADA, "grant_type[]": "password" })).toMatchObject(UNPARSABLE);
  });

  test("ignores an inherited value", async () => {
    const body = Object.assign(Object.create({ grant_type: "refresh_token" }) as object, ADA);

    expect(await read(body)).toEqual(ADA);
  });
});
