import { describe, expect, test } from "@jest/globals";
import { createJwtStrategy, type JwtStrategy, type OnAuthError } from "express-jwt-strategy";
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
    ["a text", 'Digest realm="old"', `Digest realm="old", ${CHALLENGE}`],
    ["a list", ["Negotiate", "NTLM"], `Negotiate, NTLM, ${CHALLENGE}`],
    ["a number", 7, `7, ${CHALLENGE}`],
    ["an empty list", [], CHALLENGE],
    ["one of another realm", 'Bearer realm="apis"', `Bearer realm="apis", ${CHALLENGE}`],
    [
      "one of its realm",
      [`${CHALLENGE}, error="invalid_token"`, "Negotiate"],
      `Negotiate, ${CHALLENGE}`,
    ],
  ])("joins what stands there already: %s", async (_what, before, expected) => {
    const answers = [createAuth(), createAuth(passOn)].map(async (auth) => {
      const app = express().use((_req, res, next) => {
        // As Node's own response takes it: Express would make a text of it.
        res.setHeader("WWW-Authenticate", before);
        next();
      });
      app.use(auth.authenticate());
      const response = await supertest(app).get("/");
      return [response.status, response.headers["www-authenticate"]];
    });

    expect(await Promise.all(answers)).toEqual([
      [401, expected],
      [401, expected],
    ]);
  });

  test.each([
    ["the same realm", "api", INVALID_TOKEN],
    ["another realm", "admin", `${INVALID_TOKEN}, ${INVALID_TOKEN.replace("api", "admin")}`],
  ])("of a second strategy of %s stands there once for each realm", async (_what, realm, both) => {
    const second = createAuth(undefined, realm).authenticate();
    const trySecond: ErrorRequestHandler = (_error, req, res, next) => second(req, res, next);
    const app = express().use(createAuth(passOn).authenticate(), trySecond);
    const response = await get(app, "garbage");

    expect([response.status, response.headers["www-authenticate"]]).toEqual([401, both]);
  });

  test("names the realm of the strategy, and leaves other strategies alone", async () => {
    const app = express().use("/a", createAuth(undefined, "a [realm]").authenticate());
    app.use("/b", createAuth().authenticate());

    await expectRefusal(supertest(app).get("/a"), 401, undefined, undefined, "a [realm]");
    await expectRefusal(supertest(app).get("/b"), 401);
  });

  test("adds nothing to the challenges of others where a login is refused", async () => {
    const app = express().use((_req, res, next) => {
      res.setHeader("WWW-Authenticate", "Negotiate");
      next();
    });
    app.use(createAuth().login);
    const response = await supertest(app).post("/");

    expect([response.status, response.headers["www-authenticate"]]).toEqual([400, "Negotiate"]);
  });

  test.each<[string, string | undefined]>([
    ["none", undefined],
    ["that of other middleware", "Negotiate"],
  ])("leaves %s behind where onAuthError fails: a 500 challenges nobody", async (_what, before) => {
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
  });
});
