import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { describe, expect, jest, test } from "@jest/globals";
import {
  anyOf,
  KeysUnavailableError,
  createJwtStrategy,
  dynamicStrategy,
  type AuthenticateOptions,
  type JwtStrategy,
  type OnAuthError,
  type RequestStrategy,
  type VerifiedClaims,
} from "express-jwt-strategy";
import { remoteJwks } from "express-jwt-strategy/remote-jwks";
import express, { type ErrorRequestHandler, type Express } from "express";
import request from "supertest";
import { expectRefusal } from "../support/expect-refusal.ts";
import { expectKeysUnavailable, expectServiceUnavailable } from "../support/expect-unavailable.ts";
import { forge } from "../support/forge.ts";
import { hmacSecret, signingKey } from "../support/keys.ts";

const token = forge("RS256", signingKey("RS256"));
const local = createJwtStrategy({ secret: hmacSecret, lifetimeSeconds: 3600 });
const localToken = forge("HS256", signingKey("HS256"));

/** Nobody listens here, and no server of a test can be given this port. */
const NOBODY = "http://127.0.0.1:2/jwks.json";

/** A strategy whose issuer is away. */
const strandedStrategy = (onAuthError?: OnAuthError): JwtStrategy<VerifiedClaims, { id: string }> =>
  createJwtStrategy({
    algorithm: "RS256",
    publicKey: remoteJwks(NOBODY),
    lifetimeSeconds: 3600,
    onAuthError,
  });

type Auth = RequestStrategy<VerifiedClaims>;

/** The ways to ask a strategy that cannot say whether a token is good. */
const WAYS: readonly (readonly [string, (auth: Auth) => Auth, AuthenticateOptions])[] = [
  ["authenticate()", (auth) => auth, {}],
  ["optional: true", (auth) => auth, { optional: true }],
  ['optional: "lenient"', (auth) => auth, { optional: "lenient" }],
  ["dynamicStrategy", (auth) => dynamicStrategy(() => auth), {}],
  ["anyOf, the first of two", (auth) => anyOf(auth, local), {}],
  ["anyOf, the second of two", (auth) => anyOf(local, auth), {}],
  ['anyOf, optional: "lenient"', (auth) => anyOf(local, auth), { optional: "lenient" }],
];

describe("anyOf() with an issuer that cannot be reached", () => {
  const throwsAtOnce = dynamicStrategy<VerifiedClaims>(() => {
    throw new KeysUnavailableError("timeout");
  });
  const TWO: readonly (readonly [string, () => Auth])[] = [
    ["first", () => anyOf(strandedStrategy(), local)],
    ["last", () => anyOf(local, strandedStrategy())],
    [
      "inside dynamicStrategy()",
      () =>
        anyOf(
          dynamicStrategy(() => strandedStrategy()),
          local,
        ),
    ],
    ["inside anyOf()", () => anyOf(anyOf(strandedStrategy()), local)],
    ["that fails at once", () => anyOf(throwsAtOnce, local)],
  ];

  function send(auth: Auth, sent?: string): request.Test {
    const app = express().use(auth.authenticate());
    app.get("/", (req, res) => void res.json(auth.currentUser(req).sub));
    const test = request(app).get("/");
    return sent === undefined ? test : test.set("Authorization", `Bearer ${sent}`);
  }

  test.each(TWO)(
    "accepts a token of another strategy: the issuer is %s",
    async (_place, create) => {
      expect((await send(create(), localToken)).body).toBe("42");
    },
  );

  test.each(TWO)(
    "answers 503 to a token that no strategy accepts: the issuer is %s",
    async (_place, create) => expectServiceUnavailable(await send(create(), token)),
  );

  test.each(TWO.slice(0, 4))(
    "asks for credentials if there are none: the issuer is %s",
    async (_place, create) => expectRefusal(send(create()), 401),
  );

  test("answers 500 to another failure, without asking the next strategy", async () => {
    const failing = dynamicStrategy<VerifiedClaims>(() => {
      throw new Error("database is down");
    });
    const rejecting = dynamicStrategy<VerifiedClaims>(() =>
      Promise.reject(new Error("database is down")),
    );
    expect((await send(anyOf(failing, local), localToken)).status).toBe(500);
    expect((await send(anyOf(rejecting, local), localToken)).status).toBe(500);
  });
});

describe("a token of an issuer that cannot be reached", () => {
  function appOf(auth: Auth, options: AuthenticateOptions = {}): Express {
    const app = express();
    app.use((_req, res, next) => {
      res.status(404); // what earlier middleware has left here
      next();
    });
    app.get("/", auth.authenticate(options), (req, res) =>
      res.status(200).json(auth.currentUser(req, { optional: true })?.sub ?? "anonymous"),
    );
    return app;
  }

  test.each(WAYS)(
    "passes a KeysUnavailableError to the error handler, and answers 503 by default: %s",
    async (_way, wrap, options) => {
      const seen = jest.fn();
      const handleError: ErrorRequestHandler = (error, _req, res, next) => {
        seen(error, res.statusCode);
        next(error);
      };
      const app = appOf(wrap(strandedStrategy()), options).use(handleError);
      expectServiceUnavailable(await request(app).get("/").auth(token, { type: "bearer" }));

      expect(seen.mock.calls).toEqual([[expect.anything(), 503]]);
      expectKeysUnavailable(seen.mock.calls[0]?.[0], "unreachable");
    },
  );

  test("gets a 503 at logout", async () => {
    const app = express().post("/logout", strandedStrategy().logout);
    expectServiceUnavailable(await request(app).post("/logout").auth(token, { type: "bearer" }));
  });

  test("is not a refusal: onAuthError is not called, and no event is published", async () => {
    const onAuthError = jest.fn<OnAuthError>();
    const listener = jest.fn();
    subscribe("express-jwt-strategy:authenticate", listener);
    const app = appOf(strandedStrategy(onAuthError));
    expectServiceUnavailable(await request(app).get("/").auth(token, { type: "bearer" }));
    unsubscribe("express-jwt-strategy:authenticate", listener);

    expect(onAuthError).not.toHaveBeenCalled();
    expect(listener).not.toHaveBeenCalled();
  });

  test("does not affect requests without a token", async () => {
    const auth = strandedStrategy();
    await expectRefusal(request(appOf(auth)).get("/"), 401);
    const response = await request(appOf(auth, { optional: true })).get("/");
    expect([response.status, response.body]).toEqual([200, "anonymous"]);
  });

  test("does not affect a strategy that anyOf() asks before", async () => {
    const app = appOf(anyOf(local, strandedStrategy()));
    await request(app).get("/").auth(localToken, { type: "bearer" }).expect(200, '"42"');
  });
});

describe("a token of an issuer that cannot be reached, without a response,", () => {
  test("makes readToken reject", async () => {
    const auth = strandedStrategy();
    const error: unknown = await auth.readToken(token).catch((thrown: unknown) => thrown);
    expectKeysUnavailable(error, "unreachable");
  });

  test.each(WAYS)("makes authenticateRequest reject: %s", async (_way, wrap, options) => {
    const auth = wrap(strandedStrategy());
    const req = new IncomingMessage(new Socket());
    req.headers.authorization = `Bearer ${token}`;
    const error: unknown = await auth
      .authenticateRequest(req, options)
      .catch((thrown: unknown) => thrown);

    expectKeysUnavailable(error, "unreachable");
    expect(() => auth.currentUser(req)).toThrow();
  });
});
