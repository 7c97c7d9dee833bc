import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { describe, expect, jest, test } from "@jest/globals";
import {
  bearerTransport,
  cookieTransport,
  createJwtStrategy,
  type OnAuthError,
  type UserStrategyOptions,
} from "express-jwt-strategy";
import express, { type ErrorRequestHandler } from "express";
import request from "supertest";
import { forge } from "../support/forge.ts";
import { hmacSecret, signingKey } from "../support/keys.ts";
import { THROWN, reject } from "../support/thrown.ts";

interface User {
  readonly id: string;
}

const TOKEN = forge("HS256", signingKey("HS256"));
const CHANNEL = "express-jwt-strategy:authenticate";

type Options = Partial<UserStrategyOptions<User>>;

const transports = [
  ["bearerTransport", bearerTransport(), { Authorization: `Bearer ${TOKEN}` }],
  ["cookieTransport", cookieTransport(), { Cookie: `fastapiusersauth=${TOKEN}` }],
] as const;

/** Functions that fail with a value, synchronously and asynchronously. */
function failures(thrown: unknown): readonly (() => never)[] {
  const rejecting = (): unknown => reject(thrown);
  return [
    () => {
      throw thrown;
    },
    rejecting as () => never,
  ];
}

describe("a refresh that fails", () => {
  /** Expects a 500 and an error in the error handler, but no token, refusal, event or later route. */
  async function expectServerError(
    options: Options,
    [, transport, credentials]: (typeof transports)[number] = transports[0],
  ): Promise<Error> {
    const onAuthError = jest.fn<OnAuthError>();
    const errors: unknown[] = [];
    const events: unknown[] = [];
    const record = (event: unknown): void => void events.push(event);
    const handleError: ErrorRequestHandler = (error, _req, _res, next) => {
      errors.push(error);
      next(error);
    };
    const auth = createJwtStrategy<User>({
      secret: hmacSecret,
      lifetimeSeconds: 3600,
      transport,
      findUser: (id) => ({ id }),
      ...(options as object),
      onAuthError,
    });
    const app = express().use(auth.refresh);
    app.use((_req, res) => res.send("let in"));
    app.use(handleError);
    subscribe(CHANNEL, record);
    const response = await request(app).post("/").set(credentials);
    unsubscribe(CHANNEL, record);

    expect(response.status).toBe(500);
    expect(response.headers).not.toHaveProperty("www-authenticate");
    expect(response.get("Set-Cookie")).toBeUndefined();
    expect(response.text).not.toMatch(/access_token|eyJ/);
    expect(errors).toEqual([expect.any(Error)]);
    expect(onAuthError).not.toHaveBeenCalled();
    expect(events).toEqual([]);
    return errors[0] as Error;
  }

  describe.each(["findUser", "claims"] as const)("%s", (name) => {
    test.each(THROWN)("answers 500 if it throws %s or rejects with it", async (_what, thrown) => {
      for (const fail of failures(thrown)) {
        expect(await expectServerError({ [name]: fail })).toMatchObject({
          message: "The application's authentication code failed",
          cause: thrown,
        });
      }
    });

    test.each(transports)(
      "passes its Error to the error handler unchanged, with %s",
      async (...transport) => {
        const failure = new Error("database down");
        for (const fail of failures(failure)) {
          expect(await expectServerError({ [name]: fail }, transport)).toBe(failure);
        }
      },
    );
  });

  test.each([
    ["sub", { sub: "1" }],
    ["aud", { aud: "another" }],
    ["exp", { exp: 9_999_999_999 }],
  ])("answers 500 if claims return %s", async (member, claims) => {
    const error = await expectServerError({ claims: () => claims });
    expect(error.message).toMatch(`claims must not return ${member}`);
  });

  test.each<[string, unknown]>([
    ["a list", []],
    ["a string", "x"],
    ["a Map", new Map()],
  ])("answers 500 if claims return %s", async (_what, returned) => {
    const claims = (): Record<string, unknown> => returned as Record<string, unknown>;
    const error = await expectServerError({ claims });
    expect(error.message).toBe("claims must return an object");
  });

  test("answers 500 if the new token is longer than maxTokenLength", async () => {
    const error = await expectServerError({
      maxTokenLength: TOKEN.length,
      claims: () => ({ filler: "x" }),
    });
    expect(error.message).toMatch("The token is longer than maxTokenLength");
  });

  test.each(transports)("answers 500 if loginResponse throws, with %s", async (...given) => {
    const failure = new Error("no answer");
    const loginResponse = (): never => {
      throw failure;
    };
    const transport = { ...given[1], loginResponse };
    expect(await expectServerError({ transport }, given)).toBe(failure);
  });
  test("answers 500 if the new token does not fit a cookie", async () => {
    const auth = createJwtStrategy<User>({
      secret: hmacSecret,
      lifetimeSeconds: 3600,
      transport: cookieTransport(),
      findUser: (id) => ({ id }),
      claims: () => ({ filler: "x".repeat(3000) }),
    });
    const response = await request(express().use(auth.refresh))
      .post("/")
      .set("Cookie", `fastapiusersauth=${TOKEN}`);
    expect([response.status, response.get("Set-Cookie")]).toEqual([500, undefined]);
    expect(response.text).toContain("longer than the 4096 bytes");
  });
});
