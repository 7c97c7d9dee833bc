import { describe, expect, test } from "@jest/globals";
import { createJwtStrategy, type AuthenticateOptions } from "express-jwt-strategy";
import express from "express";
import request from "supertest";
import { expectMissingScope } from "../../support/expect-refusal.ts";
import { forge, goodClaims } from "../../support/forge.ts";
import { hmacSecret, signingKey } from "../../support/keys.ts";

const auth = createJwtStrategy({ secret: hmacSecret, lifetimeSeconds: 3600 });

describe("authenticate({ scopes })", () => {
  /** Sends a token with this `scope` claim to a route that requires the scopes. */
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
    [["read"], ["read"]],
    [
      ["write", 42, "read"],
      ["read", "write"],
    ],
  ])(
    "accepts a token with the scope claim %j on a route that requires %j",
    async (scope, scopes) => {
      expect((await sendScope(scope, scopes)).text).toBe("in");
    },
  );

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
    [["read write"], ["read"]],
    [[["read"]], ["read"]],
    [[], ["read"]],
    [{ read: true }, ["read"]],
  ])(
    "refuses a token with the scope claim %j on a route that requires %j, and names them",
    (scope, scopes) => expectMissingScope(sendScope(scope, scopes), scopes.join(" ")),
  );
});

describe("the claims of issuers", () => {
  function send(claims: object, scopes: NonNullable<AuthenticateOptions["scopes"]>): request.Test {
    const app = express();
    app.get("/", auth.authenticate({ scopes }), (_req, res) => res.send("in"));
    const token = forge("HS256", signingKey("HS256"), goodClaims({ ...claims }));
    return request(app).get("/").set("Authorization", `Bearer ${token}`);
  }

  test.each([
    ["Microsoft Entra ID", { scp: "read write" }],
    ["Okta", { scp: ["read", "write"] }],
    ["RFC 8693", { scope: "read write" }],
    ["another issuer", { scope: ["read", "write"] }],
    ["an issuer that sends null as scope", { scope: null, scp: "read" }],
  ])("are read: %s", async (_issuer, claims) => {
    expect((await send(claims, ["read"])).text).toBe("in");
    await expectMissingScope(send(claims, ["admin"]), "admin");
  });

  test("are not combined: scp is read only if there is no scope", async () => {
    const claims = { scope: "read", scp: ["admin"] };
    await expectMissingScope(send(claims, ["admin"]), "admin");
  });

  test("do not come from a polluted Object.prototype", async () => {
    Object.assign(Object.prototype, { scope: "admin", scp: ["admin"] });
    try {
      await expectMissingScope(send({}, ["admin"]), "admin");
    } finally {
      Reflect.deleteProperty(Object.prototype, "scope");
      Reflect.deleteProperty(Object.prototype, "scp");
    }
  });

  test.each(["read", "admin read", "other admin"])(
    "satisfy anyOf with one of its scopes: %s",
    async (scope) => {
      expect((await send({ scope }, { anyOf: ["read", "admin"] })).text).toBe("in");
    },
  );

  test.each(["", "write", "readadmin"])(
    "do not satisfy anyOf without one of its scopes: %j",
    (scope) => expectMissingScope(send({ scope }, { anyOf: ["read", "admin"] }), "read admin"),
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
      new Map([["anyOf", ["read"]]]),
    ].map((scopes) => [scopes]),
  )("throws a TypeError for %p", (scopes) => {
    expect(() => authenticate(scopes)).toThrow(
      new TypeError(
        "scopes must be a non-empty list of scopes without spaces, quotes and backslashes",
      ),
    );
  });

  test.each([[[]], ["read"], [undefined], [[""]], [["a b"]]])(
    "throws a TypeError for { anyOf: %p }",
    (anyOf) => {
      expect(() => authenticate({ anyOf })).toThrow(
        new TypeError(
          "scopes.anyOf must be a non-empty list of scopes without spaces, quotes and backslashes",
        ),
      );
    },
  );

  test.each([{ anyOf: ["a"], allOf: ["b"] }, { allOf: ["b"] }, { 0: "read", length: 1 }])(
    "throws a TypeError for unknown members: %p",
    (scopes) => {
      expect(() => authenticate(scopes)).toThrow(/^scopes has no option "\w+"; it has anyOf$/);
    },
  );

  test("is copied: a later change has no effect", async () => {
    const scopes = ["read"];
    const app = express().use(auth.authenticate({ scopes }));
    scopes[0] = "write";
    scopes.push("admin");
    const token = forge("HS256", signingKey("HS256"), goodClaims({ scope: "none" }));
    const response = request(app).get("/").set("Authorization", `Bearer ${token}`);
    await expectMissingScope(response, "read");
  });
});
