import { describe, expect, test } from "@jest/globals";
import { createJwtStrategy } from "express-jwt-strategy";
import express from "express";
import { describeStrategy } from "express-jwt-strategy/openapi";
import request from "supertest";
import { forge } from "../../support/forge.ts";
import { hmacSecret, signingKey } from "../../support/keys.ts";
import {
  documentOf,
  expectDescribed,
  PATHS,
  createSchemaValidator,
} from "../../support/openapi.ts";

describe("responses that the app writes", () => {
  test("have only status and headers in the description if onAuthError is set", async () => {
    const auth = createJwtStrategy({
      secret: hmacSecret,
      lifetimeSeconds: 3600,
      verifyCredentials: () => null,
      findUser: () => null,
      onAuthError: (_error, _req, res) => res.end(),
    });
    const app = express().post(PATHS.loginPath, auth.login).post(PATHS.logoutPath, auth.logout);
    const document = documentOf(auth);
    const validate = createSchemaValidator(document);
    const responses = Object.values(document.paths).map(({ post }) => post.responses);
    for (const refused of [document.components.responses, ...responses].flatMap(Object.entries)) {
      const [status, response] = refused as [string, object];
      if (status !== "200") expect(response).not.toHaveProperty("content");
    }

    const login = await request(app)
      .post(PATHS.loginPath)
      .send({ username: "ada", password: "wrong" });
    const logout = await request(app).post(PATHS.logoutPath);
    expect([login.status, logout.status]).toEqual([400, 401]);
    expectDescribed(validate, document.paths[PATHS.loginPath]?.post.responses["400"], login);
    expectDescribed(validate, document.paths[PATHS.logoutPath]?.post.responses["401"], logout);
  });

  test("have no body in the description if they are server errors", async () => {
    const fail = (): never => {
      throw new Error("The database is down");
    };
    const auth = createJwtStrategy({
      secret: hmacSecret,
      lifetimeSeconds: 3600,
      verifyCredentials: fail,
      findUser: fail,
    });
    const token = forge("HS256", signingKey("HS256"));
    const app = express()
      .set("env", "test")
      .post(PATHS.loginPath, auth.login)
      .post(PATHS.logoutPath, auth.logout)
      .post(PATHS.refreshPath, auth.refresh);
    for (const path of Object.values(PATHS)) {
      const response = await request(app)
        .post(path)
        .auth(token, { type: "bearer" })
        .send({ username: "ada", password: "analytical-engine" });
      expect([path, response.status]).toEqual([path, 500]);
      expect(describeStrategy(auth, PATHS).paths[path]?.post.responses["5XX"]).toEqual({
        description: "A server error. The app's error handler writes the body.",
      });
    }
  });
});
