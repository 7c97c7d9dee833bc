import type { IncomingMessage, ServerResponse } from "node:http";
import { describe, expect, test } from "@jest/globals";
import {
  AuthError,
  bearerTransport,
  cookieTransport,
  CrossSiteRequestError,
  InvalidRequestError,
  createJwtStrategy,
  type CookieTransportOptions,
  type JwtStrategy,
  type OnAuthError,
  type Transport,
} from "express-jwt-strategy";
import express, { type Express } from "express";
import request, { type Response } from "supertest";
import { expectRefusal } from "../support/expect-refusal.ts";
import { forge, goodClaims, nowInSeconds } from "../support/forge.ts";
import { hmacSecret, signingKey } from "../support/keys.ts";
import { createRequest } from "../support/request.ts";

interface User {
  readonly id: string;
  readonly isActive: boolean;
}

const CLEARED = "session=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=lax";

function tokenOf(sub: string, secondsLeft = 3600): string {
  const exp = nowInSeconds() + secondsLeft;
  return forge("HS256", signingKey("HS256"), goodClaims({ sub, exp }));
}

function createAuth(cookie: CookieTransportOptions = {}, options: object = {}): JwtStrategy<User> {
  return createJwtStrategy<User>({
    secret: hmacSecret,
    lifetimeSeconds: 3600,
    transport: cookieTransport({ cookieName: "session", ...cookie }),
    findUser: (id) => ({ id, isActive: id !== "inactive" }),
    verifyCredentials: ({ username }) => ({ id: username, isActive: true }),
    ...options,
  });
}

function appOf(auth: JwtStrategy<User>): Express {
  const app = express().use(auth.authenticate({ optional: "lenient" }));
  return app
    .post("/auth/login", auth.login)
    .post("/auth/logout", auth.logout)
    .post("/auth/refresh", auth.refresh);
}

function cookiesOf(response: Response): unknown {
  return response.headers["set-cookie"];
}

function subOf(response: Response): unknown {
  const [cookie = ""] = (cookiesOf(response) ?? []) as string[];
  const payload = /^session=[\w-]+\.([\w-]+)\./.exec(cookie)?.[1] ?? "";
  return (JSON.parse(Buffer.from(payload, "base64url").toString()) as { sub: string }).sub;
}

describe("after authenticate() has renewed the token of a request", () => {
  const app = appOf(createAuth({}, { renewAfterFraction: 0.5 }));
  const cookie = `session=${tokenOf("ann", 60)}`;

  test("a logout sends no token", async () => {
    const response = await request(app).post("/auth/logout").set("Cookie", cookie);
    expect([response.status, cookiesOf(response)]).toEqual([204, [CLEARED]]);
  });

  test("a login sends the token of the new user only", async () => {
    const response = await request(app)
      .post("/auth/login")
      .set("Cookie", cookie)
      .send({ username: "bob", password: "right" });
    expect([response.status, subOf(response)]).toEqual([204, "bob"]);
    expect(cookiesOf(response)).toHaveLength(1);
  });

  test("a refresh sends only one token", async () => {
    const response = await request(app).post("/auth/refresh").set("Cookie", cookie);
    expect([response.status, subOf(response)]).toEqual([204, "ann"]);
    expect(cookiesOf(response)).toHaveLength(1);
  });
});

describe("a refused logout", () => {
  test.each([
    ["an expired token", `session=${tokenOf("ann", -60)}`, 401],
    ["a token of another key", `session=${tokenOf("ann").slice(0, -4)}AAAA`, 401],
    ["a deactivated user", `session=${tokenOf("inactive")}`, 401],
  ])("keeps its status and clears the cookie: %s", async (_why, cookie, status) => {
    const sent = (path: string): request.Test =>
      request(appOf(createAuth())).post(path).set("Cookie", cookie);
    const response = await sent("/auth/logout");
    expect([response.status, cookiesOf(response)]).toEqual([status, [CLEARED]]);
    expect(response.headers["cache-control"]).toBe("no-store");
    // Only a logout clears the cookie.
    expect(cookiesOf(await sent("/auth/refresh"))).toBeUndefined();
  });

  test("has the same response as any refusal", () => {
    const expired = request(appOf(createAuth())).post("/auth/logout");
    const cookie = `session=${tokenOf("ann", -60)}`;
    return expectRefusal(
      expired.set("Cookie", cookie),
      401,
      "invalid_token",
      "The access token expired",
    );
  });

  test("clears the cookie if onAuthError passes the refusal on, and keeps other cookies", async () => {
    const passOn: OnAuthError = (error, _req, _res, next) => next(error);
    const auth = createAuth({}, { onAuthError: passOn });
    const app = express().use((_req, res, next) => {
      res.append("Set-Cookie", "theme=dark");
      next();
    });
    app.post("/", auth.logout);
    app.use(((error, _req, res, next) => {
      if (error instanceof AuthError) res.status(error.status).end();
      else next(error);
    }) as express.ErrorRequestHandler);
    const response = await request(app)
      .post("/")
      .set("Cookie", `session=${tokenOf("ann", -60)}`);
    expect([response.status, cookiesOf(response)]).toEqual([401, ["theme=dark", CLEARED]]);
  });

  test.each<[string, OnAuthError | undefined]>([
    ["the package answers", undefined],
    ["onAuthError passes the refusal on", (error, _req, _res, next) => next(error)],
  ])(
    "clears a cookie only itself, if all refusals share one error: %s",
    async (_who, onAuthError) => {
      const shared = new InvalidRequestError("cookie_repeated");
      const transport: Transport = { ...cookieTransport(), extractToken: () => shared };
      const auth = createAuth({}, { transport, onAuthError });
      const app = express().post("/logout", auth.logout).get("/me", auth.authenticate());
      const loggedOut = await request(app).post("/logout");
      const cleared = CLEARED.replace("session", "fastapiusersauth");
      expect([loggedOut.status, cookiesOf(loggedOut)]).toEqual([400, [cleared]]);
      const next = await request(app).get("/me");
      expect([next.status, cookiesOf(next)]).toEqual([400, undefined]);
      expect(shared.headers).not.toHaveProperty("Set-Cookie");
    },
  );

  test("does not clear the cookie for a request from another site", async () => {
    const response = await request(appOf(createAuth()))
      .post("/auth/logout")
      .set({ Cookie: `session=${tokenOf("ann", -60)}`, "Sec-Fetch-Site": "cross-site" });
    expect([response.status, cookiesOf(response)]).toEqual([403, undefined]);
  });

  test.each<[string, AuthError, number]>([
    ["CrossSiteRequestError", new CrossSiteRequestError(), 403],
    ["another error", new InvalidRequestError("cookie_repeated"), 400],
  ])(
    "does not clear the cookie if protect() of the transport returns %s",
    async (_what, error, status) => {
      const transport: Transport = { ...cookieTransport(), protect: () => error };
      const app = express().post("/", createAuth({}, { transport }).logout);
      const response = await request(app)
        .post("/")
        .set("Cookie", `fastapiusersauth=${tokenOf("ann", -60)}`);
      expect([response.status, cookiesOf(response)]).toEqual([status, undefined]);
    },
  );

  test.each([
    [
      "a list of cookies with the header name in another case",
      { "set-cookie": ["a=", "b="] },
      ["a=", "b="],
    ],
    ["other headers", { "Clear-Site-Data": '"cookies"' }, undefined],
    ["no headers", undefined, undefined],
  ])("sends only the cookies of logoutResponse(): %s", async (_what, headers, cookies) => {
    const logoutResponse = (): ReturnType<Transport["logoutResponse"]> => ({
      status: 204,
      ...(headers === undefined ? {} : { headers: headers }),
    });
    const transport: Transport = { ...bearerTransport(), logoutResponse };
    const app = express().post("/", createAuth({}, { transport }).logout);
    const response = await request(app).post("/").set("Authorization", "Bearer a.b.c");
    expect([response.status, cookiesOf(response)]).toEqual([401, cookies]);
    expect(response.headers).not.toHaveProperty("clear-site-data");
  });
});

describe("after a change of cookieDomain, cookiePath or cookiePartitioned", () => {
  interface StoredCookie {
    readonly value: string;
    readonly path: string;
    readonly domain: string | undefined;
  }

  /**
   * A browser on app.example.com. Name, path and domain (RFC 6265 section 5.3) and the partition (CHIPS)
   * identify a cookie. The browser accepts no partitioned cookie without Secure.
   */
  class Browser {
    readonly #cookies = new Map<string, StoredCookie>();

    receive(cookies: readonly string[]): void {
      for (const cookie of cookies) {
        const value = /^session=([^;]*)/.exec(cookie)?.[1] ?? "";
        const path = /; Path=([^;]*)/.exec(cookie)?.[1] ?? "";
        const domain = /; Domain=\.?([^;]*)/.exec(cookie)?.[1];
        const isPartitioned = cookie.endsWith("; Partitioned");
        if (isPartitioned && !cookie.includes("; Secure;")) continue;
        const key = `${path} ${String(domain)} ${String(isPartitioned)}`;
        if (value === "") this.#cookies.delete(key);
        else this.#cookies.set(key, { value, path, domain });
      }
    }

    header(): string {
      return [...this.#cookies.values()].map(({ value }) => `session=${value}`).join("; ");
    }
  }

  const PARTITIONED = { cookieSameSite: "none", cookiePartitioned: true } as const;
  const DOMAIN = { cookieDomain: ".example.com" };

  test.each<[string, CookieTransportOptions, CookieTransportOptions]>([
    ["is a host-only cookie", {}, DOMAIN],
    ["has a domain", { cookieDomain: "app.example.com" }, DOMAIN],
    ["has a path of one segment", { cookiePath: "/auth" }, DOMAIN],
    ["has a path with a slash at its end", { cookiePath: "/auth/" }, DOMAIN],
    ["has a path and a domain", { cookiePath: "/auth/logout", ...DOMAIN }, DOMAIN],
    ["is not partitioned", { cookieSameSite: "none" }, PARTITIONED],
    ["is partitioned", PARTITIONED, {}],
    ["is partitioned, the new one is not Secure", PARTITIONED, { cookieSecure: false }],
    ["is partitioned and has a path", { ...PARTITIONED, cookiePath: "/auth" }, DOMAIN],
    ["has a domain and is not partitioned", DOMAIN, PARTITIONED],
  ])("logout clears both cookies: the old one %s", async (_what, old, current) => {
    const browser = new Browser();
    const now = createAuth(current);
    for (const auth of [createAuth(old), now]) {
      const login = request(appOf(auth)).post("/auth/login");
      browser.receive(cookiesOf(await login.send({ username: "ann", password: "a" })) as string[]);
    }
    expect(browser.header().split("; ")).toHaveLength(2);
    const response = await request(appOf(now))
      .post("/auth/logout?next=/a;b")
      .set({ Cookie: browser.header(), Host: "app.example.com:8443" });
    expect([response.status, (response.body as { error: string }).error]).toEqual([
      400,
      "invalid_request",
    ]);
    browser.receive(cookiesOf(response) as string[]);
    expect(browser.header()).toBe("");
  });

  test("logout without Express clears the same cookies", async () => {
    const { logout } = createAuth();
    const response = await request((req: IncomingMessage, res: ServerResponse) =>
      logout(req, res, () => undefined),
    )
      .post("/auth")
      .set({ Cookie: "session=a.b.c; session=d.e.f", Host: "localhost" });
    expect(cookiesOf(response)).toEqual(
      ["/", "/auth", "/auth/"].flatMap((path) => [
        `session=; Max-Age=0; Path=${path}; Secure; HttpOnly; SameSite=lax`,
        `session=; Max-Age=0; Path=${path}; Secure; HttpOnly; SameSite=none; Partitioned`,
      ]),
    );
  });

  test("logout clears the same cookies over HTTP/2", () => {
    const headers = { ":authority": "app.example.com:8443", cookie: "session=a; session=b" };
    const req = Object.assign(createRequest("POST", headers), { url: "/" });
    const { headers: { "Set-Cookie": cookies = [] } = {} } = cookieTransport({
      cookieName: "session",
    }).logoutResponse(req);
    const domains = [cookies].flat().map((cookie) => /; Domain=([^;]*)/.exec(cookie)?.[1]);
    expect([...new Set(domains)]).toEqual([undefined, "app.example.com", "example.com"]);
  });

  test.each([
    ["127.0.0.1:3000", "/", 2],
    ["localhost", "/", 2],
    ["[::1]:3000", "/", 2],
    ["a b", "/", 2],
    ["x.example", "/", 4],
    [`${"a.".repeat(40)}example`, "/", 12],
    ["localhost", `/${"a/".repeat(100)}`, 22],
    ["localhost", "/a//b", 10],
  ])("clears a bounded number of cookies: Host %s, path %s", async (host, path, count) => {
    const app = express().use(createAuth().logout);
    const response = await request(app)
      .post(path)
      .set({ Cookie: "session=a.b.c; session=d.e.f", Host: host });
    expect(response.status).toBe(400);
    expect(cookiesOf(response)).toHaveLength(count);
  });
});

describe("loginRedirect and logoutRedirect", () => {
  const app = appOf(createAuth({ loginRedirect: "/account", logoutRedirect: "/bye" }));
  const login = (headers: Record<string, string>): request.Test =>
    request(app).post("/auth/login").set(headers).send({ username: "ann", password: "right" });
  const logout = (headers: Record<string, string>): request.Test =>
    request(app)
      .post("/auth/logout")
      .set({ ...headers, Cookie: `session=${tokenOf("ann")}` });

  const HTML = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

  test.each([
    [{ "Sec-Fetch-Mode": "navigate" }],
    [{ "Sec-Fetch-Mode": "navigate", Accept: "application/json" }],
    [{ Accept: HTML }],
    [{ Accept: "application/json;q=0.5, TEXT/HTML" }],
    [{ Accept: "text/html;level=1;q=0.9, application/json;q=0.1" }],
  ])("redirect a browser that navigates: %p", async (headers) => {
    const loggedIn = await login(headers);
    expect([loggedIn.status, loggedIn.headers.location]).toEqual([303, "/account"]);
    expect(subOf(loggedIn)).toBe("ann");
    expect(loggedIn.headers["cache-control"]).toBe("no-store");
    const loggedOut = await logout(headers);
    expect([loggedOut.status, loggedOut.headers.location]).toEqual([303, "/bye"]);
    expect(cookiesOf(loggedOut)).toEqual([CLEARED]);
  });

  test.each([
    [{}],
    [{ "Sec-Fetch-Mode": "cors", Accept: HTML }],
    [{ Accept: "*/*" }],
    [{ Accept: "application/json, text/html" }],
    [{ Accept: "text/html;q=0.5, application/json" }],
    [{ Accept: "text/html;q=0" }],
    [{ Accept: "text/html;q=high" }],
    [{ Accept: "" }],
  ])("answer 204 to other requests: %p", async (headers) => {
    const responses = [await login(headers), await logout(headers)];
    for (const { status, headers } of responses) {
      expect([status, headers.location]).toEqual([204, undefined]);
    }
  });

  test("do not change refusals", async () => {
    const refused = await request(app).post("/auth/login").set("Sec-Fetch-Mode", "navigate");
    expect(refused.status).toBe(400);
    await expectRefusal(request(app).post("/auth/logout").set("Sec-Fetch-Mode", "navigate"), 401);
  });

  test("do not redirect if they are not set", async () => {
    const plain = request(appOf(createAuth()))
      .post("/auth/login")
      .set("Sec-Fetch-Mode", "navigate");
    expect((await plain.send({ username: "ann", password: "right" })).status).toBe(204);
  });
});
