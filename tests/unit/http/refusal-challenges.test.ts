import { describe, expect, test } from "@jest/globals";
import {
  AuthError,
  createJwtStrategy,
  type JwtStrategy,
  type OnAuthError,
} from "express-jwt-strategy";
import express, { type ErrorRequestHandler, type Express } from "express";
import supertest from "supertest";
import { expectRefusal } from "../../support/expect-refusal.ts";
import { hmacSecret } from "../../support/keys.ts";

const CHALLENGE = 'Bearer realm="api"';
const INVALID_TOKEN = `${CHALLENGE}, error="invalid_token", error_description="The access token is invalid"`;

function createAuth(onAuthError?: OnAuthError, realm?: string): JwtStrategy<unknown> {
  return createJwtStrategy<unknown>({
    secret: hmacSecret,
    lifetimeSeconds: 3600,
    findUser: () => null,
    verifyCredentials: () => null,
    onAuthError,
    realm,
  });
}

const passOn: OnAuthError = (error, _req, _res, next) => next(error);

function get(app: Express, token: string): supertest.Test {
  return supertest(app).get("/").set("Authorization", `Bearer ${token}`);
}

describe("the challenge of a refusal", () => {
  test.each<[string, string | string[] | number, string]>([
    ["a string", 'Digest realm="old"', `Digest realm="old", ${CHALLENGE}`],
    ["a list", ["Negotiate", "NTLM"], `Negotiate, NTLM, ${CHALLENGE}`],
    ["a number", 7, `7, ${CHALLENGE}`],
    ["an empty list", [], CHALLENGE],
    ["a challenge of another realm", 'Bearer realm="apis"', `Bearer realm="apis", ${CHALLENGE}`],
    [
      "a challenge of its own realm",
      [`${CHALLENGE}, error="invalid_token"`, "Negotiate"],
      `Negotiate, ${CHALLENGE}`,
    ],
  ])("is added to an existing header: %s", async (_what, before, expected) => {
    const responses = [createAuth(), createAuth(passOn)].map(async (auth) => {
      const app = express().use((_req, res, next) => {
        // Not res.set(), which converts the value to a string.
        res.setHeader("WWW-Authenticate", before);
        next();
      });
      app.use(auth.authenticate());
      const response = await supertest(app).get("/");
      return [response.status, response.headers["www-authenticate"]];
    });

    expect(await Promise.all(responses)).toEqual([
      [401, expected],
      [401, expected],
    ]);
  });

  test.each([
    ["the same realm", "api", INVALID_TOKEN],
    ["another realm", "admin", `${INVALID_TOKEN}, ${INVALID_TOKEN.replace("api", "admin")}`],
  ])(
    "is sent once for each realm if a second strategy with %s refuses, too",
    async (_what, realm, both) => {
      const second = createAuth(undefined, realm).authenticate();
      const trySecond: ErrorRequestHandler = (_error, req, res, next) => second(req, res, next);
      const app = express().use(createAuth(passOn).authenticate(), trySecond);
      const response = await get(app, "garbage");

      expect([response.status, response.headers["www-authenticate"]]).toEqual([401, both]);
    },
  );

  test("names the realm of its strategy only", async () => {
    const app = express().use("/a", createAuth(undefined, "a [realm]").authenticate());
    app.use("/b", createAuth().authenticate());

    await expectRefusal(supertest(app).get("/a"), 401, undefined, undefined, "a [realm]");
    await expectRefusal(supertest(app).get("/b"), 401);
  });

  test("is not added for a refused login, which keeps the challenges of other middleware", async () => {
    const app = express().use((_req, res, next) => {
      res.setHeader("WWW-Authenticate", "Negotiate");
      next();
    });
    app.use(createAuth().login);
    const response = await supertest(app).post("/");

    expect([response.status, response.headers["www-authenticate"]]).toEqual([400, "Negotiate"]);
  });

  test.each<[string, string | undefined]>([
    ["no challenge", undefined],
    ["only the challenge of other middleware", "Negotiate"],
  ])(
    "is removed if onAuthError fails, because a 500 has no challenge: %s is left",
    async (_what, before) => {
      const failing = createAuth(() => {
        throw new Error("template missing");
      });
      const app = express().use((_req, res, next) => {
        if (before !== undefined) res.setHeader("WWW-Authenticate", before);
        next();
      });
      app.use(failing.authenticate());
      const response = await supertest(app).get("/");

      expect([response.status, response.headers["www-authenticate"]]).toEqual([500, before]);
    },
  );
});

describe("the challenges of other middleware", () => {
  const DIGEST = 'Digest realm="a, b", nonce="x"';

  test.each<[string, string | string[], string[]]>([
    [
      "of another scheme with the same realm",
      'Basic realm="api"',
      ['Basic realm="api"', CHALLENGE],
    ],
    ["several in one string", `Negotiate, ${CHALLENGE}`, [`Negotiate, ${CHALLENGE}`, CHALLENGE]],
    ["of a longer realm", 'Bearer realm="api2"', ['Bearer realm="api2"', CHALLENGE]],
    ["without a realm", "Bearer", ["Bearer", CHALLENGE]],
    ["with commas in quotes", DIGEST, [DIGEST, CHALLENGE]],
    [
      "of its own realm, in a list of others",
      ["Negotiate", INVALID_TOKEN, DIGEST],
      ["Negotiate", DIGEST, CHALLENGE],
    ],
  ])("are kept, except for those of its own realm: %s", async (_what, present, expected) => {
    for (const onAuthError of [undefined, passOn]) {
      const seen: unknown[] = [];
      const app = express().use((_req, res, next) => {
        res.setHeader("WWW-Authenticate", present);
        next();
      });
      app.use(createAuth(onAuthError).authenticate());
      app.use(((error: { headers: Record<string, unknown> }, _req, res, next) => {
        seen.push(error.headers["WWW-Authenticate"]);
        next(error);
      }) as ErrorRequestHandler);
      const response = await supertest(app).get("/");
      expect([response.status, response.headers["www-authenticate"]]).toEqual([
        401,
        expected.join(", "),
      ]);
      expect(seen).toEqual(onAuthError === undefined ? [] : [expected]);
    }
  });
});

describe("onAuthError", () => {
  /** Refuses a request after other middleware has set a challenge. */
  async function refuse(
    onAuthError: OnAuthError,
    errors: unknown[] = [],
  ): Promise<supertest.Response> {
    const app = express().use((_req, res, next) => {
      res.setHeader("WWW-Authenticate", "Negotiate");
      next();
    });
    app.use(createAuth(onAuthError).authenticate());
    app.use(((error, _req, res, next) => {
      errors.push(error);
      if (res.headersSent) res.end();
      else if (error instanceof AuthError) next(error);
      else res.send("failed");
    }) as ErrorRequestHandler);
    return supertest(app).get("/");
  }

  test.each<[string, OnAuthError]>([
    [
      "throws",
      (error) => {
        throw error;
      },
    ],
    ["rejects with", (error) => Promise.reject(error)],
  ])("that %s the refusal keeps its status and challenge", async (_how, onAuthError) => {
    const { status, headers } = await refuse(onAuthError);
    expect([status, headers["www-authenticate"]]).toEqual([401, `Negotiate, ${CHALLENGE}`]);
  });

  test("that fails leaves the status 500 and the challenge of the other middleware", async () => {
    const failing: OnAuthError = () => {
      throw new Error("template missing");
    };
    const { status, headers } = await refuse(failing);
    expect([status, headers["www-authenticate"]]).toEqual([500, "Negotiate"]);
  });

  test("that sends the response synchronously ends the request", async () => {
    const errors: unknown[] = [];
    const response = await refuse((error, _req, res) => void res.end(error.code), errors);
    expect([response.status, response.text]).toEqual([401, "credentials_required"]);
    expect(errors).toEqual([]);
  });

  test("that fails after it has sent the headers does not change the status", async () => {
    const errors: unknown[] = [];
    const failure = new Error("stream broke");
    const failing: OnAuthError = (_error, _req, res) => {
      res.write("half");
      return Promise.reject(failure);
    };
    const response = await refuse(failing, errors);
    expect([response.status, response.text]).toEqual([401, "half"]);
    expect(errors).toEqual([failure]);
  });
});
