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

/** No server listens on this port, and the system does not assign it to servers of tests. */
const UNREACHABLE_URL = "http://127.0.0.1:2/jwks.json";

/** A strategy with an unreachable issuer. */
const createUnreachable = (
  onAuthError?: OnAuthError,
): JwtStrategy<VerifiedClaims, { id: string }> =>
  createJwtStrategy({
    algorithm: "RS256",
    publicKey: remoteJwks(UNREACHABLE_URL),
    lifetimeSeconds: 3600,
    onAuthError,
  });

type Auth = RequestStrategy<VerifiedClaims>;

/** Strategies and options for a request with an unreachable issuer. */
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
  const throwing = dynamicStrategy<VerifiedClaims>(() => {
    throw new KeysUnavailableError("timeout");
  });
  const TWO: readonly (readonly [string, () => Auth])[] = [
    ["the first strategy", () => anyOf(createUnreachable(), local)],
    ["the last strategy", () => anyOf(local, createUnreachable())],
    [
      "a strategy inside dynamicStrategy()",
      () =>
        anyOf(
          dynamicStrategy(() => createUnreachable()),
          local,
        ),
    ],
    ["a strategy inside anyOf()", () => anyOf(anyOf(createUnreachable()), local)],
    ["a strategy that throws synchronously", () => anyOf(throwing, local)],
  ];

  function send(auth: Auth, sent?: string): request.Test {
    const app = express().use(auth.authenticate());
    app.get("/", (req, res) => void res.json(auth.currentUser(req).sub));
    const test = request(app).get("/");
    return sent === undefined ? test : test.set("Authorization", `Bearer ${sent}`);
  }

  test.each(TWO)(
    "accepts a token of another strategy if the issuer is that of %s",
    async (_place, create) => {
      expect((await send(create(), localToken)).body).toBe("42");
    },
  );

  test.each(TWO)(
    "answers 503 to a token that no strategy accepts if the issuer is that of %s",
    async (_place, create) => expectServiceUnavailable(await send(create(), token)),
  );

  test.each(TWO.slice(0, 4))(
    "answers 401 to a request without credentials if the issuer is that of %s",
    async (_place, create) => expectRefusal(send(create()), 401),
  );

  test("answers 500 to another failure, without trying the next strategy", async () => {
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
      res.status(404); // as earlier middleware may do
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
      const app = appOf(wrap(createUnreachable()), options).use(handleError);
      expectServiceUnavailable(await request(app).get("/").auth(token, { type: "bearer" }));

      expect(seen.mock.calls).toEqual([[expect.anything(), 503]]);
      expectKeysUnavailable(seen.mock.calls[0]?.[0], "unreachable");
    },
  );

  test("gets a 503 at logout", async () => {
    const app = express().post("/logout", createUnreachable().logout);
    expectServiceUnavailable(await request(app).post("/logout").auth(token, { type: "bearer" }));
  });

  test("is not a refusal: onAuthError is not called, and no event is published", async () => {
    const onAuthError = jest.fn<OnAuthError>();
    const listener = jest.fn();
    subscribe("express-jwt-strategy:authenticate", listener);
    const app = appOf(createUnreachable(onAuthError));
    expectServiceUnavailable(await request(app).get("/").auth(token, { type: "bearer" }));
    unsubscribe("express-jwt-strategy:authenticate", listener);

    expect(onAuthError).not.toHaveBeenCalled();
    expect(listener).not.toHaveBeenCalled();
  });

  test("does not affect requests without a token", async () => {
    const auth = createUnreachable();
    await expectRefusal(request(appOf(auth)).get("/"), 401);
    const response = await request(appOf(auth, { optional: true })).get("/");
    expect([response.status, response.body]).toEqual([200, "anonymous"]);
  });

  test("does not affect an earlier strategy of anyOf()", async () => {
    const app = appOf(anyOf(local, createUnreachable()));
    await request(app).get("/").auth(localToken, { type: "bearer" }).expect(200, '"42"');
  });
});

describe("a token of an issuer that cannot be reached, without a response,", () => {
  test("makes readToken reject", async () => {
    const auth = createUnreachable();
    const error: unknown = await auth.readToken(token).catch((thrown: unknown) => thrown);
    expectKeysUnavailable(error, "unreachable");
  });

  test.each(WAYS)("makes authenticateRequest reject: %s", async (_way, wrap, options) => {
    const auth = wrap(createUnreachable());
    const req = new IncomingMessage(new Socket());
    req.headers.authorization = `Bearer ${token}`;
    const error: unknown = await auth
      .authenticateRequest(req, options)
      .catch((thrown: unknown) => thrown);

    expectKeysUnavailable(error, "unreachable");
    expect(() => auth.currentUser(req)).toThrow();
  });
});
