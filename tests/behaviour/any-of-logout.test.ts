import { describe, expect, test } from "@jest/globals";
import {
  anyOf,
  cookieTransport,
  createJwtStrategy,
  dynamicStrategy,
  type RequestStrategy,
  type Transport,
} from "express-jwt-strategy";
import express from "express";
import request, { type Test } from "supertest";
import { expectRefusal } from "../support/expect-refusal.ts";
import { forge, goodClaims } from "../support/forge.ts";
import { hmacSecret, signingKey } from "../support/keys.ts";

const options = {
  secret: hmacSecret,
  lifetimeSeconds: 3600,
  findUser: (id: string) => ({ id, isActive: id !== "inactive", isVerified: id === "verified" }),
} as const;

function tokenOf(sub: string): string {
  return forge("HS256", signingKey("HS256"), goodClaims({ sub }));
}

function clearing(name: string): string {
  return `${name}=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=lax`;
}

const bearer = createJwtStrategy(options);
const first = createJwtStrategy({ ...options, transport: cookieTransport({ cookieName: "one" }) });
const second = createJwtStrategy({
  ...options,
  transport: cookieTransport({ cookieName: "two" }),
  requiresVerification: true,
});
const apiToken: Transport = {
  extractToken: (req) => req.headers["x-token"]?.toString(),
  loginResponse: () => ({ status: 200 }),
  logoutResponse: () => ({
    status: 200,
    headers: { "set-cookie": ["three=; Max-Age=0"], "X-Left": "yes" },
    body: { left: true },
  }),
};
const custom = createJwtStrategy({ ...options, transport: apiToken });

function post(auth: RequestStrategy<unknown>, headers: Record<string, string>): Test {
  return request(express().post("/", auth.logout)).post("/").set(headers);
}

describe("the logout of anyOf", () => {
  const auth = anyOf(bearer, anyOf(first, second), custom);
  const all = [clearing("one"), clearing("two"), "three=; Max-Age=0"];

  test.each([
    ["a bearer token", { Authorization: `Bearer ${tokenOf("42")}` }, 204, all, ""],
    ["the first cookie", { Cookie: `one=${tokenOf("42")}` }, 204, all, ""],
    [
      "the second cookie",
      { Cookie: `two=${tokenOf("verified")}` },
      204,
      [clearing("two"), clearing("one"), "three=; Max-Age=0"],
      "",
    ],
    [
      "a custom transport",
      { "X-Token": tokenOf("42") },
      200,
      ["three=; Max-Age=0", clearing("one"), clearing("two")],
      '{"left":true}',
    ],
  ])(
    "sends the response of the strategy that accepts %s, and clears all cookies",
    async (...row) => {
      const [, headers, status, cookies, text] = row;
      const response = await post(auth, headers);
      expect([response.status, response.headers["set-cookie"], response.text]).toEqual([
        status,
        cookies,
        text,
      ]);
      expect(response.headers["cache-control"]).toBe("no-store");
      expect(response.headers["x-left"]).toBe(status === 200 ? "yes" : undefined);
    },
  );

  test("sets no cookie if no strategy has one", async () => {
    const response = await post(anyOf(bearer), { Authorization: `Bearer ${tokenOf("42")}` });
    expect([response.status, response.headers["set-cookie"]]).toEqual([204, undefined]);
  });

  test("refuses a user who may not log in with that strategy, and clears nothing", async () => {
    const unverified = post(auth, { Cookie: `two=${tokenOf("42")}` });
    await expectRefusal(unverified, 403, "insufficient_scope");
    const inactive = post(auth, { Cookie: `one=${tokenOf("inactive")}` });
    await expectRefusal(inactive, 401, "invalid_token");
    expect((await post(auth, {})).headers).not.toHaveProperty("set-cookie");
    await expectRefusal(post(auth, {}), 401);
  });

  test("refuses a request with a cookie from another site, for any method", async () => {
    const response = await post(anyOf(first), {
      Cookie: `one=${tokenOf("42")}`,
      "Sec-Fetch-Site": "cross-site",
    });
    expect([response.status, response.headers["www-authenticate"]]).toEqual([403, undefined]);
    expect(response.body).toMatchObject({ error: "cross_site_request" });
  });

  test("throws a TypeError if a strategy depends on the request", () => {
    const dynamic = anyOf(
      bearer,
      dynamicStrategy(() => first),
    );
    expect(() => dynamic.logout).toThrow(TypeError);
    expect(() => dynamic.logout).toThrow(/anyOf\(\) has no logout handler/);
  });
});
