import { afterAll, beforeAll, describe, test } from "@jest/globals";
import express from "express";
import request, { type Test } from "supertest";
import { createEntraRouter } from "../../../examples/issuers/entra.ts";
import { expectMissingScope, expectRefusal } from "../../support/expect-refusal.ts";
import {
  createCertificate,
  createProviderKey,
  expiredTimes,
  publishKeys,
  validTimes,
  type ProviderKey,
} from "../../support/provider.ts";
import type { RunningServer } from "../../support/server.ts";

const TENANT = "00000000-0000-0000-0000-000000000000";
const OTHER_TENANT = "99999999-9999-9999-9999-999999999999";
const API = "11111111-1111-1111-1111-111111111111";
const WEB_APP = "22222222-2222-2222-2222-222222222222";
const SUB = "HKZpfaHyWadeOouYlitjrI-KffTm222X5rrV3xDqfKQ";

/** Without alg, and with the thumbprint of its certificate as its kid. */
function createEntraKey(): ProviderKey {
  const { x5c, x5t } = createCertificate();
  return createProviderKey({
    kid: x5t,
    x5c,
    x5t,
    issuer: `https://login.microsoftonline.com/${TENANT}/v2.0`,
  });
}

// All tenants have the same keys.
const key = createEntraKey();
const anotherKey = createEntraKey();
const unpublished = createEntraKey();

const app = express();
let server: RunningServer;

beforeAll(async () => {
  server = await publishKeys(`/${TENANT}/discovery/v2.0/keys`, key, anotherKey);
  app.use(createEntraRouter({ tenantId: TENANT, clientId: API, authority: server.url }));
});
afterAll(() => server.close());

function accessClaims(changes: object = {}): object {
  return {
    aud: API,
    iss: `${server.url}/${TENANT}/v2.0`,
    nbf: validTimes().iat,
    ...validTimes(),
    aio: "AXQAi/8IAAAA",
    azp: WEB_APP,
    azpacr: "0",
    name: "Ada Lovelace",
    oid: "690222be-ff1a-4d56-abd1-7e4f7d38e474",
    preferred_username: "ada@example.com",
    rh: "I",
    scp: "Reports.Read Reports.Write",
    sub: SUB,
    tid: TENANT,
    uti: "fqiBqXLPj0eQa82S-IYFAA",
    ver: "2.0",
    ...changes,
  };
}

function idClaims(aud: string): object {
  return {
    aud,
    iss: `${server.url}/${TENANT}/v2.0`,
    nbf: validTimes().iat,
    ...validTimes(),
    aio: "AXQAi/8IAAAA",
    name: "Ada Lovelace",
    nonce: "bm9uY2U",
    oid: "690222be-ff1a-4d56-abd1-7e4f7d38e474",
    preferred_username: "ada@example.com",
    rh: "I",
    roles: ["Reports.Read"],
    sub: SUB,
    tid: TENANT,
    uti: "fqiBqXLPj0eQa82S-IYFAA",
    ver: "2.0",
  };
}

function get(token: string): Test {
  return request(app).get("/reports").auth(token, { type: "bearer" });
}

describe("the example for Microsoft Entra ID", () => {
  test("accepts an access token of version 2.0", () =>
    get(key.sign(accessClaims())).expect(200, { sub: SUB }));

  test("accepts a token that is signed with another published key", () =>
    get(anotherKey.sign(accessClaims())).expect(200, { sub: SUB }));

  test.each<[string, () => string]>([
    [
      "of another tenant, which has the same keys",
      () =>
        key.sign(accessClaims({ iss: `${server.url}/${OTHER_TENANT}/v2.0`, tid: OTHER_TENANT })),
    ],
    [
      "of version 1.0",
      () =>
        key.sign(
          accessClaims({
            aud: `api://${API}`,
            iss: `https://sts.windows.net/${TENANT}/`,
            appid: WEB_APP,
            appidacr: "0",
            ver: "1.0",
          }),
          { x5t: key.kid },
        ),
    ],
    [
      "for another API",
      () => key.sign(accessClaims({ aud: "33333333-3333-3333-3333-333333333333" })),
    ],
    ["that is an ID token of another application", () => key.sign(idClaims(WEB_APP))],
    ["that is signed with a key that is not published", () => unpublished.sign(accessClaims())],
    [
      "that names a published key, and is signed with another",
      () => unpublished.sign(accessClaims(), { kid: key.kid }),
    ],
  ])("refuses a token %s", async (_what, sign) => {
    await expectRefusal(get(sign()), 401, "invalid_token");
  });

  test("refuses an expired token", async () => {
    const token = key.sign(accessClaims(expiredTimes()));
    await expectRefusal(get(token), 401, "invalid_token", "The access token expired");
  });

  test.each<[string, () => object]>([
    [
      "an ID token of the application that is also the API, because it has no scopes",
      () => idClaims(API),
    ],
    ["a token with other scopes", () => accessClaims({ scp: "Reports.Write" })],
    [
      "a token of an application without a user, because it has roles instead",
      () => accessClaims({ scp: undefined, roles: ["Reports.Read"], idtyp: "app" }),
    ],
  ])("does not admit %s", async (_what, createClaims) => {
    await expectMissingScope(get(key.sign(createClaims())), "Reports.Read");
  });
});
