import { createSecretKey, randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, test } from "@jest/globals";
import express from "express";
import request, { type Test } from "supertest";
import { createKeycloakRouter } from "../../../examples/issuers/keycloak.ts";
import { expectRefusal } from "../../support/expect-refusal.ts";
import { forge } from "../../support/forge.ts";
import {
  createCertificate,
  createProviderKey,
  expiredTimes,
  publishKeys,
  validTimes,
} from "../../support/provider.ts";
import type { RunningServer } from "../../support/server.ts";

const SUB = "7f16300f-6063-41ef-9428-ced32ef5adad";
const ROLES = ["default-roles-shop", "offline_access", "analyst"];

// A realm publishes a key for encryption beside the key that signs.
const encryption = createProviderKey({ alg: "RSA-OAEP", use: "enc", ...createCertificate() });
const signing = createProviderKey({ alg: "RS256", ...createCertificate() });
const unpublished = createProviderKey();

const app = express();
let server: RunningServer;
let realm: string;

beforeAll(async () => {
  server = await publishKeys("/realms/shop/protocol/openid-connect/certs", encryption, signing);
  realm = `${server.url}/realms/shop`;
  app.use(createKeycloakRouter({ issuer: realm, audience: "shop-api" }));
});
afterAll(() => server.close());

function accessClaims(changes: object = {}): object {
  return {
    ...validTimes(),
    jti: "onrtac:a0019df9-7370-0e74-c316-a613a6fc9783",
    iss: realm,
    aud: ["shop-api", "account"],
    sub: SUB,
    typ: "Bearer",
    azp: "shop-web",
    sid: "7e675b31-9841-44e5-b4a4-44ae42bca6ca",
    acr: "1",
    "allowed-origins": ["https://shop.example"],
    realm_access: { roles: ROLES },
    resource_access: { account: { roles: ["manage-account", "view-profile"] } },
    scope: "openid profile email",
    email_verified: true,
    preferred_username: "ada",
    ...changes,
  };
}

/** With the roles, which a mapper can add to an ID token. */
function idClaims(aud: string | readonly string[]): object {
  return {
    ...validTimes(),
    auth_time: validTimes().iat,
    jti: "a0019df9-7370-0e74-c316-a613a6fc9783",
    iss: realm,
    aud,
    sub: SUB,
    typ: "ID",
    azp: [aud].flat()[0],
    nonce: "bm9uY2U",
    sid: "7e675b31-9841-44e5-b4a4-44ae42bca6ca",
    at_hash: "uHUl9PtVRuABezMMlDfjLQ",
    acr: "1",
    email_verified: true,
    preferred_username: "ada",
    realm_access: { roles: ROLES },
  };
}

function get(token: string): Test {
  return request(app).get("/reports").auth(token, { type: "bearer" });
}

describe("the example for Keycloak", () => {
  test("accepts an access token", () =>
    get(signing.sign(accessClaims())).expect(200, { sub: SUB }));

  test("accepts an access token whose header has the type at+jwt", () =>
    get(signing.sign(accessClaims(), { typ: "at+jwt" })).expect(200, { sub: SUB }));

  test.each<[string, () => string]>([
    [
      "of another realm",
      () => unpublished.sign(accessClaims({ iss: `${server.url}/realms/other` })),
    ],
    [
      "that names another realm",
      () => signing.sign(accessClaims({ iss: `${server.url}/realms/other` })),
    ],
    ["for another service", () => signing.sign(accessClaims({ aud: ["stock-api", "account"] }))],
    ["for the account service alone", () => signing.sign(accessClaims({ aud: "account" }))],
    ["without an audience", () => signing.sign(accessClaims({ aud: undefined }))],
    ["that is an ID token of a client", () => signing.sign(idClaims("shop-web"))],
    [
      "that is an ID token of the client whose ID is the audience",
      () => signing.sign(idClaims("shop-api")),
    ],
    [
      "that is an ID token to which a mapper added the audience",
      () => signing.sign(idClaims(["shop-web", "shop-api"])),
    ],
    [
      "that is a refresh token",
      () =>
        forge(
          "HS512",
          createSecretKey(randomBytes(128)),
          accessClaims({ aud: realm, typ: "Refresh" }),
          { alg: "HS512", typ: "JWT", kid: "b9c1f0c4-33a6-4d86-9c35-1f1d0f3f7a55" },
        ),
    ],
    ["that is signed with the key for encryption", () => encryption.sign(accessClaims())],
    ["that is signed with a key that is not published", () => unpublished.sign(accessClaims())],
    [
      "that names the published key, and is signed with another",
      () => unpublished.sign(accessClaims(), { kid: signing.kid }),
    ],
  ])("refuses a token %s", async (_what, sign) => {
    await expectRefusal(get(sign()), 401, "invalid_token");
  });

  test("refuses an expired token", async () => {
    const token = signing.sign(accessClaims(expiredTimes()));
    await expectRefusal(get(token), 401, "invalid_token", "The access token expired");
  });

  test.each<[string, object | undefined]>([
    ["another role", { roles: ["default-roles-shop"] }],
    ["no roles", undefined],
  ])("does not admit a user with %s", async (_what, realm_access) => {
    const token = signing.sign(accessClaims({ realm_access }));
    await expectRefusal(get(token), 403, "insufficient_scope");
  });
});
