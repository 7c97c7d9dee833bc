import { describe, expect, test } from "@jest/globals";
import { createJwtStrategy, type AuthenticateOptions } from "express-jwt-strategy";
import express from "express";
import request, { type Response } from "supertest";
import { forge, goodClaims } from "../../support/forge.ts";
import { hmacSecret, signingKey } from "../../support/keys.ts";

const auth = createJwtStrategy({ secret: hmacSecret, lifetimeSeconds: 3600 });

/** A 403 whose challenge names the scopes that are needed (RFC 6750 section 3). */
async function expectScopesDemanded(
  sent: PromiseLike<Response>,
  scopes: readonly string[],
): Promise<void> {
  const { status, headers, text } = await sent;
  expect({
    status,
    challenge: headers["www-authenticate"],
    caching: headers["cache-control"],
    body: text,
  }).toEqual({
    status: 403,
    challenge:
      'Bearer realm="api", error="insufficient_scope", ' +
      `error_description="The user is not allowed to do this", scope="${scopes.join(" ")}"`,
    caching: "no-store",
    body: '{"detail":"Forbidden","error":"insufficient_scope","error_description":"The user is not allowed to do this"}',
  });
}

describe("authenticate({ scopes })", () => {
  /** Sends a token whose `scope` claim is this to a route that demands the scopes. */
  function sendScope(scope: unknown, scopes: readonly string[]): request.Test {
    const app = express();
    app.get("/", auth.authenticate({ scopes }), (_req, res) => res.send("in"));
    const token = forge("HS256", signingKey("HS256"), goodClaims({ scope }));
    return request(app).get("/").set("Authorization", `Bearer ${token}`);
  }

  test.each([
    ["read", ["read"]],
    ["read write", ["read"]],
    ["write read", ["read", "write"]],
    ["a read b write c", ["write", "read"]],
    ["read  write", ["write"]],
    [" read ", ["read"]],
    ["read read", ["read"]],
    ["urn:x:read https://api.example/write", ["https://api.example/write"]],
    ["__proto__ constructor", ["constructor", "__proto__"]],
  ])("lets a token with the scope %j use what demands %j", async (scope, scopes) => {
    expect((await sendScope(scope, scopes)).text).toBe("in");
  });

  test.each([
    ["read", ["read", "write"]],
    ["write", ["read"]],
    ["READ", ["read"]],
    ["readwrite", ["read"]],
    ["read:all", ["read"]],
    ["read,write", ["read"]],
    ["read\twrite", ["read"]],
    ["read\u00a0write", ["read"]],
    ["*", ["read"]],
    ["", ["constructor"]],
    [undefined, ["read"]],
    [null, ["read"]],
    [42, ["42"]],
    [true, ["true"]],
    [["read"], ["read"]],
    [{ read: true }, ["read"]],
  ])("refuses a token with the scope %j what demands %j, and names it", (scope, scopes) =>
    expectScopesDemanded(sendScope(scope, scopes), scopes),
  );
});

describe("the option scopes", () => {
  const authenticate = (scopes: unknown): unknown =>
    auth.authenticate({ scopes } as AuthenticateOptions);

  test.each(
    [
      [],
      [""],
      ["read write"],
      ["read", 42],
      ["read", undefined],
      new Array(2),
      ['a"b'],
      ["a\\b"],
      ["a\r\nSet-Cookie: b"],
      ["ü"],
      "read",
      null,
      true,
      new Set(["read"]),
      { 0: "read", length: 1 },
    ].map((scopes) => [scopes]),
  )("is refused as %p", (scopes) => {
    expect(() => authenticate(scopes)).toThrow(
      new TypeError(
        "scopes must be a non-empty list of scopes without spaces, quotes and backslashes",
      ),
    );
  });

  test("may be left out", () => {
    expect(authenticate(undefined)).toBeInstanceOf(Function);
  });

  test("is copied: a later change has no effect", async () => {
    const scopes = ["read"];
    const app = express().use(auth.authenticate({ scopes }));
    scopes[0] = "write";
    scopes.push("admin");
    const token = forge("HS256", signingKey("HS256"), goodClaims({ scope: "none" }));
    const response = request(app).get("/").set("Authorization", `Bearer ${token}`);
    await expectScopesDemanded(response, ["read"]);
  });
});
