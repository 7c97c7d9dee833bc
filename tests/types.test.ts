import type { IncomingMessage, ServerResponse } from "node:http";
import { describe, expect, test } from "@jest/globals";
import {
  AuthError,
  InvalidTokenError,
  LoginError,
  TokenExpiredError,
  createJwtStrategy,
  dynamicStrategy,
  type AuthErrorReason,
  type CurrentUser,
  type Handler,
  type JwtStrategy,
  type JwtStrategyOptions,
  type RequestStrategy,
  type UserStrategyOptions,
  type VerifiedClaims,
} from "express-jwt-strategy";
import { expectTypeOf } from "expect-type";
import express, { type Request, type RequestHandler } from "express";
import { hmacSecret, rsaPair } from "./support/keys.ts";

// `tsc` judges this file: every `@ts-expect-error` must be an error, every `expectTypeOf` must hold.

interface User {
  readonly id: string;
  readonly name: string;
}

const hmac = { secret: hmacSecret, lifetimeSeconds: 3600 } as const;
const rsa = { algorithm: "RS256", lifetimeSeconds: 3600 } as const;
const ann: User = { id: "42", name: "Ann" };

describe("the user's type", () => {
  test("flows from findUser to currentUser and readToken", () => {
    const auth = createJwtStrategy({ ...hmac, findUser: (): User | null => ann });
    expectTypeOf(auth).toEqualTypeOf<JwtStrategy<User>>();
    expectTypeOf(auth.currentUser).toEqualTypeOf<CurrentUser<User>>();
    expectTypeOf<(typeof auth)["readToken"]>().returns.resolves.toEqualTypeOf<User | null>();
    const read = (req: Request): void => {
      expectTypeOf(auth.currentUser(req)).toEqualTypeOf<User>();
      expectTypeOf(auth.currentUser(req, { optional: true })).toEqualTypeOf<User | undefined>();
      // @ts-expect-error A user that is demanded cannot be asked for with optional: false
      auth.currentUser(req, { optional: false });
    };
    expect(read).toBeInstanceOf(Function);
  });

  test.each<[string, JwtStrategy<User>]>([
    ["a promise", createJwtStrategy({ ...hmac, findUser: () => Promise.resolve(ann) })],
    ["undefined", createJwtStrategy({ ...hmac, findUser: (): User | undefined => ann })],
    ["false", createJwtStrategy({ ...hmac, findUser: (id) => id === "42" && ann })],
    ["all of it", createJwtStrategy<User>({ ...hmac, findUser: () => Promise.resolve(null) })],
  ])("is found behind %s", (_case, auth) => {
    expect(auth.authenticate()).toBeInstanceOf(Function);
  });

  test("is the verified claims where there is no findUser", () => {
    const auth = createJwtStrategy(hmac);
    expectTypeOf(auth.currentUser).toEqualTypeOf<CurrentUser<VerifiedClaims>>();
    expectTypeOf<VerifiedClaims["sub"]>().toEqualTypeOf<string>();
    expectTypeOf<VerifiedClaims["role"]>().toBeUnknown();
    expect(auth.authenticate()).toBeInstanceOf(Function);
  });

  test("is the verified claims without findUser, whatever type argument is given", () => {
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
    expectTypeOf(auth.currentUser).toEqualTypeOf<CurrentUser<User>>();
    expectTypeOf<(typeof auth)["writeToken"]>()
      .parameter(0)
      .toEqualTypeOf<{ uid: string; hash: string }>();
    expect(auth.login).toBeInstanceOf(Function);
  });

  test("is that of the strategies under dynamicStrategy", () => {
    const tenants = new Map<string, JwtStrategy<User>>();
    const auth = dynamicStrategy((req: Request) => tenants.get(req.hostname));
    expectTypeOf(auth).toEqualTypeOf<RequestStrategy<User>>();
    const later = dynamicStrategy<User>(() => Promise.resolve(null));
    expectTypeOf(later.currentUser).toEqualTypeOf<CurrentUser<User>>();
    expect(Object.keys(later)).toEqual(Object.keys(auth));
  });
});

describe("the options that do not compile", () => {
  const refuse = (create: () => unknown): void => expect(create).toThrow(TypeError);

  test("no lifetimeSeconds", () => {
    // @ts-expect-error How long a token is valid is for the application to say
    refuse(() => createJwtStrategy({ secret: hmacSecret }));
  });

  test("no secret", () => {
    // @ts-expect-error HS256 signs and verifies with the secret
    refuse(() => createJwtStrategy({ lifetimeSeconds: 3600 }));
  });

  test("an environment variable that may be missing", () => {
    const secret: string | undefined = process.env.NO_SUCH_SECRET;
    // @ts-expect-error undefined is no secret
    refuse(() => createJwtStrategy({ secret, lifetimeSeconds: 3600 }));
  });

  test.each(["none", "hs256", "EdDSA"])("algorithm %s", (algorithm) => {
    // @ts-expect-error The algorithm is one of a list
    refuse(() => createJwtStrategy({ ...hmac, algorithm }));
  });

  test("algorithm none, to the letter", () => {
    // @ts-expect-error Unsigned tokens do not exist here
    refuse(() => createJwtStrategy({ ...hmac, algorithm: "none" }));
  });

  test("a publicKey without an algorithm that has one", () => {
    const { publicKey } = rsaPair;
    // @ts-expect-error HS256, the default, has no public key
    refuse(() => createJwtStrategy({ ...hmac, publicKey }));
    // @ts-expect-error Nor has HS512
    refuse(() => createJwtStrategy({ ...hmac, algorithm: "HS512", publicKey }));
    // @ts-expect-error Nor does a service verify HS256 without the secret
    refuse(() => createJwtStrategy({ lifetimeSeconds: 3600, publicKey }));
  });

  test("an unknown name", () => {
    // @ts-expect-error It is called tokenAudience
    refuse(() => createJwtStrategy({ ...hmac, audience: "us" }));
    const auth = createJwtStrategy(hmac);
    // @ts-expect-error authenticate() knows no scopes
    refuse(() => auth.authenticate({ scope: "admin" }));
    // @ts-expect-error optional is a boolean or "lenient"
    refuse(() => auth.authenticate({ optional: "yes" }));
  });
});

describe("the options that compile", () => {
  test.each<[string, JwtStrategy<VerifiedClaims>]>([
    [
      "a pair",
      createJwtStrategy({ ...rsa, secret: rsaPair.privateKey, publicKey: rsaPair.publicKey }),
    ],
    ["a private key alone", createJwtStrategy({ ...rsa, secret: rsaPair.privateKey })],
    ["a public key alone", createJwtStrategy({ ...rsa, publicKey: rsaPair.publicKey })],
    ["no lifetime", createJwtStrategy({ ...hmac, lifetimeSeconds: null })],
    [
      "a frozen list of audiences",
      createJwtStrategy({ ...hmac, tokenAudience: ["a", "b"] as const }),
    ],
    [
      "undefined for whatever may be left out",
      createJwtStrategy({
        ...hmac,
        tokenAudience: undefined,
        findUser: undefined,
        realm: undefined,
      }),
    ],
  ])("%s", (_case, auth) => {
    expect(auth.authenticate({ optional: undefined })).toBeInstanceOf(Function);
  });

  test("options that are put together elsewhere", () => {
    const options: UserStrategyOptions<User> = { ...hmac, findUser: () => ann };
    expectTypeOf(options).toExtend<JwtStrategyOptions<User>>();
    expectTypeOf(createJwtStrategy(options)).toEqualTypeOf<JwtStrategy<User>>();
    expect(createJwtStrategy(options)).toBeDefined();
  });

  test("callbacks whose req is Express's Request", () => {
    const auth = createJwtStrategy({
      ...hmac,
      verifyCredentials: (_credentials, req: Request) => (req.ip === "::1" ? ann : null),
      findUser: (id, _claims, req: Request | undefined) =>
        Promise.resolve({ id, host: req?.hostname }),
      onAuthError: (error, _req, res, next) => {
        expectTypeOf(error).toEqualTypeOf<AuthError>();
        expectTypeOf(res).toEqualTypeOf<ServerResponse>();
        next(error);
      },
    });
    expectTypeOf(auth).toExtend<JwtStrategy<{ id: string; host: string | undefined }, User>>();
    expect(auth.login).toBeInstanceOf(Function);
  });

  test("callbacks whose req is left to be inferred", () => {
    const auth = createJwtStrategy({
      ...hmac,
      findUser(id, claims, req) {
        expectTypeOf(id).toBeString();
        expectTypeOf(claims).toEqualTypeOf<VerifiedClaims>();
        expectTypeOf(req).toEqualTypeOf<IncomingMessage | undefined>();
        return { id };
      },
    });
    expect(auth.currentUser).toBeInstanceOf(Function);
  });
});

describe("the handlers", () => {
  const auth = createJwtStrategy({ ...hmac, verifyCredentials: () => ann, findUser: () => ann });

  test("are Express request handlers", () => {
    expectTypeOf(auth.authenticate()).toEqualTypeOf<Handler>();
    expectTypeOf<Handler>().toExtend<RequestHandler>();
    const handlers: RequestHandler[] = [auth.authenticate(), auth.login, auth.logout];
    const app = express();
    app.use(auth.authenticate());
    app.use("/api", ...handlers);
    express.Router().use(auth.authenticate()).post("/login", auth.login);
    expect(handlers).toHaveLength(3);
  });

  test("leave the types of the route's parameters as Express infers them", () => {
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
  test("is what instanceof tells from other errors, and narrows to", () => {
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

  test("has no code but its own reasons", () => {
    // @ts-expect-error A reason is one of a list
    expect(new InvalidTokenError("because").reason).toBe("because");
  });
});
