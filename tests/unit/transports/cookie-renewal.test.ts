import { afterEach, describe, expect, jest, test } from "@jest/globals";
import {
  bearerTransport,
  cookieTransport,
  createJwtStrategy,
  type CookieTransportOptions,
} from "express-jwt-strategy";
import express from "express";
import request from "supertest";
import { AUDIENCE, forge } from "../../support/forge.ts";
import { hmacSecret, signingKey } from "../../support/keys.ts";

const NOW = 1_700_000_000;
const OPTIONS: readonly (readonly [string, CookieTransportOptions, string])[] = [
  ["no options", {}, "fastapiusersauth=T; Path=/; Secure; HttpOnly; SameSite=lax"],
  [
    "a __Host- name and a maximal age",
    { cookieName: "__Host-session", cookieMaxAge: 86_400 },
    "__Host-session=T; Max-Age=86400; Path=/; Secure; HttpOnly; SameSite=lax",
  ],
  [
    "attributes of its own",
    {
      cookieName: "session",
      cookiePath: "/app",
      cookieDomain: "example.com",
      cookieSecure: false,
      cookieHttpOnly: false,
      cookieSameSite: "strict",
    },
    "session=T; Path=/app; Domain=example.com; SameSite=strict",
  ],
];

afterEach(() => void jest.restoreAllMocks());

describe("the headers of a renewal", () => {
  test.each(OPTIONS)("are those of a login, with %s", (_with, options, cookie) => {
    const transport = cookieTransport(options);
    const headers = { "Set-Cookie": cookie };
    expect(transport.renewalHeaders?.("T", 3600)).toEqual(headers);
    expect(transport.renewalHeaders?.("T", null)).toEqual(headers);
    expect(transport.loginResponse("T", 3600)).toEqual({ status: 204, headers });
  });

  test.each([0, 1])(
    "may have 4,096 bytes, the limit of browsers, and throw if there is one more: %i more",
    (more) => {
      const overhead = "fastapiusersauth=; Path=/; Secure; HttpOnly; SameSite=lax".length;
      const token = "x".repeat(4096 - overhead + more);
      const renew = (): unknown => cookieTransport().renewalHeaders?.(token, 3600);
      if (more === 0) expect(renew()).toHaveProperty("Set-Cookie");
      else expect(renew).toThrow(/longer than the 4096 bytes that browsers accept/);
    },
  );

  test("do not exist for bearerTransport, because its clients request new tokens themselves", () => {
    expect(bearerTransport()).not.toHaveProperty("renewalHeaders");
  });
});

describe("a renewed cookie", () => {
  test.each(OPTIONS)("replaces the cookie of the login, with %s", async (_with, options) => {
    const auth = createJwtStrategy({
      secret: hmacSecret,
      lifetimeSeconds: 3600,
      renewAfterFraction: 0.5,
      transport: cookieTransport(options),
      verifyCredentials: () => ({ id: "42" }),
      findUser: (id) => ({ id }),
    });
    const app = express().post("/login", auth.login);
    app.get("/me", auth.authenticate(), (_req, res) => res.send("in"));
    const tokenAt = (seconds: number): string =>
      forge("HS256", signingKey("HS256"), { sub: "42", aud: [AUDIENCE], exp: seconds + 3600 });

    const clock = jest.spyOn(Date, "now").mockReturnValue(NOW * 1000);
    const login = await request(app).post("/login").send({ username: "ada", password: "x" });
    const [cookie = ""] = login.get("Set-Cookie") ?? [];
    expect(cookie).toContain(`=${tokenAt(NOW)};`);

    clock.mockReturnValue((NOW + 1800) * 1000);
    const me = await request(app)
      .get("/me")
      .set("Cookie", cookie.split(";")[0] ?? "");
    expect([me.status, me.text]).toEqual([200, "in"]);
    expect(me.get("Set-Cookie")).toEqual([cookie.replace(tokenAt(NOW), tokenAt(NOW + 1800))]);
    expect(me.headers["cache-control"]).toBe("no-store");
  });
});
