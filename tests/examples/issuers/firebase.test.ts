import { afterAll, beforeAll, describe, test } from "@jest/globals";
import express from "express";
import request, { type Test } from "supertest";
import { createFirebaseRouter } from "../../../examples/issuers/firebase.ts";
import { expectRefusal } from "../../support/expect-refusal.ts";
import {
  createProviderKey,
  expiredTimes,
  publishKeys,
  validTimes,
} from "../../support/provider.ts";
import type { RunningServer } from "../../support/server.ts";

const PROJECT = "my-project";
const OTHER_PROJECT = "other-project";
const UID = "kXfA1vZ0b7QmPzT3sYw2LrNc9uE1";
const PATH = "/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com";
const SERVICE_ACCOUNT = "firebase-adminsdk@my-project.iam.gserviceaccount.com";

// All projects have the same keys.
const key = createProviderKey({ alg: "RS256" });
const anotherKey = createProviderKey({ alg: "RS256" });
const unpublished = createProviderKey();

const app = express();
let server: RunningServer;

beforeAll(async () => {
  server = await publishKeys(PATH, key, anotherKey);
  app.use(createFirebaseRouter({ projectId: PROJECT, keys: server.url + PATH }));
});
afterAll(() => server.close());

function idClaims(changes: object = {}): object {
  return {
    name: "Ada Lovelace",
    iss: `https://securetoken.google.com/${PROJECT}`,
    aud: PROJECT,
    auth_time: validTimes().iat,
    user_id: UID,
    sub: UID,
    ...validTimes(),
    email: "ada@example.com",
    email_verified: true,
    firebase: { identities: { email: ["ada@example.com"] }, sign_in_provider: "password" },
    ...changes,
  };
}

/** A custom token, which a server of the project signs and a client exchanges for an ID token. */
function customClaims(): object {
  return {
    iss: SERVICE_ACCOUNT,
    sub: SERVICE_ACCOUNT,
    aud: "https://identitytoolkit.googleapis.com/google.identity.identitytoolkit.v1.IdentityToolkit",
    ...validTimes(),
    uid: UID,
  };
}

function sessionCookieClaims(): object {
  return idClaims({ iss: `https://session.firebase.google.com/${PROJECT}` });
}

function get(token: string): Test {
  return request(app).get("/reports").auth(token, { type: "bearer" });
}

describe("the example for Firebase Authentication", () => {
  test("accepts an ID token", () => get(key.sign(idClaims())).expect(200, { sub: UID }));

  test("accepts a token that is signed with another published key", () =>
    get(anotherKey.sign(idClaims())).expect(200, { sub: UID }));

  test.each<[string, () => string]>([
    [
      "of another project, which has the same keys",
      () =>
        key.sign(
          idClaims({ iss: `https://securetoken.google.com/${OTHER_PROJECT}`, aud: OTHER_PROJECT }),
        ),
    ],
    ["for another audience", () => key.sign(idClaims({ aud: OTHER_PROJECT }))],
    ["that is a custom token", () => unpublished.sign(customClaims())],
    ["with the claims of a custom token", () => key.sign(customClaims())],
    ["that is a session cookie", () => unpublished.sign(sessionCookieClaims())],
    ["with the claims of a session cookie", () => key.sign(sessionCookieClaims())],
    ["without a user", () => key.sign(idClaims({ sub: "" }))],
    ["that is signed with a key that is not published", () => unpublished.sign(idClaims())],
    [
      "that names a published key, and is signed with another",
      () => unpublished.sign(idClaims(), { kid: key.kid }),
    ],
  ])("refuses a token %s", async (_what, sign) => {
    await expectRefusal(get(sign()), 401, "invalid_token");
  });

  test("refuses an expired token", async () => {
    const token = key.sign(idClaims(expiredTimes()));
    await expectRefusal(get(token), 401, "invalid_token", "The access token expired");
  });
});
