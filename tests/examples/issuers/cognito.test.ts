import { afterAll, beforeAll, describe, test } from "@jest/globals";
import express from "express";
import request, { type Test } from "supertest";
import { createCognitoRouter } from "../../../examples/issuers/cognito.ts";
import { expectRefusal } from "../../support/expect-refusal.ts";
import {
  createProviderKey,
  expiredTimes,
  publishKeys,
  validTimes,
  type ProviderKey,
} from "../../support/provider.ts";
import type { RunningServer } from "../../support/server.ts";

const SUB = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";
const CLIENT_ID = "57cbishk4j24pabc1234567890";
const POOL = "/eu-central-1_example";
const OTHER_POOL = "/eu-central-1_another";

// A user pool has two keys: one signs ID tokens, the other access tokens.
const idKey = createProviderKey({ alg: "RS256" });
const accessKey = createProviderKey({ alg: "RS256" });
const unpublished = createProviderKey();

const app = express();
let server: RunningServer;

beforeAll(async () => {
  server = await publishKeys(`${POOL}/.well-known/jwks.json`, idKey, accessKey);
  app.use(createCognitoRouter({ issuer: server.url + POOL, clientId: CLIENT_ID }));
});
afterAll(() => server.close());

/** The header has only a kid and an alg. */
function sign(key: ProviderKey, claims: object, header: object = {}): string {
  return key.sign(claims, { typ: undefined, ...header });
}

function accessClaims(changes: object = {}): object {
  return {
    sub: SUB,
    "cognito:groups": ["analysts"],
    iss: server.url + POOL,
    version: 2,
    client_id: CLIENT_ID,
    origin_jti: "11111111-2222-3333-4444-555555555555",
    event_id: "66666666-7777-8888-9999-000000000000",
    token_use: "access",
    scope: "openid profile email",
    auth_time: validTimes().iat,
    ...validTimes(),
    jti: "bbbbbbbb-cccc-dddd-eeee-ffffffffffff",
    username: "ada",
    ...changes,
  };
}

function idClaims(changes: object = {}): object {
  return {
    sub: SUB,
    "cognito:groups": ["analysts"],
    email_verified: true,
    iss: server.url + POOL,
    "cognito:username": "ada",
    origin_jti: "11111111-2222-3333-4444-555555555555",
    aud: CLIENT_ID,
    event_id: "66666666-7777-8888-9999-000000000000",
    token_use: "id",
    auth_time: validTimes().iat,
    ...validTimes(),
    jti: "cccccccc-dddd-eeee-ffff-000000000000",
    email: "ada@example.com",
    ...changes,
  };
}

function get(token: string): Test {
  return request(app).get("/reports").auth(token, { type: "bearer" });
}

describe("the example for Amazon Cognito", () => {
  test("accepts an access token", () =>
    get(sign(accessKey, accessClaims())).expect(200, { sub: SUB }));

  test("accepts an access token that has an audience, too", () => {
    const claims = accessClaims({ aud: "https://api.example/" });
    return get(sign(accessKey, claims)).expect(200, { sub: SUB });
  });

  test.each<[string, () => string]>([
    [
      "of another user pool",
      () => sign(unpublished, accessClaims({ iss: server.url + OTHER_POOL })),
    ],
    [
      "that names another user pool",
      () => sign(accessKey, accessClaims({ iss: server.url + OTHER_POOL })),
    ],
    [
      "of another app client",
      () => sign(accessKey, accessClaims({ client_id: "1example23456789" })),
    ],
    ["without an app client", () => sign(accessKey, accessClaims({ client_id: undefined }))],
    ["that is an ID token of the app client", () => sign(idKey, idClaims())],
    [
      "that is an ID token with a client_id, too",
      () => sign(idKey, idClaims({ client_id: CLIENT_ID })),
    ],
    ["that is signed with a key that is not published", () => sign(unpublished, accessClaims())],
    [
      "that names a published key, and is signed with another",
      () => sign(unpublished, accessClaims(), { kid: accessKey.kid }),
    ],
  ])("refuses a token %s", async (_what, createToken) => {
    await expectRefusal(get(createToken()), 401, "invalid_token");
  });

  test("refuses an expired token", async () => {
    const token = sign(accessKey, accessClaims(expiredTimes()));
    await expectRefusal(get(token), 401, "invalid_token", "The access token expired");
  });
});
