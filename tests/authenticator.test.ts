import { createHook } from "node:async_hooks";
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { describe, expect, jest, test } from "@jest/globals";
import { createJwtStrategy, type AuthError, type Handler } from "express-jwt-strategy";
import { createAuthenticator } from "../lib/authenticator.ts";
import { InsufficientScopeError, InvalidRequestError, InvalidTokenError } from "../lib/errors.ts";
import { noGuard, type Guard } from "../lib/guards.ts";
import type { FindUser } from "../lib/options.ts";
import type { ReadToken } from "../lib/token-reader.ts";
import { bearerTransport } from "../lib/transports/bearer.ts";
import type { Transport } from "../lib/transports/transport.ts";
import { forge } from "./support/forge.ts";
import { hmacSecret, signingKey } from "./support/keys.ts";

const claims = Object.freeze({ sub: "42", aud: "us" });
const user = { name: "Ann" };
const req = new IncomingMessage(new Socket());

describe("createAuthenticator", () => {
  const extractToken = jest.fn<Transport["extractToken"]>();
  const readToken = jest.fn<ReadToken>();
  const findUser = jest.fn<FindUser<object>>();
  const guard = jest.fn<Guard>();
  const authenticator = createAuthenticator(
    { ...bearerTransport(), extractToken },
    readToken,
    findUser,
  );

  function authenticateWith(steps: {
    token?: string | AuthError | undefined;
    claims?: typeof claims | InvalidTokenError;
    found?: ReturnType<FindUser<object>>;
    refusal?: AuthError;
  }): unknown {
    jest.resetAllMocks();
    extractToken.mockReturnValue("token" in steps ? steps.token : "a.b.c");
    readToken.mockReturnValue(steps.claims ?? claims);
    findUser.mockReturnValue("found" in steps ? steps.found : user);
    guard.mockReturnValue(steps.refusal);
    return authenticator.authenticateRequest(req, guard);
  }

  test("takes the steps one by one: request, token, claims, user, guard", () => {
    expect(authenticateWith({})).toEqual({ user, claims });
    expect(extractToken.mock.calls).toEqual([[req]]);
    expect(readToken.mock.calls).toEqual([["a.b.c"]]);
    expect(findUser.mock.calls).toEqual([["42", claims, req]]);
    expect(guard.mock.calls).toEqual([[user]]);
  });

  test("stops where there are no credentials", () => {
    expect(authenticateWith({ token: undefined })).toMatchObject({
      status: 401,
      code: "credentials_required",
      reason: "credentials_missing",
    });
    expect(readToken).not.toHaveBeenCalled();
  });

  test("stops where the credentials are malformed", () => {
    const refusal = new InvalidRequestError("authorization_malformed");
    expect(authenticateWith({ token: refusal })).toBe(refusal);
    expect(readToken).not.toHaveBeenCalled();
  });

  test("stops where the token is refused", () => {
    const refusal = new InvalidTokenError("signature_invalid");
    expect(authenticateWith({ claims: refusal })).toBe(refusal);
    expect(findUser).not.toHaveBeenCalled();
  });

  test.each([null, undefined, false] as const)("stops where the user is %p", async (found) => {
    const refusal = { status: 401, code: "invalid_token", reason: "user_not_found" };
    expect(authenticateWith({ found })).toMatchObject(refusal);
    expect(await authenticateWith({ found: Promise.resolve(found) })).toMatchObject(refusal);
    expect(guard).not.toHaveBeenCalled();
  });

  test("stops where the guard refuses", async () => {
    const refusal = new InsufficientScopeError("user_not_superuser");
    expect(authenticateWith({ refusal })).toBe(refusal);
    expect(await authenticateWith({ refusal, found: Promise.resolve(user) })).toBe(refusal);
  });

  test("waits for a user that is promised", async () => {
    const outcome = authenticateWith({ found: Promise.resolve(user) });
    expect(outcome).toBeInstanceOf(Promise);
    expect(await outcome).toEqual({ user, claims });
  });

  test("authenticates a token without a request, too", () => {
    authenticateWith({});
    findUser.mockClear();
    expect(authenticator.authenticateToken("a.b.c", undefined, noGuard)).toEqual({ user, claims });
    expect(findUser.mock.calls).toEqual([["42", claims, undefined]]);
  });
});

describe("a remembered token", () => {
  const token = forge("HS256", signingKey("HS256"));
  const secret = hmacSecret;

  /** How many promises come into being until the middleware returns, and whether `next` was called by then. */
  function observe(middleware: Handler): { promises: number; wentOn: boolean } {
    const request = new IncomingMessage(new Socket());
    request.headers.authorization = `Bearer ${token}`;
    const response = new ServerResponse(request);
    let promises = 0;
    let wentOn = false;
    const hook = createHook({
      init(_id, type) {
        if (type === "PROMISE") promises += 1;
      },
    }).enable();
    middleware(request, response, (error) => (wentOn = error === undefined));
    hook.disable();
    return { promises, wentOn };
  }

  test.each([
    ["without findUser", createJwtStrategy({ secret, lifetimeSeconds: 60 })],
    [
      "with a findUser that knows",
      createJwtStrategy({ secret, lifetimeSeconds: 60, findUser: () => user }),
    ],
  ])("is authenticated in the same tick and without a promise, %s", (_case, auth) => {
    const middleware = auth.authenticate();
    observe(middleware);
    expect(observe(middleware)).toEqual({ promises: 0, wentOn: true });
  });

  test("waits for a findUser that promises", () => {
    const findUser: FindUser<object> = () => Promise.resolve(user);
    const middleware = createJwtStrategy({ secret, lifetimeSeconds: 60, findUser }).authenticate();
    const { promises, wentOn } = observe(middleware);
    expect(promises).toBeGreaterThan(0);
    expect(wentOn).toBe(false);
  });
});
