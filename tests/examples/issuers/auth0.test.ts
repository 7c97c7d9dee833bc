import { afterAll, beforeAll, describe, test } from "@jest/globals";
import express from "express";
import request, { type Test } from "supertest";
import { createAuth0Router } from "../../../examples/issuers/auth0.ts";
import { expectMissingScope, expectRefusal } from "../../support/expect-refusal.ts";
import {
  createCertificate,
  createProviderKey,
  expiredTimes,
  publishKeys,
  validTimes,
} from "../../support/provider.ts";
import type { RunningServer } from "../../support/server.ts";

const API = "https://api.example/";
const CLIENT_ID = "qHmIoaHBqJIzCtpJXDHPbNLfUzMpQCkm";
const OTHER_TENANT = "https://other-tenant.example/";

// A tenant always publishes its current key and its next one.
const { x5c, x5t } = createCertificate();
const current = createProviderKey({ alg: "RS256", x5c, x5t });
const next = createProviderKey({ alg: "RS256", x5c, x5t });
const unpublished = createProviderKey();

const app = express();
let server: RunningServer;
let issuer: string;

beforeAll(async () => {
  server = await publishKeys("/.well-known/jwks.json", current, next);
  issuer = `${server.url}/`;
  app.use(createAuth0Router({ issuer, audience: API }));
});
afterAll(() => server.close());

function accessClaims(changes: object = {}): object {
  return {
    iss: issuer,
    sub: "auth0|123456",
    aud: [API, `${issuer}userinfo`],
    ...validTimes(),
    scope: "openid profile read:reports",
    azp: CLIENT_ID,
    ...changes,
  };
}

/** An ID token of the application with this client ID. */
function idClaims(aud: string): object {
  return {
    nickname: "ada",
    name: "Ada Lovelace",
    picture: "https://pictures.example/ada.png",
    updated_at: "2026-01-01T00:00:00.000Z",
    email: "ada@example.com",
    email_verified: true,
    iss: issuer,
    aud,
    sub: "auth0|123456",
    ...validTimes(),
    sid: "4nXwQ7pYc5",
    nonce: "bm9uY2U",
  };
}

function get(token: string): Test {
  return request(app).get("/reports").auth(token, { type: "bearer" });
}

describe("the example for Auth0", () => {
  test("accepts an access token of the Auth0 profile", () =>
    get(current.sign(accessClaims())).expect(200, { sub: "auth0|123456" }));

  test("accepts an access token of the RFC 9068 profile", () => {
    const claims = accessClaims({ azp: undefined, client_id: CLIENT_ID, jti: "73WakrfVbNJBaAmh" });
    return get(current.sign(claims, { typ: "at+jwt" })).expect(200, { sub: "auth0|123456" });
  });

  test("accepts a token that is signed with the next key", () =>
    get(next.sign(accessClaims())).expect(200, { sub: "auth0|123456" }));

  test("accepts a token of the client credentials flow", () => {
    const claims = { sub: `${CLIENT_ID}@clients`, aud: API, gty: "client-credentials" };
    return get(current.sign(accessClaims(claims))).expect(200, { sub: `${CLIENT_ID}@clients` });
  });

  test.each<[string, () => string]>([
    ["of another tenant", () => unpublished.sign(accessClaims({ iss: OTHER_TENANT }))],
    ["that names another tenant", () => current.sign(accessClaims({ iss: OTHER_TENANT }))],
    [
      "for another API",
      () => current.sign(accessClaims({ aud: ["https://other.example/", `${issuer}userinfo`] })),
    ],
    ["that is an ID token", () => current.sign(idClaims(CLIENT_ID))],
    ["that is signed with a key that is not published", () => unpublished.sign(accessClaims())],
    [
      "that names a published key, and is signed with another",
      () => unpublished.sign(accessClaims(), { kid: current.kid }),
    ],
  ])("refuses a token %s", async (_what, sign) => {
    await expectRefusal(get(sign()), 401, "invalid_token");
  });

  test("refuses an expired token", async () => {
    const token = current.sign(accessClaims(expiredTimes()));
    await expectRefusal(get(token), 401, "invalid_token", "The access token expired");
  });

  test("refuses a token without the scope of the route, and names the scope", async () => {
    const token = current.sign(accessClaims({ scope: "openid profile" }));
    await expectMissingScope(get(token), "read:reports");
  });

  test("refuses an ID token even of an application whose client ID is the audience, because it has no scope", async () => {
    await expectMissingScope(get(current.sign(idClaims(API))), "read:reports");
  });
});
