import type { RequestListener } from "node:http";
import { describe, expect, test } from "@jest/globals";
import { createJwtStrategy, type TransportResponse, type Transport } from "express-jwt-strategy";
import request, { type Response } from "supertest";
import express from "express";
import { sendResponse, setHeaders } from "../../../lib/http/response.ts";
import { hmacSecret } from "../../support/keys.ts";

type Res = Parameters<RequestListener>[1];

/** Sends a response that the app may have prepared before. */
function send(
  response: TransportResponse,
  prepare: (res: Res) => void = () => undefined,
): request.Test {
  return request((_req: unknown, res: Res) => {
    prepare(res);
    sendResponse(res, response);
  }).get("/");
}

describe("sendResponse", () => {
  test("sends the status and the body, as JSON without a charset (RFC 8259 section 11)", async () => {
    const response = await send({ status: 200, body: { name: "Ünal" } });
    expect([response.status, response.text]).toEqual([200, '{"name":"Ünal"}']);
    expect(response.headers["content-type"]).toBe("application/json");
  });

  test("sends no Content-Type if there is no body", async () => {
    const response = await send({ status: 204 });
    expect([response.status, response.text]).toEqual([204, ""]);
    expect(response.headers).not.toHaveProperty("content-type");
  });

  test.each([
    { status: 204 },
    { status: 401, body: {} },
    { status: 204, headers: { "cache-control": "public" } },
  ])("sets Cache-Control: no-store for %j", async (given) => {
    const response = await send(given, (res) =>
      res.setHeader("Cache-Control", "public, max-age=60"),
    );
    expect(response.headers["cache-control"]).toBe("no-store");
  });

  test("replaces an existing header", async () => {
    const response = await send({ status: 204, headers: { "X-Token": "new" } }, (res) =>
      res.setHeader("x-token", "old"),
    );
    expect(response.headers["x-token"]).toBe("new");
  });

  test.each([["Set-Cookie"], ["set-cookie"], ["SET-COOKIE"]])(
    "adds %s to the existing cookies",
    async (name) => {
      const response = await send(
        { status: 204, headers: { [name]: ["b=2", "c=3"] } },
        (res) => void res.setHeader("Set-Cookie", "a=1"),
      );
      expect(response.headers["set-cookie"]).toEqual(["a=1", "b=2", "c=3"]);
    },
  );

  test.each([
    ["one cookie of the app", "b=old; Path=/app", ["b=new"]],
    [
      "several cookies, and no cookie with another name",
      ["a=1", "b=old", "bb=2", "B=3", " b =4"],
      ["a=1", "bb=2", "B=3", "b=new"],
    ],
    ["a cookie without a value", ["b"], ["b=new"]],
  ])("replaces cookies of the same name: %s", async (_what, present, expected) => {
    const response = await send(
      { status: 204, headers: { "Set-Cookie": "b=new" } },
      (res) => void res.setHeader("Set-Cookie", present),
    );
    expect(response.headers["set-cookie"]).toEqual(expected);
  });

  test("does not change the app's own list of cookies, which other responses may use", async () => {
    const cookies = ["a=1"];
    await send({ status: 204, headers: { "Set-Cookie": "b=2" } }, (res) =>
      res.setHeader("Set-Cookie", cookies),
    );
    expect(cookies).toEqual(["a=1"]);
  });

  test("sends nothing if the app has already sent a response", async () => {
    const given = {
      status: 200,
      headers: { "Set-Cookie": "token=a.b.c" },
      body: { token: "a.b.c" },
    };
    const response = await send(given, (res) => {
      res.statusCode = 503;
      res.end("busy");
    });
    expect([response.status, response.text]).toEqual([503, "busy"]);
    expect(response.headers).not.toHaveProperty("set-cookie");
  });
});

describe("setHeaders", () => {
  test("sets only the headers, and does not send the response", async () => {
    const response = await request((_req: unknown, res: Res) => {
      res.setHeader("X-Token", "old");
      res.setHeader("Set-Cookie", "a=1");
      setHeaders(res, { "x-token": "new", "Set-Cookie": "b=2" });
      res.statusCode = 202;
      res.end("the app's own");
    }).get("/");
    expect([response.status, response.text]).toEqual([202, "the app's own"]);
    expect(response.headers).toMatchObject({ "x-token": "new", "set-cookie": ["a=1", "b=2"] });
    expect(response.headers).not.toHaveProperty("cache-control");
  });
});

describe("the responses of a custom transport", () => {
  const transport: Transport = {
    extractToken: ({ headers }) => headers["x-api-token"]?.toString(),
    loginResponse: (token, lifetimeSeconds) => ({
      status: 201,
      headers: { "X-Api-Token": token },
      body: { lifetimeSeconds },
    }),
    logoutResponse: () => ({ status: 205, headers: { "Clear-Site-Data": '"cache"' } }),
  };
  const auth = createJwtStrategy({
    secret: hmacSecret,
    lifetimeSeconds: 60,
    transport,
    verifyCredentials: ({ username }) => ({ id: username }),
  });
  const app = express().post("/login", auth.login).post("/logout", auth.logout);
  const logIn = async (): Promise<Response> =>
    request(app).post("/login").send({ username: "ann", password: "secret" });

  test("are sent at login, with no-store added", async () => {
    const response = await logIn();
    expect([response.status, response.body]).toEqual([201, { lifetimeSeconds: 60 }]);
    expect(response.headers).toMatchObject({ "cache-control": "no-store" });
    expect(await auth.readToken(response.headers["x-api-token"])).toMatchObject({ sub: "ann" });
  });

  test("are sent at logout, with no-store added", async () => {
    const { headers } = await logIn();
    const response = await request(app)
      .post("/logout")
      .set("X-Api-Token", String(headers["x-api-token"]));
    expect(response.status).toBe(205);
    expect(response.headers).toMatchObject({
      "cache-control": "no-store",
      "clear-site-data": '"cache"',
    });
  });
});
