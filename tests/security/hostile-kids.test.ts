import crypto from "node:crypto";
import fs from "node:fs";
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { afterEach, describe, expect, jest, test } from "@jest/globals";
import type { InvalidTokenError } from "express-jwt-strategy";
import express from "express";
import request from "supertest";
import { construct } from "../support/expect-construction-error.ts";
import { expectRefusal } from "../support/expect-refusal.ts";
import { forge, goodClaims } from "../support/forge.ts";
import { generateSigningKey, toJwk, verifying } from "../support/keys.ts";

const STRINGS = [
  ...["__proto__", "constructor", "toString", "hasOwnProperty", "prototype", "undefined", "null"],
  ...["../../etc/passwd", "/dev/null", "file:///etc/passwd", "C:\\Windows\\win.ini", "%2e%2e%2f"],
  ...["' OR 1=1", "'; DROP TABLE keys --", "$(id)", "`id`", "| whoami", '{"$ne":null}', "*"],
  ...["http://169.254.169.254/latest", "\r\nSet-Cookie: admin=1", "a\nb", "\0", "", " ", "\ufeff"],
  ...["current\0", " current", "CURRENT", "ｃurrent", "0", "-1", "length", "k".repeat(4096)],
];
const OTHERS: readonly unknown[] = [
  null,
  0,
  1,
  true,
  [],
  ["current"],
  {},
  { toString: "current" },
  [["current"]],
];

afterEach(() => {
  jest.restoreAllMocks();
});

describe.each(["HS256", "RS256", "ES256", "EdDSA"] as const)(
  "keys of %s with a kid",
  (algorithm) => {
    const current = generateSigningKey(algorithm);
    const previous = generateSigningKey(algorithm);
    const keys = [
      toJwk(verifying(current), { kid: "current" }),
      toJwk(verifying(previous), { kid: "previous" }),
    ];
    const auth = construct({
      algorithm,
      [algorithm === "HS256" ? "secret" : "publicKey"]: keys,
      lifetimeSeconds: 3600,
    });
    /** A token that is valid except for its kid. */
    const tokenOf = (kid: unknown): string =>
      forge(algorithm, current, goodClaims(), { alg: algorithm, typ: "JWT", kid });
    const hostile = [...STRINGS, ...OTHERS].map(tokenOf);

    test("verify a token of their kid", async () => {
      expect(await auth.readToken(tokenOf("current"))).toMatchObject({ sub: "42" });
    });

    test("check no signature and open no file or connection for any other kid", async () => {
      const reached = [
        jest.spyOn(crypto, "verify"),
        jest.spyOn(crypto, "createHmac"),
        jest.spyOn(Socket.prototype, "connect"),
        ...(["open", "openSync", "readFile", "readFileSync", "statSync"] as const).map((name) =>
          jest.spyOn(fs, name),
        ),
      ];
      const users = [];
      for (const token of hostile) users.push(await auth.readToken(token));
      await new Promise(setImmediate);
      expect(users).toEqual(hostile.map(() => null));
      expect(reached.map((spy) => spy.mock.calls.length)).toEqual(reached.map(() => 0));
    });

    test("refuse an unknown string as key_not_found and any other value as header_unsupported", async () => {
      const reasonFor = async (token: string): Promise<unknown> => {
        const req = new IncomingMessage(new Socket());
        req.headers.authorization = `Bearer ${token}`;
        return auth
          .authenticateRequest(req)
          .catch((error: unknown) => (error as InvalidTokenError).reason);
      };
      expect(await Promise.all(hostile.map(reasonFor))).toEqual([
        ...STRINGS.map(() => "key_not_found"),
        ...OTHERS.map(() => "header_unsupported"),
      ]);
    });

    test("refuse any other kid like any invalid token", async () => {
      const app = express().use(auth.authenticate());
      for (const token of hostile) {
        await expectRefusal(
          request(app).get("/").auth(token, { type: "bearer" }),
          401,
          "invalid_token",
        );
      }
    });
  },
);
