import { createSecretKey, randomBytes } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import type { IncomingMessage } from "node:http";
import express, { type Express } from "express";
import { cookieTransport, createJwtStrategy } from "express-jwt-strategy";
import request, { type Test } from "supertest";
import { expectRefusal } from "../../support/expect-refusal.ts";
import { forge, goodClaims } from "../../support/forge.ts";
import { hmacSecret, signingKey } from "../../support/keys.ts";
import { sendLines, serve } from "../../support/server.ts";

const KEY = signingKey("HS256");
const T = forge("HS256", KEY);
const REPEATED = "The cookie is sent more than once";

describe("authenticate() with cookieTransport", () => {
  function appOf(isActive = true): Express {
    const auth = createJwtStrategy({
      secret: hmacSecret,
      lifetimeSeconds: 3600,
      transport: cookieTransport(),
      findUser: (id) => ({ id, isActive }),
    });
    const app = express();
    app.get("/me", auth.authenticate({ active: true }), (req, res) => {
      res.send(auth.currentUser(req).id);
    });
    app.get("/optional", auth.authenticate({ optional: true }), (req, res) => {
      res.send(auth.currentUser(req, { optional: true })?.id ?? "nobody");
    });
    return app;
  }

  const app = appOf();
  const get = (path: string, cookie: string): Test => request(app).get(path).set("Cookie", cookie);

  test.each([
    ["alone", `fastapiusersauth=${T}`],
    ["before others", `fastapiusersauth=${T}; theme=dark`],
    ["after others", `theme=dark; fastapiusersauth=${T}`],
    ["without spaces", `theme=dark;fastapiusersauth=${T};lang=en`],
    ["in quotes", `fastapiusersauth="${T}"`],
    ["in quotes after another cookie", `theme=dark; fastapiusersauth="${T}"; lang=en`],
    ["before whitespace", `fastapiusersauth=${T} \t ; theme=dark`],
    ["in quotes before spaces", `fastapiusersauth="${T}"  ; theme=dark`],
    ["after whitespace", `theme=dark; \t fastapiusersauth=${T}; lang=en`],
    ["with a space after its name", `theme=dark; fastapiusersauth =${T}`],
    ["with whitespace before its value", `fastapiusersauth= \t${T}; theme=dark`],
    ["in quotes after whitespace", `fastapiusersauth \t= "${T}"`],
    ["next to a cookie named __proto__", `__proto__=x; fastapiusersauth=${T}`],
    [
      "next to cookies with longer names",
      `fastapiusersauth2=x; xfastapiusersauth=x; fastapiusersauth=${T}`,
    ],
    ["next to a cookie with its name in another case", `FastAPIUsersAuth=x; fastapiusersauth=${T}`],
  ])("reads a cookie %s", (_case, cookie) => get("/me", cookie).expect(200, "42"));

  test.each([
    ["no cookie at all", ""],
    ["other cookies", "theme=dark; lang=en"],
    ["an empty value", "fastapiusersauth="],
    ["a value of whitespace", "fastapiusersauth= \t; theme=dark"],
    ["a name without a value", "fastapiusersauth"],
    ["a name without a value before another cookie", `fastapiusersauth; =${T}`],
    ["a no-break space after the name", `fastapiusersauth\xa0=${T}`],
    ["a name that ends with the cookie's name", `xfastapiusersauth=${T}`],
    ["a name that begins with the cookie's name", `fastapiusersauthx=${T}`],
    ["a name in capitals", `FASTAPIUSERSAUTH=${T}`],
    ["a no-break space before the name", `\xa0fastapiusersauth=${T}`],
    ["the cookie in the value of another cookie", `theme=fastapiusersauth=${T}`],
    ["a comma instead of a semicolon", `theme=dark, fastapiusersauth=${T}`],
  ])("finds no credentials in %s", async (_case, cookie) => {
    await expectRefusal(get("/me", cookie), 401);
    await get("/optional", cookie).expect(200, "nobody");
  });

  test.each([
    ["a bearer token", "Authorization", `Bearer ${T}`],
    ["a header with the cookie's name", "fastapiusersauth", T],
    ["a Cookie2 header", "Cookie2", `fastapiusersauth=${T}`],
  ])("ignores a token that is sent in another way: %s", (_case, name, value) =>
    expectRefusal(request(app).get("/me").set(name, value), 401),
  );

  test.each([
    ["a value that is not a token", "junk"],
    ["a percent-encoded letter", `%65${T.slice(1)}`],
    ["percent-encoded line breaks", `${T}%0d%0a`],
    ["an invalid percent escape", `${T}%zz`],
    ["a percent-encoded letter outside ASCII", `%C5%81${T.slice(1)}`],
    ["a no-break space at the end", `${T}\xa0`],
    ["an equals sign at the end", `${T}=`],
    ["a single quotation mark", `"${T}`],
    ["spaces inside the quotes", `" ${T} "`],
    ["two pairs of quotes", `""${T}""`],
    ["quotes inside the token", `${T.slice(0, 9)}"${T.slice(9)}`],
    ["single quotes", `'${T}'`],
    ["a token of another key", forge("HS256", createSecretKey(randomBytes(64)))],
  ])("does not decode the value, and refuses %s", async (_case, value) => {
    const cookie = `fastapiusersauth=${value}`;
    await expectRefusal(get("/me", cookie), 401, "invalid_token");
    await expectRefusal(get("/optional", cookie), 401, "invalid_token");
  });

  test("refuses an expired cookie with its own error description", () =>
    expectRefusal(
      get("/me", `fastapiusersauth=${forge("HS256", KEY, goodClaims({ exp: 1 }))}`),
      401,
      "invalid_token",
      "The access token expired",
    ));

  test("refuses an inactive user", () =>
    expectRefusal(
      request(appOf(false)).get("/me").set("Cookie", `fastapiusersauth=${T}`),
      401,
      "invalid_token",
    ));

  describe.each([
    ["the same twice", T, T],
    ["a valid one first", T, "junk"],
    ["a valid one last", "junk", T],
    ["an empty one first", "", T],
    ["an empty one last", T, ""],
    ["one with a space before its value", T, ` ${T}`],
  ])("for two cookies with its name, %s,", (_case, first, second) => {
    const [firstCookie, secondCookie] = [`fastapiusersauth=${first}`, `fastapiusersauth=${second}`];

    test.each(["/me", "/optional"])("refuses the request to %s", (path) =>
      expectRefusal(
        get(path, `${firstCookie}; theme=dark; ${secondCookie}`),
        400,
        "invalid_request",
        REPEATED,
      ),
    );

    test("refuses the request if one has a space after its name", () =>
      expectRefusal(
        get("/me", `fastapiusersauth =${first}; ${secondCookie}`),
        400,
        "invalid_request",
        REPEATED,
      ));

    test("refuses the request with two Cookie lines", async () => {
      const server = await serve(app);
      const lines = [`Cookie: ${firstCookie}`, `cookie: ${secondCookie}`];
      const response = await sendLines(server.port, ["GET /me HTTP/1.1", "Host: x", ...lines]);
      await server.close();
      expect(response).toMatchObject({
        status: 400,
        body: `{"detail":"Bad Request","error":"invalid_request","error_description":"${REPEATED}"}`,
      });
      expect(response.headers.get("www-authenticate")).toEqual([
        `Bearer realm="api", error="invalid_request", error_description="${REPEATED}"`,
      ]);
      expect(response.headers.get("cache-control")).toEqual(["no-store"]);
    });
  });
});

describe("cookieTransport().extractToken", () => {
  const extract = (cookieName: string, cookie: string | readonly string[]): unknown =>
    cookieTransport({ cookieName }).extractToken({
      headers: { cookie },
    } as unknown as IncomingMessage);

  test.each(["__proto__", "constructor", "toString", "a.b", "$x", "__Host-session"])(
    "finds a cookie named %s by its exact name, not by a pattern or a prototype",
    (name) => {
      expect(extract(name, `x=1; ${name}=a.b.c`)).toBe("a.b.c");
      expect(extract(name, "x=1; aXb=a.b.c")).toBeUndefined();
    },
  );

  test("reads a Cookie header that is a list, as some adapters pass it", () => {
    expect(extract("a", ["x=1", "a=a.b.c"])).toBe("a.b.c");
    expect(extract("a", ["a=1", "a=2"])).toMatchObject({ code: "invalid_request" });
  });

  test("ignores a __Host- cookie if browsers do not treat its name as such", () => {
    expect(extract("__Host-session", "\xa0__Host-session=a.b.c")).toBeUndefined();
    expect(extract("__Host-session", "__host-session=a.b.c")).toBeUndefined();
  });
});
