import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  jest,
  test,
} from "@jest/globals";
import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import express, { type Express } from "express";
import {
  AuthError,
  cookieTransport,
  createJwtStrategy,
  CrossSiteRequestError,
  type AuthErrorReason,
} from "express-jwt-strategy";
import request from "supertest";
import { forge } from "../../support/forge.ts";
import { hmacSecret, signingKey } from "../../support/keys.ts";
import { createRequest } from "../../support/request.ts";
import { sendLines, serve, type RawResponse, type RunningServer } from "../../support/server.ts";

const T = forge("HS256", signingKey("HS256"));
const COOKIE = `Cookie: fastapiusersauth=${T}`;
const HOST = "site.example:3000";
const OWN = "Origin: http://site.example:3000";
const FOREIGN = "Origin: https://evil.example";
const TRUSTED = "Origin: https://app.example";
const CROSS_SITE = "Sec-Fetch-Site: cross-site";

const UNSAFE = ["POST", "PUT", "PATCH", "DELETE"];
const SAFE = ["GET", "HEAD", "OPTIONS"];

/** Expects a 403 without a challenge, because other credentials would be refused, too. */
async function expectCrossSiteRefusal(response: Promise<RawResponse>): Promise<void> {
  const { status, headers, body } = await response;
  expect({
    status,
    challenge: headers.get("www-authenticate"),
    caching: headers.get("cache-control"),
    type: headers.get("content-type"),
    cookies: headers.get("set-cookie"),
    body,
  }).toEqual({
    status: 403,
    challenge: undefined,
    caching: ["no-store"],
    type: ["application/json"],
    cookies: undefined,
    body: '{"detail":"Forbidden","error":"cross_site_request","error_description":"Requests from another site are refused"}',
  });
}

describe("cross-site protection", () => {
  const transport = cookieTransport({
    cookieSecure: false,
    trustedOrigins: ["https://app.example", "http://localhost:5173"],
  });
  const extractToken = jest.spyOn(transport, "extractToken");
  const findUser = jest.fn((id: string) => ({ id }));
  const verifyCredentials = jest.fn(() => ({ id: "42" }));
  const handler = jest.fn((_req: unknown, res: ServerResponse) => void res.end("in"));
  const reasons: AuthErrorReason[] = [];
  const options = { secret: hmacSecret, lifetimeSeconds: 3600, transport } as const;
  const auth = createJwtStrategy({ ...options, findUser, verifyCredentials });
  const withOnAuthError = createJwtStrategy({
    ...options,
    onAuthError: (error, _req, _res, next) => {
      reasons.push(error.reason);
      next(error);
    },
  });

  let server: RunningServer;
  beforeAll(async () => {
    const app: Express = express().set("trust proxy", true);
    app.post("/login", auth.login);
    app.post("/logout", auth.logout);
    app.use("/optional", auth.authenticate({ optional: true }));
    app.use("/lenient", auth.authenticate({ optional: "lenient" }));
    app.use("/on-auth-error", withOnAuthError.authenticate());
    app.use("/strict", auth.authenticate());
    app.use(handler);
    server = await serve(app);
  });
  afterAll(() => server.close());
  beforeEach(() => void jest.clearAllMocks());

  function send(requestLine: string, ...lines: readonly string[]): Promise<RawResponse> {
    const host = lines.some((line) => /^host:/i.test(line)) ? [] : [`Host: ${HOST}`];
    return sendLines(server.port, [`${requestLine} HTTP/1.1`, ...host, COOKIE, ...lines]);
  }

  async function expectAllowed(requestLine: string, ...lines: readonly string[]): Promise<void> {
    expect(await send(requestLine, ...lines)).toMatchObject({ status: 200 });
    expect(handler).toHaveBeenCalledTimes(1);
    handler.mockClear();
  }

  async function expectRefused(requestLine: string, ...lines: readonly string[]): Promise<void> {
    await expectCrossSiteRefusal(send(requestLine, ...lines));
    expect(handler).not.toHaveBeenCalled();
  }

  describe("of a request with an unsafe method", () => {
    const origins = [[], [OWN], [FOREIGN], ["Origin: null"], [TRUSTED]];
    /** One verdict for each of the origins. */
    const verdicts: readonly [site: readonly string[], verdicts: string][] = [
      [[], "pass pass refuse refuse pass"],
      [["Sec-Fetch-Site: same-origin"], "pass pass pass pass pass"],
      [["Sec-Fetch-Site: none"], "pass pass pass pass pass"],
      [["Sec-Fetch-Site: same-site"], "refuse refuse refuse refuse pass"],
      [[CROSS_SITE], "refuse refuse refuse refuse pass"],
      [["Sec-Fetch-Site:"], "refuse refuse refuse refuse pass"],
      [["Sec-Fetch-Site: Same-Origin"], "refuse refuse refuse refuse pass"],
      [["Sec-Fetch-Site: NONE"], "refuse refuse refuse refuse pass"],
      [["Sec-Fetch-Site: unheard-of"], "refuse refuse refuse refuse pass"],
      [["Sec-Fetch-Site: same-origin, none"], "refuse refuse refuse refuse pass"],
      [
        ["Sec-Fetch-Site: same-origin", "sec-fetch-site: same-origin"],
        "refuse refuse refuse refuse pass",
      ],
      [["Sec-Fetch-Site: same-origin", CROSS_SITE], "refuse refuse refuse refuse pass"],
    ];
    const rows = verdicts.flatMap(([site, row]) =>
      row
        .split(" ")
        .map((verdict, column) => [verdict, [...site, ...(origins[column] ?? [])]] as const),
    );

    test.each(rows)("gives the verdict %s for the headers %j", async (verdict, lines) => {
      for (const method of UNSAFE) {
        await (verdict === "pass" ? expectAllowed : expectRefused)(`${method} /strict`, ...lines);
      }
    });
  });

  test.each([
    ["that of another site in two lines", [FOREIGN, FOREIGN]],
    ["its own, then that of another site", [OWN, FOREIGN]],
    ["that of another site, then its own", [FOREIGN, OWN]],
    ["a trusted one, then that of another site", [TRUSTED, FOREIGN]],
    ["a trusted one in two lines", [TRUSTED, TRUSTED]],
    ["empty", ["Origin:"]],
    ["a list", [`${OWN}, http://evil.example`]],
    ["its own as a prefix of another host", ["Origin: http://site.example:3000.evil.example"]],
    ["its own as the user of another host", ["Origin: http://site.example:3000@evil.example"]],
    ["that of a sub-domain", ["Origin: http://sub.site.example:3000"]],
    ["that of another port", ["Origin: http://site.example:3001"]],
    ["that of the default port", ["Origin: http://site.example"]],
    ["without a scheme", ["Origin: site.example:3000"]],
    ["a trusted origin in capitals", ["Origin: HTTPS://APP.EXAMPLE"]],
    ["a trusted origin with its port", ["Origin: https://app.example:443"]],
    ["a trusted host with another scheme", ["Origin: http://app.example"]],
    ["a trusted host with another port", ["Origin: http://localhost:5174"]],
    ["that of a sub-domain of a trusted one", ["Origin: https://x.app.example"]],
  ])("refuses an Origin that is %s", (_case, lines) => expectRefused("POST /strict", ...lines));

  test.each([
    ["http://site.example", "site.example"],
    ["http://site.example", "site.example:80"],
    ["https://site.example", "site.example"],
    ["https://site.example", "site.example:443"],
    ["https://site.example:8443", "site.example:8443"],
    ["http://site.example", "SITE.example"],
    ["http://localhost:3000", "localhost:3000"],
    ["http://127.0.0.1:3000", "127.0.0.1:3000"],
    ["http://[::1]:3000", "[::1]:3000"],
    ["http://[2001:db8::1]", "[2001:db8::1]"],
    ["http://[2001:db8::1]", "[2001:DB8::1]:80"],
    ["https://[2001:db8::1]", "[2001:db8::1]:443"],
  ])("accepts Origin %s for the Host %s", (origin, host) =>
    expectAllowed("POST /strict", `Host: ${host}`, `Origin: ${origin}`),
  );

  test.each([
    ["http://site.example", "site.example:443"],
    ["https://site.example", "site.example:80"],
    ["http://site.example:8080", "site.example"],
    ["http://localhost:3000", "127.0.0.1:3000"],
    ["http://[::1]:3000", "[::1]:3001"],
    ["http://[::1]:3000", "[::2]:3000"],
    ["http://[::1]", "::1"],
    ["null", "null"],
    ["file://", ""],
    ["data:,", ""],
    ["https://site.example:8443", "site.example:443"],
    ["http://site.example:443", "site.example:80"],
    ["ahttps://site.example", "site.example"],
    ["xhttp://site.example", "site.example"],
    ["https:site.example", "site.example"],
    ["https://undefined", ""],
  ])("refuses Origin %s for the Host %s", (origin, host) =>
    expectRefused("POST /strict", `Host: ${host}`, `Origin: ${origin}`),
  );

  test.each([
    "X-Forwarded-Host: evil.example",
    "Forwarded: host=evil.example;proto=https",
    "X-Original-Host: evil.example",
  ])("ignores headers of proxies: %s", (line) => expectRefused("POST /strict", FOREIGN, line));

  test.each(SAFE)("accepts %s requests of any site", async (method) => {
    await expectAllowed(`${method} /strict`, CROSS_SITE, FOREIGN);
    await expectAllowed(`${method} /strict`, "Sec-Fetch-Site: same-site", "Origin: null");
    expect(extractToken).toHaveBeenCalledTimes(2);
  });

  test.each(["TRACE", "PROPFIND"])(
    "treats %s as unsafe, like all methods that it does not know",
    (method) => expectRefused(`${method} /strict`, CROSS_SITE),
  );

  test.each(SAFE)("treats %s as unsafe if it is a WebSocket upgrade", async (method) => {
    const upgrade = ["Connection: Upgrade", "Upgrade: websocket"];
    await expectRefused(`${method} /strict`.replace("HEAD", "GET"), ...upgrade, CROSS_SITE);
    await expectRefused(`${method} /strict`.replace("HEAD", "GET"), ...upgrade, FOREIGN);
    await expectAllowed(`${method} /strict`, ...upgrade, OWN);
  });

  test.each([
    ["a valid cookie", COOKIE],
    ["an invalid cookie", "Cookie: fastapiusersauth=junk"],
    ["two cookies", `${COOKIE}; fastapiusersauth=${T}`],
    ["no cookie", "X-Nothing: 1"],
  ])("refuses a request without extractToken and findUser: %s", async (_case, cookie) => {
    const lines = ["POST /strict HTTP/1.1", `Host: ${HOST}`, cookie, CROSS_SITE];
    await expectCrossSiteRefusal(sendLines(server.port, lines));
    expect(extractToken).not.toHaveBeenCalled();
    expect(findUser).not.toHaveBeenCalled();
    expect(handler).not.toHaveBeenCalled();
  });

  test.each([[CROSS_SITE], ["Sec-Fetch-Site: same-site"], [FOREIGN], ["Origin: null"]])(
    "refuses a login before it reads the body: %s",
    async (line) => {
      // The body is never sent: a handler that waits for it would not respond.
      await expectRefused(
        "POST /login",
        line,
        "Content-Type: application/json",
        "Content-Length: 99",
      );
      expect(verifyCredentials).not.toHaveBeenCalled();
    },
  );

  test.each([[CROSS_SITE], ["Sec-Fetch-Site: same-site"], [FOREIGN], ["Origin: null"]])(
    "refuses a logout, and clears no cookie: %s",
    async (line) => {
      await expectRefused("POST /logout", line);
      expect(findUser).not.toHaveBeenCalled();
    },
  );

  test.each([[OWN], ["Sec-Fetch-Site: same-origin"], [TRUSTED], ["Accept: */*"]])(
    "accepts login and logout: %s",
    async (line) => {
      const [name = "", value = ""] = line.split(": ");
      const login = request(server.url).post("/login").set("Host", HOST).set(name, value);
      await login.send({ username: "ada", password: "l0velace" }).expect(204);
      expect(await send("POST /logout", line)).toMatchObject({ status: 204, body: "" });
    },
  );

  test("refuses a request even if authentication is optional", async () => {
    await expectRefused("POST /optional", CROSS_SITE);
    await expectRefused("POST /optional", CROSS_SITE, "Cookie: theme=dark");
  });

  test("continues without a user if optional is lenient", async () => {
    await expectAllowed("POST /lenient", CROSS_SITE);
    expect(findUser).not.toHaveBeenCalled();
  });

  test("passes the reason cross_site to onAuthError", async () => {
    reasons.length = 0;
    expect(await send("POST /on-auth-error", CROSS_SITE)).toMatchObject({ status: 403 });
    expect(reasons).toEqual(["cross_site"]);
  });
});

describe("the scheme of an Origin, if the cookie is sent only over HTTPS", () => {
  const transport = cookieTransport();
  const isRefused = (headers: IncomingHttpHeaders): boolean =>
    transport.protect?.(createRequest("GET", { upgrade: "websocket", ...headers }), false) !==
    undefined;

  test.each([
    ["refuses a page on http: of the same host", "http://app.example", "app.example", true],
    [
      "refuses a page on http: with the port of HTTPS",
      "http://app.example:443",
      "app.example:443",
      true,
    ],
    ["refuses a page on http: of an IP address", "http://192.0.2.1", "192.0.2.1", true],
    ["accepts a page on https: of the same host", "https://app.example", "app.example", false],
    [
      "accepts localhost, because browsers send the cookie to it",
      "http://localhost:3000",
      "localhost:3000",
      false,
    ],
    ["accepts a subdomain of localhost", "http://app.localhost", "app.localhost", false],
    ["accepts the loopback address", "http://127.0.0.1:3000", "127.0.0.1:3000", false],
    ["accepts the IPv6 loopback address", "http://[::1]:3000", "[::1]:3000", false],
    ["refuses a host that only ends in localhost", "http://evil-localhost", "evil-localhost", true],
  ])("%s", (_title, origin, host, refused) => {
    expect(isRefused({ origin, host })).toBe(refused);
  });

  test("is not checked without cookieSecure", () => {
    const insecure = cookieTransport({ cookieSecure: false });
    const req = createRequest("POST", { origin: "http://app.example", host: "app.example" });
    expect(insecure.protect?.(req, true)).toBeUndefined();
  });

  test.each(["https://undefined", "https://null", "https://"])(
    "refuses an Origin if the request has no Host: %s",
    (origin) => {
      expect(isRefused({ origin })).toBe(true);
    },
  );
});

describe("a text that no browser sends as an Origin", () => {
  const transport = cookieTransport();

  test.each<[string, string]>([
    ["https://evil.example@site.example", "site.example"],
    ["https://site.example/evil.example", "site.example"],
    ["https://site.example\\evil.example", "site.example"],
    ["https://site.example?evil.example", "site.example"],
    ["https://site.example#evil.example", "site.example"],
    ["https://site.example:443", "site.example"],
    ["https://SITE.example", "site.example"],
    ["https://0x7f.1", "127.0.0.1"],
    ["https://site.example\t", "site.example"],
    ["https://", "site.example"],
  ])("%j is refused with Host %s", (origin, host) => {
    const req = createRequest("POST", { origin, host });
    expect(transport.protect?.(req, true)).toBeInstanceOf(CrossSiteRequestError);
  });

  test("a list is refused, though it contains the own origin", () => {
    const origin = ["https://site.example"] as unknown as string;
    const req = createRequest("POST", { origin, host: "site.example" });
    expect(transport.protect?.(req, true)).toBeInstanceOf(CrossSiteRequestError);
  });

  test("the own origin is accepted", () => {
    const headers = { origin: "https://site.example", host: "site.example" };
    expect(transport.protect?.(createRequest("POST", headers), true)).toBeUndefined();
  });
});

describe("the origins of apps that are not web pages", () => {
  const origins = [
    "capacitor://localhost",
    "tauri://localhost",
    "app://x",
    "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
    "moz-extension://0b7c5a4e-0000-4000-8000-000000000000",
    "ionic://localhost:8100",
  ];
  const transport = cookieTransport({ trustedOrigins: origins });
  const isAccepted = (origin: string): boolean =>
    transport.protect?.(createRequest("POST", { origin, host: "api.example" }), true) === undefined;

  test.each(origins)("are trusted as exact strings: %s", (origin) => {
    expect(isAccepted(origin)).toBe(true);
    for (const other of [`${origin}x`, `${origin}/`, `x${origin}`, origin.toUpperCase()]) {
      expect(isAccepted(other)).toBe(false);
    }
  });
});

describe("while Object.prototype is polluted", () => {
  afterEach(() => {
    for (const name of ["sec-fetch-site", "origin", "host", "cookie"]) {
      Reflect.deleteProperty(Object.prototype, name);
    }
  });

  const send = (headers: IncomingHttpHeaders): unknown =>
    cookieTransport().protect?.(createRequest("POST", headers), true);

  test("inherited Sec-Fetch-Site and Host headers are ignored", () => {
    Reflect.set(Object.prototype, "sec-fetch-site", "same-origin");
    expect(send({ origin: "https://evil.example", host: "app.example" })).toBeInstanceOf(
      CrossSiteRequestError,
    );
    Reflect.deleteProperty(Object.prototype, "sec-fetch-site");
    Reflect.set(Object.prototype, "host", "evil.example");
    expect(send({ origin: "https://evil.example" })).toBeInstanceOf(CrossSiteRequestError);
  });

  test("an inherited Cookie header is ignored", () => {
    Reflect.set(Object.prototype, "cookie", `fastapiusersauth=${T}`);
    expect(cookieTransport().extractToken(createRequest("GET", {}))).toBeUndefined();
  });
});

describe("CrossSiteRequestError", () => {
  test("is an AuthError with a status, a code and a reason", () => {
    const error = new CrossSiteRequestError();
    expect(error).toBeInstanceOf(AuthError);
    expect(error).toMatchObject({
      name: "CrossSiteRequestError",
      status: 403,
      code: "cross_site_request",
      reason: "cross_site",
    });
  });
});
