import { IncomingMessage, type ServerResponse } from "node:http";
import { Socket } from "node:net";
import { describe, expect, test } from "@jest/globals";
import {
  AuthError,
  InvalidTokenError,
  LoginError,
  TokenExpiredError,
  anyOf,
  cookieTransport,
  createJwtStrategy,
  dynamicStrategy,
  type AuthErrorReason,
  type Handler,
  type AuthenticatedUser,
  type JwtStrategy,
  type LoginFailure,
  type RequestStrategy,
  type InferUser,
  type VerifiedClaims,
} from "express-jwt-strategy";
import { expectTypeOf } from "expect-type";
import express, { type Request, type RequestHandler } from "express";
import type { AllowOptions } from "../../lib/guards/allow.ts";
import { hmacSecret } from "../support/keys.ts";
import type { RequestGetter } from "../../lib/strategy/current.ts";

// `tsc` checks this file: every `@ts-expect-error` must be an error, every `expectTypeOf` must be true.

interface User {
  readonly id: string;
  readonly name: string;
}

const hmac = { secret: hmacSecret, lifetimeSeconds: 3600 } as const;
const ann: User = { id: "42", name: "Ann" };

describe("the user's type", () => {
  test("is inferred from findUser for currentUser and readToken", () => {
    const auth = createJwtStrategy({ ...hmac, findUser: (): User | null => ann });
    expectTypeOf(auth).toEqualTypeOf<JwtStrategy<User>>();
    expectTypeOf(auth.currentUser).toEqualTypeOf<RequestGetter<User>>();
    expectTypeOf<(typeof auth)["readToken"]>().returns.resolves.toEqualTypeOf<User | null>();
    const read = (req: Request): void => {
      expectTypeOf(auth.currentUser(req)).toEqualTypeOf<User>();
      expectTypeOf(auth.currentUser(req, { optional: true })).toEqualTypeOf<User | undefined>();
      // @ts-expect-error optional may only be true
      auth.currentUser(req, { optional: false });
    };
    expect(read).toBeInstanceOf(Function);
  });

  test.each<[string, JwtStrategy<User>]>([
    ["a promise", createJwtStrategy({ ...hmac, findUser: () => Promise.resolve(ann) })],
    ["undefined", createJwtStrategy({ ...hmac, findUser: (): User | undefined => ann })],
    ["false", createJwtStrategy({ ...hmac, findUser: (id) => id === "42" && ann })],
    ["all options", createJwtStrategy<User>({ ...hmac, findUser: () => Promise.resolve(null) })],
  ])("is inferred for %s", (_case, auth) => {
    expect(auth.authenticate()).toBeInstanceOf(Function);
  });

  test("is the verified claims without findUser", () => {
    const auth = createJwtStrategy(hmac);
    expectTypeOf(auth.currentUser).toEqualTypeOf<RequestGetter<VerifiedClaims>>();
    expectTypeOf<VerifiedClaims["sub"]>().toEqualTypeOf<string>();
    expectTypeOf<VerifiedClaims["role"]>().toBeUnknown();
    expect(auth.authenticate()).toBeInstanceOf(Function);
  });

  test("is the verified claims without findUser, for any type argument", () => {
    const auth = createJwtStrategy<User>(hmac);
    expectTypeOf(auth).toEqualTypeOf<JwtStrategy<VerifiedClaims, User>>();
    expect(auth.authenticate()).toBeInstanceOf(Function);
  });

  test("may differ between login and request", () => {
    const auth = createJwtStrategy({
      ...hmac,
      verifyCredentials: ({ username }) => ({ uid: username, hash: "…" }),
      userId: (account) => {
        expectTypeOf(account).toEqualTypeOf<{ uid: string; hash: string }>();
        return account.uid;
      },
      findUser: (): User => ann,
    });
    expectTypeOf(auth.currentUser).toEqualTypeOf<RequestGetter<User>>();
    expectTypeOf<(typeof auth)["writeToken"]>()
      .parameter(0)
      .toEqualTypeOf<{ uid: string; hash: string }>();
    expect(auth.login).toBeInstanceOf(Function);
  });

  test("is that of the chosen strategies of dynamicStrategy()", () => {
    const tenants = new Map<string, JwtStrategy<User>>();
    const auth = dynamicStrategy((req: Request) => tenants.get(req.hostname));
    expectTypeOf(auth).toEqualTypeOf<RequestStrategy<User>>();
    const later = dynamicStrategy<User>(() => Promise.resolve(null));
    expectTypeOf(later.currentUser).toEqualTypeOf<RequestGetter<User>>();
    expect(Object.keys(later)).toEqual(Object.keys(auth));
  });
});

describe("a strategy's members", () => {
  const auth = createJwtStrategy({ ...hmac, findUser: (): User => ann });
  const claimsAuth = createJwtStrategy(hmac);

  test("return the union of the users of all strategies of anyOf()", () => {
    const either = anyOf(auth, claimsAuth);
    expectTypeOf(either).toEqualTypeOf<RequestStrategy<User | VerifiedClaims>>();
    expectTypeOf(either.currentUser).toEqualTypeOf<RequestGetter<User | VerifiedClaims>>();
    expectTypeOf(either.currentClaims).toEqualTypeOf<RequestGetter<VerifiedClaims>>();
    expectTypeOf(anyOf(auth, auth)).toEqualTypeOf<RequestStrategy<User>>();
    expectTypeOf<InferUser<typeof either>>().toEqualTypeOf<User | VerifiedClaims>();
    const nested = anyOf(
      either,
      dynamicStrategy(() => auth),
    );
    expectTypeOf(nested).toEqualTypeOf<RequestStrategy<User | VerifiedClaims>>();
    // @ts-expect-error A transport is not a strategy
    expect(() => anyOf(auth, cookieTransport())).toThrow(TypeError);
  });

  test("pass the user, the claims and the request to allow", () => {
    const allow: AllowOptions<User>["allow"] = (user, claims, req) => {
      expectTypeOf(user).toEqualTypeOf<User>();
      expectTypeOf(claims).toEqualTypeOf<VerifiedClaims>();
      expectTypeOf(req).toEqualTypeOf<IncomingMessage>();
      return Promise.resolve(user.name === claims.name);
    };
    expect(auth.authorize({ allow })).toBeInstanceOf(Function);
    const inExpress = auth.authenticate({
      allow: (_user, _claims, req: Request) => req.secure,
    });
    expectTypeOf(inExpress).toEqualTypeOf<Handler>();
    // @ts-expect-error allow returns a boolean, not a user
    auth.authenticate({ allow: (user) => user.name });
  });

  test("identify a request without Express", async () => {
    expectTypeOf(
      auth.authenticateRequest,
    ).returns.resolves.toEqualTypeOf<AuthenticatedUser<User> | null>();
    const req = new IncomingMessage(new Socket());
    // @ts-expect-error authenticateRequest() has no option scope
    await expect(auth.authenticateRequest(req, { scope: "x" })).rejects.toThrow(TypeError);
  });

  test("pass the user who logs in to hooks and claims", () => {
    const login = createJwtStrategy({
      ...hmac,
      verifyCredentials: (): User => ann,
      claims: (user) => {
        expectTypeOf(user).toEqualTypeOf<User>();
        return { name: user.name };
      },
      onAfterLogin: (user, req: Request, res) => {
        expectTypeOf(user).toEqualTypeOf<User>();
        expectTypeOf(res).toEqualTypeOf<ServerResponse>();
        return req.ip;
      },
      onLoginFailed: (failure) => {
        expectTypeOf(failure).toEqualTypeOf<LoginFailure>();
      },
    });
    expectTypeOf(login).toEqualTypeOf<JwtStrategy<VerifiedClaims, User>>();
    expect(login.login).toBeInstanceOf(Function);
  });
});

describe("the handlers", () => {
  const auth = createJwtStrategy({ ...hmac, verifyCredentials: () => ann, findUser: () => ann });

  test("are Express request handlers", () => {
    expectTypeOf(auth.authenticate()).toEqualTypeOf<Handler>();
    expectTypeOf<Handler>().toExtend<RequestHandler>();
    const handlers: RequestHandler[] = [auth.authenticate(), auth.login, auth.logout, auth.refresh];
    expectTypeOf<(typeof auth)["jwks"]>().toEqualTypeOf<Handler>();
    const app = express();
    app.use(auth.authenticate());
    app.use("/api", ...handlers);
    express.Router().use(auth.authenticate()).post("/login", auth.login);
    expect(handlers).toHaveLength(4);
  });

  test("keep the types of route parameters that Express infers", () => {
    const app = express();
    app.get("/users/:id", auth.authenticate(), (req, res) => {
      expectTypeOf(req.params).toEqualTypeOf<{ id: string }>();
      expectTypeOf(req.params.id).toEqualTypeOf<string>();
      // @ts-expect-error The path has no such parameter
      res.json(req.params.name);
    });
    expect(app).toBeInstanceOf(Function);
  });
});

describe("AuthError", () => {
  test("is narrowed by instanceof", () => {
    const caught: unknown = new TokenExpiredError();
    if (!(caught instanceof AuthError)) throw new TypeError("a refusal is an AuthError");
    expectTypeOf(caught.status).toEqualTypeOf<400 | 401 | 403>();
    expectTypeOf(caught.code).toBeString();
    expectTypeOf(caught.reason).toEqualTypeOf<AuthErrorReason>();
    expectTypeOf<TokenExpiredError>().toExtend<InvalidTokenError>();
    expectTypeOf<LoginError>().toExtend<AuthError>();
    expect(caught).toBeInstanceOf(InvalidTokenError);
    expect(caught).not.toBeInstanceOf(LoginError);
  });

  test("has only known reasons", () => {
    // @ts-expect-error Not a known reason
    expect(new InvalidTokenError("because").reason).toBe("because");
  });
});
