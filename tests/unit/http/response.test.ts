import type { RequestListener } from "node:http";
import { describe, expect, test } from "@jest/globals";
import { createJwtStrategy, type TransportResponse, type Transport } from "express-jwt-strategy";
import request, { type Response } from "supertest";
import express from "express";
import { sendResponse, setHeaders } from "../../../lib/http/response.ts";
import { hmacSecret } from "../../support/keys.ts";

type Respond = Parameters<RequestListener>[1];

/** What a client gets of an answer, on a response that has been touched before. */
function receive(
  answer: TransportResponse,
  touch: (res: Respond) => void = () => undefined,
): request.Test {
  return request((_req: unknown, res: Respond) => {
    touch(res);
    sendResponse(res, answer);
  }).get("/");
}

describe("sendResponse", () => {
  test("writes the status and the body, as JSON without a charset (RFC 8259 section 11)", async () => {
    const response = await receive({ status: 200, body: { name: "Ünal" } });
    expect([response.status, response.text]).toEqual([200, '{"name":"Ünal"}']);
    expect(response.headers["content-type"]).toBe("application/json");
  });

  test("writes no body, and no type of it, where there is none", async () => {
    const response = await receive({ status: 204 });
    expect([response.status, response.text]).toEqual([204, ""]);
    expect(response.headers).not.toHaveProperty("content-type");
  });

  test.each([
    { status: 204 },
    { status: 401, body: {} },
    { status: 204, headers: { "cache-control": "public" } },
  ])("lets nobody store %j", async (answer) => {
    const response = await receive(answer, (res) =>
      res.setHeader("Cache-Control", "public, max-age=60"),
    );
    expect(response.headers["cache-control"]).toBe("no-store");
  });

  test("replaces a header that is set already", async () => {
    const response = await receive({ status: 204, headers: { "X-Token": "new" } }, (res) =>
      res.setHeader("x-token", "old"),
    );
    expect(response.headers["x-token"]).toBe("new");
  });

  test.each([["Set-Cookie"], ["set-cookie"], ["SET-COOKIE"]])(
    "adds %s to the cookies that are set already",
    async (name) => {
      const response = await receive(
        { status: 204, headers: { [name]: ["b=2", "c=3"] } },
        (res) => void res.setHeader("Set-Cookie", "a=1"),
      );
      expect(response.headers["set-cookie"]).toEqual(["a=1", "b=2", "c=3"]);
    },
  );

  test.each([
    ["one that the app has set", "b=old; Path=/app", ["b=new"]],
    [
      "several, and no others",
      ["a=1", "b=old", "bb=2", "B=3", " b =4"],
      ["a=1", "bb=2", "B=3", "b=new"],
    ],
    ["one without a value", ["b"], ["b=new"]],
  ])("replaces cookies of the same name: %s", async (_what, present, expected) => {
    const response = await receive(
      { status: 204, headers: { "Set-Cookie": "b=new" } },
      (res) => void res.setHeader("Set-Cookie", present),
    );
    expect(response.headers["set-cookie"]).toEqual(expected);
  });

  test("leaves the app's own list of cookies as it is, which may serve other responses", async () => {
    const cookies = ["a=1"];
    await receive({ status: 204, headers: { "Set-Cookie": "b=2" } }, (res) =>
      res.setHeader("Set-Cookie", cookies),
    );
    expect(cookies).toEqual(["a=1"]);
  });

  test("writes nothing where the app has answered in the meantime", async () => {
    const answer = {
      status: 200,
      headers: { "Set-Cookie": "token=a.b.c" },
      body: { token: "a.b.c" },
    };
    const response = await receive(answer, (res) => {
      res.statusCode = 503;
      res.end("busy");
    });
    expect([response.status, response.text]).toEqual([503, "busy"]);
    expect(response.headers).not.toHaveProperty("set-cookie");
  });
});

describe("setHeaders", () => {
  test("sets the headers alone, and leaves the answer to the app", async () => {
    const response = await request((_req: unknown, res: Respond) => {
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

describe("the answers of a transport of the app's own", () => {
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

  test("are those of login, with no-store added", async () => {
    const response = await logIn();
    expect([response.status, response.body]).toEqual([201, { lifetimeSeconds: 60 }]);
    expect(response.headers).toMatchObject({ "cache-control": "no-store" });
    expect(await auth.readToken(response.headers["x-api-token"])).toMatchObject({ sub: "ann" });
  });

  test("are those of logout, with no-store added", async () => {
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
