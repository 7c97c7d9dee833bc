import { describe, expect, test } from "@jest/globals";
import { createJwtStrategy } from "express-jwt-strategy";
import express from "express";
import request from "supertest";
import { forge } from "../../support/forge.ts";
import { hmacSecret, signingKey } from "../../support/keys.ts";
import { documentOf, expectDescribed, PATHS, schemaJudge } from "../../support/openapi.ts";

describe("what the app answers itself", () => {
  test("has a body of its own where it has onAuthError: only status and headers are described", async () => {
    const auth = createJwtStrategy({
      secret: hmacSecret,
      lifetimeSeconds: 3600,
      verifyCredentials: () => null,
      findUser: () => null,
      onAuthError: (_error, _req, res) => res.end(),
    });
    const app = express().post(PATHS.loginPath, auth.login).post(PATHS.logoutPath, auth.logout);
    const document = documentOf(auth);
    const judge = schemaJudge(document);
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
    expectDescribed(judge, document.paths[PATHS.loginPath]?.post.responses["400"], login);
    expectDescribed(judge, document.paths[PATHS.logoutPath]?.post.responses["401"], logout);
  });

  test("is a failure of the server, without a body that could be described", async () => {
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
      expect(auth.openapi(PATHS).paths[path]?.post.responses["5XX"]).toEqual({
        description: "The server failed. The body is that of its error handler.",
      });
    }
  });
});
