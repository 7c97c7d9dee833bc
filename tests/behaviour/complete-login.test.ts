import { ServerResponse } from "node:http";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import {
  BadCredentialsError,
  cookieTransport,
  createJwtStrategy,
  UserNotVerifiedError,
  type JwtStrategy,
} from "express-jwt-strategy";
import express, { type ErrorRequestHandler } from "express";
import request, { type Response } from "supertest";
import { hmacSecret, keyPair } from "../support/keys.ts";
import { createRequest } from "../support/request.ts";

interface User {
  readonly id: string;
}

const onAfterLogin = jest.fn();
const onLoginFailed = jest.fn();
const onAuthError = jest.fn();
const events: unknown[] = [];
const record = (event: unknown): void => void events.push(event);

beforeEach(() => subscribe("express-jwt-strategy:login", record));
afterEach(() => {
  unsubscribe("express-jwt-strategy:login", record);
  events.splice(0);
  jest.clearAllMocks();
});

function createAuth(options: object = {}): JwtStrategy<User> {
  return createJwtStrategy<User>({
    secret: hmacSecret,
    lifetimeSeconds: 3600,
    findUser: (id) => ({ id }),
    onAfterLogin,
    onLoginFailed,
    ...options,
  });
}

/** Completes a login at the callback of an OAuth provider, with a cross-site request. */
async function complete(
  auth: JwtStrategy<User>,
  user: unknown,
): Promise<{ response: Response; errors: unknown[] }> {
  const errors: unknown[] = [];
  const app = express().get("/callback", (req, res, next) => {
    auth.completeLogin(user as User, req, res).catch(next);
  });
  app.use(((error, _req, res, next) => {
    errors.push(error);
    next(error);
  }) as ErrorRequestHandler);
  const response = await request(app)
    .get("/callback")
    .set({ "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate" });
  return { response, errors };
}

describe("completeLogin", () => {
  test("sends the response of a login, without verifyCredentials", async () => {
    const auth = createAuth();
    const { response } = await complete(auth, { id: "42" });
    const { access_token: token, ...rest } = response.body as { access_token: string };
    expect([response.status, rest]).toEqual([200, { token_type: "bearer", expires_in: 3600 }]);
    expect(response.headers).toMatchObject({ "cache-control": "no-store", pragma: "no-cache" });
    expect(await auth.readToken(token)).toEqual({ id: "42" });
    expect(onAfterLogin).toHaveBeenCalledTimes(1);
    expect(onAfterLogin.mock.calls[0]?.[0]).toEqual({ id: "42" });
    expect(events).toEqual([{ outcome: "accepted", userId: "42" }]);
  });

  test("sets a cookie and redirects a browser that comes back from another site", async () => {
    const transport = cookieTransport({ loginRedirect: "/account" });
    const { response } = await complete(createAuth({ transport }), { id: "42" });
    expect([response.status, response.headers.location]).toEqual([303, "/account"]);
    expect(response.headers["set-cookie"]).toHaveLength(1);
  });

  test.each([
    [{ id: "42", isActive: false }, BadCredentialsError, "user_inactive"],
    [{ id: "42", is_active: 0, isVerified: true }, BadCredentialsError, "user_inactive"],
    [{ id: "42", isVerified: false }, UserNotVerifiedError, "user_not_verified"],
  ])("rejects with a LoginError for a user who may not log in: %j", async (user, type, reason) => {
    const auth = createAuth({ requiresVerification: true, onAuthError });
    const { response, errors } = await complete(auth, user);
    expect(errors).toEqual([expect.any(type)]);
    expect(response.status).toBe(400);
    expect(response.headers["cache-control"]).toBe("no-store");
    expect(response.text).not.toContain("access_token");
    expect(events).toEqual([{ outcome: "refused", reason }]);
    for (const callback of [onAfterLogin, onLoginFailed, onAuthError]) {
      expect(callback).not.toHaveBeenCalled();
    }
  });

  test.each([undefined, null, false, 0, ""])("rejects with a TypeError for %p", async (user) => {
    const { response, errors } = await complete(createAuth(), user);
    expect(response.status).toBe(500);
    expect(errors).toEqual([new TypeError("completeLogin() requires a user")]);
  });

  test("rejects with a TypeError for an array of users", async () => {
    const { errors } = await complete(createAuth(), [{ id: "42" }]);
    expect(errors).toEqual([
      new TypeError(
        "The user of completeLogin() must be a user or null, not an array, an Error or a function",
      ),
    ]);
  });

  test("answers 500 without a token if onAfterLogin fails, whatever status its error has", async () => {
    const failure = Object.assign(new Error("upstream"), { status: 200 });
    const { response, errors } = await complete(
      createAuth({ onAfterLogin: () => Promise.reject(failure) }),
      { id: "42" },
    );
    expect(response.status).toBe(500);
    expect(errors).toEqual([expect.objectContaining({ cause: failure })]);
    expect(response.text).not.toContain("access_token");
    expect(events).toEqual([]);
  });

  test("sends nothing if the app has already sent a response", async () => {
    const auth = createAuth({
      onAfterLogin: (_user: User, _req: unknown, res: express.Response) => res.send("welcome"),
    });
    const { response } = await complete(auth, { id: "42" });
    expect(response.text).toBe("welcome");
  });

  test("throws a TypeError without secret", () => {
    const auth = createJwtStrategy<User>({
      publicKey: keyPair("ES256").publicKey,
      algorithm: "ES256",
      lifetimeSeconds: 3600,
      findUser: (id) => ({ id }),
    });
    const req = createRequest("GET", {});
    expect(() => auth.completeLogin({ id: "42" }, req, new ServerResponse(req))).toThrow(
      new TypeError("completeLogin signs tokens: it requires the secret option"),
    );
  });
});
