import { describe, expect, jest, test } from "@jest/globals";
import {
  anyOf,
  byIssuer,
  cookieTransport,
  createJwtStrategy,
  type Handler,
} from "express-jwt-strategy";
import express from "express";
import request, { type Test } from "supertest";
import { expectRefusal } from "../support/expect-refusal.ts";
import { forge, goodClaims } from "../support/forge.ts";
import { generateRsaPair, rsaPair } from "../support/keys.ts";
import { createRequest } from "../support/request.ts";

const A = "https://a.example/";
const B = "https://b.example/";
const pairs = { [A]: rsaPair, [B]: generateRsaPair() };
const findUser = jest.fn((id: string) => ({ id, via: "b" as const }));
const rsa = { algorithm: "RS256", lifetimeSeconds: 3600, maxTokenLength: 2000 } as const;
const strategyA = createJwtStrategy({ ...rsa, publicKey: pairs[A].publicKey, realm: "a" });
const strategyB = createJwtStrategy({
  ...rsa,
  publicKey: pairs[B].publicKey,
  realm: "b",
  findUser,
});
const auth = byIssuer({ [A]: strategyA, [B]: strategyB });

const app = express();
app.get("/", auth.authenticate(), (req, res) => {
  res.json(auth.currentUser(req));
});
app.get("/optional", auth.authenticate({ optional: true }), (req, res) => {
  res.json(auth.currentUser(req, { optional: true }) ?? "anonymous");
});
app.post("/logout", auth.logout);

function get(token?: string, path = "/"): Test {
  const test = request(app).get(path);
  return token === undefined ? test : test.auth(token, { type: "bearer" });
}

function forgeBy(signer: typeof A | typeof B, changes: Record<string, unknown>): string {
  return forge("RS256", pairs[signer].privateKey, goodClaims(changes));
}

describe("byIssuer", () => {
  test("verifies a token with the strategy of its issuer", async () => {
    const response = await get(forgeBy(A, { iss: A })).expect(200);
    expect(response.body).toMatchObject({ sub: "42", iss: A });
    expect(findUser).not.toHaveBeenCalled();
    await get(forgeBy(B, { iss: B })).expect(200, { id: "42", via: "b" });
  });

  test("verifies no token with the key of another issuer", async () => {
    await expectRefusal(get(forgeBy(A, { iss: B })), 401, "invalid_token", undefined, "b");
    await expectRefusal(get(forgeBy(B, { iss: A })), 401, "invalid_token", undefined, "a");
  });

  test("checks all other claims like the strategy", async () => {
    const token = forgeBy(A, { iss: A, aud: "other" });
    await expectRefusal(get(token), 401, "invalid_token", undefined, "a");
  });

  test.each<[string, string]>([
    ["an unknown iss", forgeBy(A, { iss: "https://c.example/" })],
    ["no iss", forgeBy(A, {})],
    ["a list in iss", forgeBy(A, { iss: [A] })],
    ["an object in iss", forgeBy(A, { iss: { [A]: 1 } })],
    ["iss named like a prototype", forgeBy(A, { iss: "__proto__" })],
    ["iss named like a method", forgeBy(A, { iss: "constructor" })],
    ["an inherited iss", forge("RS256", rsaPair.privateKey, `{"__proto__":{"iss":"${A}"}}`)],
    ["a payload that is null", forge("RS256", rsaPair.privateKey, "null")],
    ["a payload that is a string", forge("RS256", rsaPair.privateKey, `"${A}"`)],
    ["a payload that is not JSON", forge("RS256", rsaPair.privateKey, "{")],
    ["a string that is not a token", "garbage"],
    ["more than maxTokenLength", forgeBy(A, { iss: A, filler: "x".repeat(2000) })],
  ])("answers 401 to a token with %s", async (_case, token) => {
    await expectRefusal(get(token), 401);
    await expectRefusal(get(token, "/optional"), 401);
  });

  test("does not parse a token that is longer than maxTokenLength", async () => {
    const parse = jest.spyOn(JSON, "parse");
    const token = forgeBy(A, { iss: A, filler: "x".repeat(2000) });
    const req = createRequest("GET", { authorization: `Bearer ${token}` });
    await expect(auth.authenticateRequest(req)).rejects.toMatchObject({ status: 401 });
    expect(parse).not.toHaveBeenCalled();
    parse.mockRestore();
  });

  test("answers a request without a token like the first strategy", async () => {
    await expectRefusal(get(), 401, undefined, undefined, "a");
    await get(undefined, "/optional").expect(200, '"anonymous"');
    const malformed = request(app).get("/").set("Authorization", "Bearer a b");
    await expectRefusal(malformed, 400, "invalid_request", undefined, "a");
  });

  test("logs out with the strategy of the token", async () => {
    const token = forgeBy(B, { iss: B });
    await request(app).post("/logout").auth(token, { type: "bearer" }).expect(204);
    const foreign = request(app)
      .post("/logout")
      .auth(forgeBy(A, { iss: B }), { type: "bearer" });
    await expectRefusal(foreign, 401, "invalid_token", undefined, "b");
  });

  test("copies its argument, so that later changes have no effect", async () => {
    const given: Record<string, typeof strategyA> = { [A]: strategyA };
    const fixed = byIssuer(given);
    Object.assign(given, { [A]: undefined });
    const req = createRequest("GET", { authorization: `Bearer ${forgeBy(A, { iss: A })}` });
    expect(await fixed.authenticateRequest(req)).toMatchObject({ claims: { iss: A } });
  });

  test.each<[string, unknown, RegExp]>([
    ["nothing", undefined, /^The argument of byIssuer must be an object$/],
    ["null", null, /^The argument of byIssuer must be an object$/],
    [
      "an object without strategies",
      {},
      /^The members of byIssuer's argument must be strategies made by/,
    ],
    ["not a strategy", { [A]: {} }, /^The members of byIssuer's argument must be/],
    ["not a strategy among others", { [A]: strategyA, [B]: null }, /^The members of byIssuer's/],
    ["a composed strategy", { [A]: auth }, /^The members of byIssuer's argument must be/],
    ["a composed strategy among others", { [A]: strategyA, [B]: auth }, /^The members of/],
  ])("throws a TypeError for %s", (_case, strategies, message) => {
    const create = (): unknown => byIssuer(strategies as Record<string, typeof strategyA>);
    expect(create).toThrow(TypeError);
    expect(create).toThrow(message);
  });
});

describe("the logout of byIssuer with cookies", () => {
  const transport = cookieTransport({ cookieName: "session" });
  const cookieA = createJwtStrategy({ ...rsa, transport, publicKey: pairs[A].publicKey });
  const cookieB = createJwtStrategy({ ...rsa, transport, publicKey: pairs[B].publicKey });
  const cookies = byIssuer({ [A]: cookieA, [B]: cookieB });
  const CLEARED = clearing("session");

  function clearing(name: string): string {
    return `${name}=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=lax`;
  }

  function post(handler: Handler, headers: Record<string, string>): Test {
    return request(express().post("/", handler)).post("/").set(headers);
  }

  test.each<[string, string]>([
    ["a text that is no token", "garbage"],
    ["a token without iss", forgeBy(A, {})],
    ["a token of an unknown issuer", forgeBy(A, { iss: "https://c.example/" })],
    ["more than maxTokenLength", forgeBy(A, { iss: A, filler: "x".repeat(2000) })],
  ])("refuses and clears a cookie with %s", async (_what, value) => {
    const response = await post(cookies.logout, { Cookie: `session=${value}` });
    await expectRefusal(Promise.resolve(response), 401);
    expect(response.headers["set-cookie"]).toEqual([CLEARED]);
  });

  test("refuses and clears a cookie with a token of the wrong key", async () => {
    const cookie = `session=${forgeBy(A, { iss: B })}`;
    const response = await post(cookies.logout, { Cookie: cookie });
    await expectRefusal(Promise.resolve(response), 401, "invalid_token");
    expect(response.headers["set-cookie"]).toEqual([CLEARED]);
  });

  test("refuses and clears the cookie of a combination with anyOf", async () => {
    const bearer = createJwtStrategy({ ...rsa, publicKey: pairs[A].publicKey });
    const response = await post(anyOf(bearer, cookies).logout, { Cookie: "session=garbage" });
    await expectRefusal(Promise.resolve(response), 401);
    expect(response.headers["set-cookie"]).toEqual([CLEARED]);
  });

  test("clears the cookies of all strategies", async () => {
    const other = createJwtStrategy({
      ...rsa,
      transport: cookieTransport({ cookieName: "other" }),
      publicKey: pairs[B].publicKey,
    });
    const { logout } = byIssuer({ [A]: cookieA, [B]: other, more: other });
    const refused = await post(logout, { Cookie: "session=garbage" });
    expect([refused.status, refused.headers["set-cookie"]]).toEqual([
      401,
      [CLEARED, clearing("other")],
    ]);
    const accepted = await post(logout, { Cookie: `session=${forgeBy(A, { iss: A })}` });
    expect([accepted.status, accepted.headers["set-cookie"]]).toEqual([
      204,
      [CLEARED, clearing("other")],
    ]);
  });

  test("clears one cookie once", async () => {
    const response = await post(cookies.logout, { Cookie: `session=${forgeBy(B, { iss: B })}` });
    expect([response.status, response.headers["set-cookie"]]).toEqual([204, [CLEARED]]);
  });

  test.each<[string, Record<string, string>, number]>([
    ["no cookie", {}, 401],
    ["another cookie", { Cookie: "theme=dark" }, 401],
    ["a request from another site", { Cookie: "session=a", "Sec-Fetch-Site": "cross-site" }, 401],
  ])("clears nothing for %s", async (_what, headers, status) => {
    const response = await post(cookies.logout, headers);
    expect([response.status, response.headers["set-cookie"]]).toEqual([status, undefined]);
  });
});
