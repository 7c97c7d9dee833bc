import { afterEach, describe, expect, jest, test } from "@jest/globals";
import {
  createJwtStrategy,
  type FindUser,
  type JwtStrategy,
  type OnAuthError,
} from "express-jwt-strategy";
import express, { type ErrorRequestHandler, type Express } from "express";
import supertest from "supertest";
import { expectRefusal } from "../support/expect-refusal.ts";
import { forge, goodClaims, nowInSeconds } from "../support/forge.ts";
import { generateRsaPair, hmacSecret, rsaPair, signingKey } from "../support/keys.ts";
import { sendLines, serve } from "../support/server.ts";

interface User {
  readonly isActive?: unknown;
  readonly isVerified?: unknown;
}
interface Options {
  readonly requiresVerification?: boolean;
  readonly onAuthError?: OnAuthError;
}

const KEY = signingKey("HS256");
const GOOD_TOKEN = forge("HS256", KEY);

function createAuth(findUser: FindUser<User>, options: Options = {}): JwtStrategy<User> {
  return createJwtStrategy({ secret: hmacSecret, lifetimeSeconds: 3600, findUser, ...options });
}

describe("logout", () => {
  function appOf(auth: Pick<JwtStrategy<User>, "authenticate" | "logout">): Express {
    const app = express().post("/logout", auth.logout);
    app.get("/me", auth.authenticate(), (_req, res) => res.send("still here"));
    return app;
  }

  function logOut(app: Express, token = GOOD_TOKEN): supertest.Test {
    return supertest(app).post("/logout").auth(token, { type: "bearer" });
  }

  async function expectLoggedOut(app: Express, token?: string): Promise<void> {
    const { status, headers, text } = await logOut(app, token);
    expect({ status, text, caching: headers["cache-control"] }).toEqual({
      status: 204,
      text: "",
      caching: "no-store",
    });
    expect(headers).not.toHaveProperty("content-type");
    expect(headers).not.toHaveProperty("www-authenticate");
  }

  test("answers 204 to a valid token, repeatedly, and the token stays valid", async () => {
    const app = appOf(createAuth(() => ({})));
    await expectLoggedOut(app);
    await expectLoggedOut(app);
    const me = await supertest(app).get("/me").auth(GOOD_TOKEN, { type: "bearer" });

    expect(me.text).toBe("still here");
  });

  test("does not require a signing secret", async () => {
    const auth = createJwtStrategy({
      algorithm: "RS256",
      publicKey: rsaPair.publicKey,
      lifetimeSeconds: 3600,
      findUser: () => ({}),
    });

    await expectLoggedOut(appOf(auth), forge("RS256", rsaPair.privateKey));
  });

  describe("refuses, like authenticate(),", () => {
    const findUser = jest.fn<FindUser<User>>();
    const app = appOf(createAuth(findUser));
    afterEach(() => expect(findUser).not.toHaveBeenCalled());

    test("a request without credentials", async () => {
      await expectRefusal(supertest(app).post("/logout"), 401);
    });

    test("credentials of another scheme", async () => {
      await expectRefusal(supertest(app).post("/logout").auth("ada", "l0velace"), 401);
    });

    test.each([
      ["a scheme without a token", "Bearer"],
      ["text after the token", `Bearer ${GOOD_TOKEN} junk`],
      ["two credentials", `Bearer ${GOOD_TOKEN}, Bearer x`],
    ])("malformed credentials: %s", async (_what, authorization) => {
      const request = supertest(app).post("/logout").set("Authorization", authorization);

      await expectRefusal(request, 400, "invalid_request");
    });

    test("two Authorization lines", async () => {
      const server = await serve(app);
      const line = `Authorization: Bearer ${GOOD_TOKEN}`;
      const request = ["POST /logout HTTP/1.1", "Host: x", "Content-Length: 0", line, line];
      const { status, headers, body } = await sendLines(server.port, request);
      await server.close();

      expect(status).toBe(400);
      expect(headers.get("www-authenticate")).toEqual([
        'Bearer realm="api", error="invalid_request", error_description="The Authorization header is malformed"',
      ]);
      expect(headers.get("cache-control")).toEqual(["no-store"]);
      expect(JSON.parse(body)).toEqual({
        detail: "Bad Request",
        error: "invalid_request",
        error_description: "The Authorization header is malformed",
      });
    });

    test.each([
      ["a malformed token", "garbage"],
      ["a token of another key", forge("RS256", generateRsaPair().privateKey)],
      ["a token for another audience", forge("HS256", KEY, goodClaims({ aud: ["another"] }))],
    ])("%s", async (_what, token) => {
      await expectRefusal(logOut(app, token), 401, "invalid_token");
    });

    test("an expired token", async () => {
      const expired = forge("HS256", KEY, goodClaims({ exp: nowInSeconds() - 1 }));

      await expectRefusal(logOut(app, expired), 401, "invalid_token", "The access token expired");
    });

    test("a token in the URL or in the body", async () => {
      const request = supertest(app)
        .post(`/logout?access_token=${GOOD_TOKEN}`)
        .type("form")
        .send({ access_token: GOOD_TOKEN });

      await expectRefusal(request, 401);
    });
  });

  test.each<User | null | undefined | false>([null, undefined, false, { isActive: false }])(
    "refuses a token if findUser returns %j",
    async (user) => {
      await expectRefusal(logOut(appOf(createAuth(() => user))), 401, "invalid_token");
      const later = createAuth(() => Promise.resolve(user));
      await expectRefusal(logOut(appOf(later)), 401, "invalid_token");
    },
  );

  test.each([undefined, true, 1])(
    "answers 204 to a user whose isActive is %p",
    async (isActive) => {
      await expectLoggedOut(appOf(createAuth(() => ({ isActive }))));
    },
  );

  test.each([undefined, null, false, 0, "true"])(
    "refuses a user whose isVerified is %p if verification is required",
    async (isVerified) => {
      const auth = createAuth(() => ({ isVerified }), { requiresVerification: true });

      await expectRefusal(logOut(appOf(auth)), 403, "insufficient_scope");
      await expectLoggedOut(appOf(createAuth(() => ({ isVerified }))));
    },
  );

  test("answers 204 to a verified user if verification is required", async () => {
    const auth = createAuth(() => ({ isVerified: true }), { requiresVerification: true });

    await expectLoggedOut(appOf(auth));
  });

  test("reports an inactive user before an unverified one", async () => {
    const auth = createAuth(() => ({ isActive: false }), { requiresVerification: true });

    await expectRefusal(logOut(appOf(auth)), 401, "invalid_token");
  });

  test("checks only the token without findUser", async () => {
    const auth = createJwtStrategy({
      secret: hmacSecret,
      lifetimeSeconds: 3600,
      requiresVerification: true,
    });
    const app = express().post("/logout", auth.logout);

    await expectLoggedOut(app, forge("HS256", KEY, goodClaims({ isActive: false })));
    await expectRefusal(logOut(app, "garbage"), 401, "invalid_token");
  });

  test.each<[string, unknown]>([
    ["undefined", undefined],
    ["null", null],
    ["0", 0],
    ["an empty string", ""],
    ['"route"', "route"],
    ['"router"', "router"],
    ["an Error", new Error("database down")],
  ])("answers 500 if findUser throws %s or rejects with it", async (_what, thrown) => {
    const failing: FindUser<User>[] = [
      () => {
        throw thrown;
      },
      () => Promise.resolve().then(() => Promise.reject(thrown as Error)),
    ];
    for (const findUser of failing) {
      const onAuthError = jest.fn<OnAuthError>();
      const errors: unknown[] = [];
      const app = express().use(createAuth(findUser, { onAuthError }).logout);
      app.post("/logout", (_req, res) => res.send("let in"));
      app.use(recordInto(errors));
      const response = await logOut(app);

      expect(response.status).toBe(500);
      expect(response.headers).not.toHaveProperty("www-authenticate");
      expect(errors).toEqual([expect.any(Error)]);
      expect(onAuthError).not.toHaveBeenCalled();
    }
  });

  test.each([
    ["its 204", GOOD_TOKEN],
    ["a refusal", "garbage"],
  ])("does not add %s to a response that the app has sent", async (_what, token) => {
    const { logout } = createAuth(() => ({}));
    const app = express().post("/logout", (req, res, next) => {
      res.status(503).end("busy");
      logout(req, res, next);
    });
    const errors: unknown[] = [];
    const response = await logOut(app.use(recordInto(errors)), token);

    expect([response.status, response.text]).toEqual([503, "busy"]);
    expect(errors).toEqual([]);
  });
});

describe("the logout of a strategy", () => {
  test("throws an error that names the fix if it is called without a request", () => {
    const call = createAuth(() => null).logout as () => void;

    expect(() => call()).toThrow(
      new TypeError("This is a request handler: pass it to Express, do not call it"),
    );
  });
});

function recordInto(errors: unknown[]): ErrorRequestHandler {
  return (error, _req, _res, next) => {
    errors.push(error);
    next(error);
  };
}
