import { createHook } from "node:async_hooks";
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { describe, expect, jest, test } from "@jest/globals";
import { createJwtStrategy, type AuthError, type Handler } from "express-jwt-strategy";
import {
  CrossSiteRequestError,
  InvalidRequestError,
  TokenExpiredError,
  type TokenRefusalReason,
} from "../../../lib/errors/auth-errors.ts";
import {
  createIdentify,
  createIdentifyToken,
  type CheckUser,
  type FindUser,
} from "../../../lib/authentication/identify.ts";
import { Refusal } from "../../../lib/http/refusal.ts";
import type { ReadToken } from "../../../lib/token/reader.ts";
import type { VerifiedToken } from "../../../lib/token/codec.ts";
import { bearerTransport } from "../../../lib/transports/bearer.ts";
import { bindTransport, type Transport } from "../../../lib/transports/transport.ts";
import { forge } from "../../support/forge.ts";
import { hmacSecret, signingKey } from "../../support/keys.ts";

const claims = Object.freeze({ sub: "42", aud: "us" });
const verified: VerifiedToken = { claims, appClaims: claims, key: signingKey("HS256") };
const user = { name: "Ann" };
const req = new IncomingMessage(new Socket());
const strategy = {
  realm: "a realm",
  onAuthError: undefined,
  loadsUsers: true,
  renewIfDue: undefined,
};
const authenticated = { user, claims, strategy, appClaims: claims, getToken: expect.any(Function) };
const checkUser = undefined;

describe("createIdentify", () => {
  const protect = jest.fn<Required<Transport>["protect"]>();
  const extractToken = jest.fn<Transport["extractToken"]>();
  const readToken = jest.fn<ReadToken>();
  const findUser = jest.fn<FindUser<object>>();
  const identifyToken = createIdentifyToken({ readToken, findUser, checkUser }, strategy);
  const transport = { ...bindTransport(bearerTransport()), protect, extractToken };
  const identify = createIdentify(transport, identifyToken, strategy);

  function identifyWith(steps: {
    refused?: AuthError;
    token?: string | AuthError | undefined;
    read?: VerifiedToken | TokenRefusalReason;
    found?: ReturnType<FindUser<object>>;
  }): unknown {
    jest.resetAllMocks();
    protect.mockReturnValue(steps.refused);
    extractToken.mockReturnValue("token" in steps ? steps.token : "a.b.c");
    readToken.mockReturnValue(steps.read ?? verified);
    findUser.mockReturnValue("found" in steps ? steps.found : user);
    return identify(req);
  }

  function expectRefusalFor(outcome: unknown, error: AuthError | object): void {
    expect(outcome).toBeInstanceOf(Refusal);
    const refusal = outcome as Refusal;
    expect(refusal.strategy).toBe(strategy);
    if (error instanceof Error) expect(refusal.error).toBe(error);
    else expect(refusal.error).toMatchObject(error);
  }

  test("extracts and reads the token, then finds the user", () => {
    expect(identifyWith({})).toEqual(authenticated);
    expect(protect.mock.calls).toEqual([[req, false]]);
    expect(extractToken.mock.calls).toEqual([[req]]);
    expect(readToken.mock.calls).toEqual([["a.b.c"]]);
    expect(findUser.mock.calls).toEqual([["42", claims, req]]);
  });

  test("returns the refusal of protect() before it extracts the token", () => {
    const refused = new CrossSiteRequestError();
    expectRefusalFor(identifyWith({ refused }), refused);
    expect(extractToken).not.toHaveBeenCalled();
  });

  test("refuses a request without credentials", () => {
    expectRefusalFor(identifyWith({ token: undefined }), {
      status: 401,
      code: "credentials_required",
      reason: "credentials_missing",
    });
    expect(readToken).not.toHaveBeenCalled();
  });

  test("refuses malformed credentials", () => {
    const refused = new InvalidRequestError("authorization_malformed");
    expectRefusalFor(identifyWith({ token: refused }), refused);
    expect(readToken).not.toHaveBeenCalled();
  });

  test("returns the refusal of readToken, and does not call findUser", () => {
    const refused = { status: 401, code: "invalid_token", reason: "signature_invalid" };
    expectRefusalFor(identifyWith({ read: "signature_invalid" }), refused);
    expect(findUser).not.toHaveBeenCalled();
  });

  test.each([null, undefined, false] as const)("refuses a user that is %p", async (found) => {
    const refused = { status: 401, code: "invalid_token", reason: "user_not_found" };
    expectRefusalFor(identifyWith({ found }), refused);
    expectRefusalFor(await identifyWith({ found: Promise.resolve(found) }), refused);
  });

  test("returns the id of a missing user with the refusal", () => {
    expect(identifyWith({ found: null })).toMatchObject({ userId: "42" });
    expect(identifyWith({ read: "malformed" })).toMatchObject({
      userId: undefined,
    });
  });

  test("refuses an expired token with the error for expired tokens", () => {
    const expired = identifyWith({ read: "token_expired" }) as Refusal;
    expect(expired.error).toBeInstanceOf(TokenExpiredError);
  });

  test("does not add headers to the error before the response is sent", () => {
    const { error } = identifyWith({ token: undefined }) as Refusal;
    expect(error.headers).toEqual({ "Cache-Control": "no-store" });
  });

  test("waits for a findUser that returns a promise", async () => {
    const outcome = identifyWith({ found: Promise.resolve(user) });
    expect(outcome).toBeInstanceOf(Promise);
    expect(await outcome).toEqual(authenticated);
  });

  test("passes unsafe to protect() of the transport", () => {
    identifyWith({});
    protect.mockClear();
    expect(identify(req, { unsafe: true })).toEqual(authenticated);
    expect(protect.mock.calls).toEqual([[req, true]]);
  });
});

describe("createIdentifyToken", () => {
  const readToken: ReadToken = () => verified;

  test("identifies a token without a request", () => {
    const findUser = jest.fn<FindUser<object>>(() => user);
    const identifyToken = createIdentifyToken({ readToken, findUser, checkUser }, strategy);
    expect(identifyToken("a.b.c", undefined)).toEqual(authenticated);
    expect(findUser.mock.calls).toEqual([["42", claims, undefined]]);
  });

  test("uses the claims as the user without findUser", () => {
    const identifyToken = createIdentifyToken(
      { readToken, findUser: undefined, checkUser },
      strategy,
    );
    expect(identifyToken("a.b.c", req)).toEqual({
      user: claims,
      claims,
      strategy,
      appClaims: claims,
      getToken: expect.any(Function),
    });
  });

  test("checks the token again after findUser has returned the user", async () => {
    const check = jest.fn<CheckUser<object>>(() => Promise.resolve(undefined));
    const deps = { readToken, findUser: () => user, checkUser: check };
    const identifyToken = createIdentifyToken<object>(deps, strategy);
    expect(await identifyToken("a.b.c", req)).toEqual(authenticated);
    expect(check.mock.calls).toEqual([[user, verified]]);
    check.mockResolvedValue("security_stamp_mismatch");
    expect(await identifyToken("a.b.c", req)).toMatchObject({
      error: { status: 401, code: "invalid_token", reason: "security_stamp_mismatch" },
      userId: "42",
    });
  });

  test("waits for keys that must be fetched", async () => {
    const later: ReadToken = () => Promise.resolve(verified);
    const deps = { readToken: later, findUser: () => user, checkUser };
    expect(await createIdentifyToken(deps, strategy)("a.b.c", req)).toEqual(authenticated);
  });
});

describe("a known token", () => {
  const token = forge("HS256", signingKey("HS256"));
  const secret = hmacSecret;

  /** Counts the promises that are created until the middleware returns, and whether it has called `next` by then. */
  function observe(middleware: Handler): { promises: number; calledNext: boolean } {
    const request = new IncomingMessage(new Socket());
    request.headers.authorization = `Bearer ${token}`;
    const response = new ServerResponse(request);
    let promises = 0;
    let calledNext = false;
    const hook = createHook({
      init(_id, type) {
        if (type === "PROMISE") promises += 1;
      },
    }).enable();
    middleware(request, response, (error) => (calledNext = error === undefined));
    hook.disable();
    return { promises, calledNext };
  }

  test.each([
    ["without findUser", createJwtStrategy({ secret, lifetimeSeconds: 60 })],
    [
      "with a synchronous findUser",
      createJwtStrategy({ secret, lifetimeSeconds: 60, findUser: () => user }),
    ],
  ])("is authenticated in the same tick and without a promise, %s", (_case, auth) => {
    const middleware = auth.authenticate();
    observe(middleware);
    expect(observe(middleware)).toEqual({ promises: 0, calledNext: true });
  });

  test("waits for a findUser that returns a promise", () => {
    const findUser: FindUser<object> = () => Promise.resolve(user);
    const middleware = createJwtStrategy({ secret, lifetimeSeconds: 60, findUser }).authenticate();
    const { promises, calledNext } = observe(middleware);
    expect(promises).toBeGreaterThan(0);
    expect(calledNext).toBe(false);
  });
});
