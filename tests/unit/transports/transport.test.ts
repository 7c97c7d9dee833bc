import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { describe, expect, jest, test } from "@jest/globals";
import { createJwtStrategy, type Transport } from "express-jwt-strategy";
import express from "express";
import request from "supertest";
import { CrossSiteRequestError } from "../../../lib/errors/auth-errors.ts";
import { bindTransport } from "../../../lib/transports/transport.ts";
import { forge } from "../../support/forge.ts";
import { hmacSecret, signingKey } from "../../support/keys.ts";

const req = new IncomingMessage(new Socket());
const TOKEN = forge("HS256", signingKey("HS256"));

/** A transport class with methods that use `this`. */
class HeaderTransport implements Transport {
  readonly name = "x-api-token";

  extractToken({ headers }: IncomingMessage): string | undefined {
    return headers[this.name]?.toString();
  }

  loginResponse(token: string): { status: number; headers: Record<string, string> } {
    return { status: 204, headers: { [this.name]: token } };
  }

  logoutResponse(): { status: number; headers: Record<string, string> } {
    return { status: 204, headers: { [this.name]: "" } };
  }
}

describe("bindTransport", () => {
  test("calls the methods of a class with their this", () => {
    const { extractToken, loginResponse, logoutResponse } = bindTransport(new HeaderTransport());
    expect(extractToken(Object.assign(req, { headers: { "x-api-token": "a.b.c" } }))).toBe("a.b.c");
    expect(loginResponse("a.b.c", 60).headers).toEqual({ "x-api-token": "a.b.c" });
    expect(logoutResponse().headers).toEqual({ "x-api-token": "" });
  });

  test("copies the methods: replacing them later has no effect", () => {
    const given = new HeaderTransport();
    const transport = bindTransport(given);
    Object.assign(given, { extractToken: () => "exchanged" });
    expect(transport.extractToken(req)).not.toBe("exchanged");
    expect(Object.isFrozen(transport)).toBe(true);
  });

  test.each<[Transport["challenge"], string]>([
    [undefined, 'Bearer realm="api"'],
    [{}, 'Bearer realm="api"'],
    [{ scheme: "DPoP" }, 'DPoP realm="api"'],
    [{ parameters: { a: "1", b: "" } }, 'Bearer a="1", b="", realm="api"'],
  ])("sends the scheme and parameters of challenge: %j", async (challenge, expected) => {
    const transport = Object.assign(new HeaderTransport(), { challenge });
    const auth = createJwtStrategy({ secret: hmacSecret, lifetimeSeconds: 3600, transport });
    const app = express().use(auth.authenticate());
    const response = await request(app).get("/").expect(401, '{"detail":"Unauthorized"}');
    expect(response.headers["www-authenticate"]).toBe(expected);
  });

  test("copies challenge: changing it later has no effect", () => {
    const challenge = { scheme: "DPoP", parameters: { a: "1" } };
    const transport = bindTransport(Object.assign(new HeaderTransport(), { challenge }));
    challenge.parameters.a = "changed";
    expect(transport.challenge).toEqual({ scheme: "DPoP", parameters: { a: "1" } });
  });

  test.each<[unknown, RegExp]>([
    [null, /^transport.challenge's options must be an object$/],
    [{ realm: "x" }, /^transport.challenge has no option "realm"/],
    [{ scheme: "a b" }, /^transport.challenge.scheme must be an authentication scheme/],
    [{ scheme: null }, /^transport.challenge.scheme must be an authentication scheme/],
    [{ parameters: null }, /^transport.challenge.parameters must be names other than realm/],
    [{ parameters: "a" }, /^transport.challenge.parameters must be/],
    [{ parameters: { Realm: "x" } }, /^transport.challenge.parameters must be/],
    [{ parameters: { "a b": "x" } }, /^transport.challenge.parameters must be/],
    [{ parameters: { a: 'x"' } }, /^transport.challenge.parameters must be/],
    [{ parameters: { a: "x\r\ny" } }, /^transport.challenge.parameters must be/],
    [{ parameters: { a: 1 } }, /^transport.challenge.parameters must be/],
  ])("refuses a challenge that would be malformed: %j", (challenge, message) => {
    const bind = (): unknown => bindTransport(Object.assign(new HeaderTransport(), { challenge }));
    expect(bind).toThrow(TypeError);
    expect(bind).toThrow(message);
  });

  test("has no protect if the transport has none", () => {
    expect(bindTransport(new HeaderTransport()).protect).toBeUndefined();
  });

  test("calls renewalHeaders with its this, if there is one", () => {
    expect(bindTransport(new HeaderTransport()).renewalHeaders).toBeUndefined();
    const renewalHeaders = jest.fn(function (this: HeaderTransport, token: string) {
      return { [this.name]: token };
    });
    const transport = bindTransport(Object.assign(new HeaderTransport(), { renewalHeaders }));
    expect(transport.renewalHeaders?.("a.b.c", 60)).toEqual({ "x-api-token": "a.b.c" });
    expect(renewalHeaders.mock.calls).toEqual([["a.b.c", 60]]);
  });

  test("calls describe with its this, if there is one", () => {
    expect(bindTransport(new HeaderTransport()).describe).toBeUndefined();
    const describe = jest.fn(function (this: HeaderTransport) {
      return {
        securitySchemes: { tokenAuth: { type: "apiKey", in: "header", name: this.name } },
      } as const;
    });
    const transport = bindTransport(Object.assign(new HeaderTransport(), { describe }));
    expect(transport.describe?.(60, "/login").securitySchemes).toEqual({
      tokenAuth: { type: "apiKey", in: "header", name: "x-api-token" },
    });
    expect(describe.mock.calls).toEqual([[60, "/login"]]);
  });

  test("calls protect with the request and whether it changes state", () => {
    const refused = new CrossSiteRequestError();
    const protect = jest.fn(() => refused);
    const transport = bindTransport(Object.assign(new HeaderTransport(), { protect }));
    expect(transport.protect?.(req, true)).toBe(refused);
    expect(protect.mock.calls).toEqual([[req, true]]);
  });
});

describe("a transport whose protect returns an invalid value", () => {
  test.each<[string, unknown]>([
    ["false", false],
    ["null", null],
    ["a promise", Promise.resolve(undefined)],
    ["an error of another class", new Error("cross-site")],
  ])("answers 500 to all requests: %s", async (_what, result) => {
    const transport = Object.assign(new HeaderTransport(), { protect: () => result as undefined });
    const auth = createJwtStrategy({
      secret: hmacSecret,
      lifetimeSeconds: 60,
      transport,
      verifyCredentials: () => ({ id: "42" }),
    });
    const app = express().post("/login", auth.login).post("/logout", auth.logout);
    app.use(auth.authenticate({ optional: "lenient" }), (_req, res) => void res.send("in"));
    for (const path of ["/login", "/logout", "/"]) {
      const sent = request(app).post(path).set("X-Api-Token", TOKEN);
      const response = await sent.send({ username: "a", password: "b" });
      expect([path, response.status]).toEqual([path, 500]);
      expect(response.headers).not.toHaveProperty("x-api-token");
    }
  });
});
