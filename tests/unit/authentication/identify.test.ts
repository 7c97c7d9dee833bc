import { createHook } from "node:async_hooks";
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { describe, expect, jest, test } from "@jest/globals";
import { createJwtStrategy, type AuthError, type Handler } from "express-jwt-strategy";
import {
  CrossSiteRequestError,
  InvalidRequestError,
  InvalidTokenError,
} from "../../../lib/errors/auth-errors.ts";
import { createIdentify, createIdentifyToken } from "../../../lib/authentication/identify.ts";
import type { FindUser } from "../../../lib/strategy/options.ts";
import { Refusal } from "../../../lib/http/refusal.ts";
import type { ReadToken } from "../../../lib/token/reader.ts";
import type { VerifiedToken } from "../../../lib/token/codec.ts";
import { bearerTransport } from "../../../lib/transports/bearer.ts";
import { bindTransport, type Transport } from "../../../lib/transports/transport.ts";
import { forge } from "../../support/forge.ts";
import { hmacSecret, signingKey } from "../../support/keys.ts";

const claims = Object.freeze({ sub: "42", aud: "us" });
const verified: VerifiedToken = { claims, key: signingKey("HS256") };
const user = { name: "Ann" };
const req = new IncomingMessage(new Socket());
const terms = { realm: "a realm", onAuthError: undefined };
const authenticated = { user, claims, isLoadedUser: true, terms };

describe("createIdentify", () => {
  const protect = jest.fn<Required<Transport>["protect"]>();
  const extractToken = jest.fn<Transport["extractToken"]>();
  const readToken = jest.fn<ReadToken>();
  const findUser = jest.fn<FindUser<object>>();
  const identifyToken = createIdentifyToken({ readToken, findUser, terms });
  const transport = { ...bindTransport(bearerTransport()), protect, extractToken };
  const identify = createIdentify(transport, identifyToken, terms);

  function identifyWith(steps: {
    refused?: AuthError;
    token?: string | AuthError | undefined;
    read?: VerifiedToken | InvalidTokenError;
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
    expect(refusal.terms).toBe(terms);
    if (error instanceof Error) expect(refusal.error).toBe(error);
    else expect(refusal.error).toMatchObject(error);
  }

  test("takes the steps one by one: request, token, claims, user", () => {
    expect(identifyWith({})).toEqual(authenticated);
    expect(protect.mock.calls).toEqual([[req, false]]);
    expect(extractToken.mock.calls).toEqual([[req]]);
    expect(readToken.mock.calls).toEqual([["a.b.c"]]);
    expect(findUser.mock.calls).toEqual([["42", claims, req]]);
  });

  test("stops where the transport refuses the request, before anything is read", () => {
    const refused = new CrossSiteRequestError();
    expectRefusalFor(identifyWith({ refused }), refused);
    expect(extractToken).not.toHaveBeenCalled();
  });

  test("stops where there are no credentials", () => {
    expectRefusalFor(identifyWith({ token: undefined }), {
      status: 401,
      code: "credentials_required",
      reason: "credentials_missing",
    });
    expect(readToken).not.toHaveBeenCalled();
  });

  test("stops where the credentials are malformed", () => {
    const refused = new InvalidRequestError("authorization_malformed");
    expectRefusalFor(identifyWith({ token: refused }), refused);
    expect(readToken).not.toHaveBeenCalled();
  });

  test("stops where the token is refused", () => {
    const refused = new InvalidTokenError("signature_invalid");
    expectRefusalFor(identifyWith({ read: refused }), refused);
    expect(findUser).not.toHaveBeenCalled();
  });

  test.each([null, undefined, false] as const)("stops where the user is %p", async (found) => {
    const refused = { status: 401, code: "invalid_token", reason: "user_not_found" };
    expectRefusalFor(identifyWith({ found }), refused);
    expectRefusalFor(await identifyWith({ found: Promise.resolve(found) }), refused);
  });

  test("knows whose the token is, where the user is not found", () => {
    expect(identifyWith({ found: null })).toMatchObject({ userId: "42" });
    expect(identifyWith({ read: new InvalidTokenError("malformed") })).toMatchObject({
      userId: undefined,
    });
  });

  test("challenges in the realm of its strategy", () => {
    expect(identifyWith({ token: undefined })).toMatchObject({
      error: { headers: { "WWW-Authenticate": 'Bearer realm="a realm"' } },
    });
  });

  test("waits for a user that is promised", async () => {
    const outcome = identifyWith({ found: Promise.resolve(user) });
    expect(outcome).toBeInstanceOf(Promise);
    expect(await outcome).toEqual(authenticated);
  });

  test("tells the transport where the request changes something, whatever its method says", () => {
    identifyWith({});
    protect.mockClear();
    expect(createIdentify(transport, identifyToken, terms, true)(req)).toEqual(authenticated);
    expect(protect.mock.calls).toEqual([[req, true]]);
  });
});

describe("createIdentifyToken", () => {
  const readToken: ReadToken = () => verified;

  test("identifies a token without a request, too", () => {
    const findUser = jest.fn<FindUser<object>>(() => user);
    const identifyToken = createIdentifyToken({ readToken, findUser, terms });
    expect(identifyToken("a.b.c", undefined)).toEqual(authenticated);
    expect(findUser.mock.calls).toEqual([["42", claims, undefined]]);
  });

  test("takes the claims for the user where there is no findUser, and says so", () => {
    const identifyToken = createIdentifyToken({ readToken, findUser: undefined, terms });
    expect(identifyToken("a.b.c", req)).toEqual({
      user: claims,
      claims,
      isLoadedUser: false,
      terms,
    });
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
