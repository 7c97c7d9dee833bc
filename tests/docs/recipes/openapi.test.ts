import { randomBytes } from "node:crypto";
import { expect, test } from "@jest/globals";
import express from "express";
import request from "supertest";
import { createJwtStrategy } from "express-jwt-strategy";

const ada = { id: "1", name: "Ada Lovelace" };
const auth = createJwtStrategy({
  secret: randomBytes(64),
  lifetimeSeconds: 3600,
  verifyCredentials: () => ada,
  findUser: (id) => (id === ada.id ? ada : null),
});
const app = express();

// Here because the README shows both together.
import { describeStrategy } from "express-jwt-strategy/openapi";

const { components, paths, security } = describeStrategy(auth, {
  loginPath: "/auth/login",
  logoutPath: "/auth/logout",
  refreshPath: "/auth/refresh",
});

const openApiDocument = {
  openapi: "3.1.1",
  info: { title: "My app", version: "1.0.0" },
  components,
  paths: {
    ...paths,
    "/me": {
      get: {
        security,
        responses: {
          "200": { description: "The user's name." },
          "401": { $ref: "#/components/responses/Unauthorized" },
        },
      },
    },
  },
};

app.get("/openapi.json", (_req, res) => {
  res.json(openApiDocument);
});

test("the document describes the handlers and the security schemes", async () => {
  const response = await request(app).get("/openapi.json").expect(200);
  expect(response.body).toMatchObject({
    components: {
      securitySchemes: { bearerAuth: { type: "http", scheme: "bearer", bearerFormat: "JWT" } },
      responses: { Unauthorized: { headers: { "WWW-Authenticate": {} } } },
    },
    paths: {
      "/auth/login": { post: { responses: { "200": {}, "400": {} } } },
      "/auth/logout": { post: { responses: { "204": {}, "401": {} } } },
      "/auth/refresh": { post: { responses: { "200": {}, "401": {} } } },
    },
  });
});
