import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
import express from "express";
import { cookieTransport, createJwtStrategy } from "express-jwt-strategy";
import { chromium, type BrowserContext, type Page } from "playwright-core";
import { hmacSecret } from "../support/keys.ts";
import { freePort, runExample, stopExamples } from "../support/run-example.ts";
import { serve, type RunningServer } from "../support/server.ts";

const CHROMIUM = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";
const [describeInBrowser, title] = existsSync(CHROMIUM)
  ? [describe, "in Chromium"]
  : [describe.skip, "skipped: browser tests need Chromium, set CHROMIUM_PATH"];

const ADA = { username: "ada@example.com", password: "analytical-engine" };

jest.setTimeout(30_000);

/** A request that the site received, and its response status. */
interface Visit {
  readonly request: string;
  readonly from: string | undefined;
  readonly withCookie: boolean;
  readonly status: number;
}

/** A browser that sends cookies with cross-site requests, so that only the package protects the user. */
function createProfile(): string {
  const folder = mkdtempSync(join(tmpdir(), "browser-"));
  mkdirSync(join(folder, "Default"));
  const preferences = { profile: { cookie_controls_mode: 0 } };
  writeFileSync(join(folder, "Default/Preferences"), JSON.stringify(preferences));
  return folder;
}

describeInBrowser(title, () => {
  let profile: string;
  let context: BrowserContext;
  let page: Page;

  beforeAll(async () => {
    profile = createProfile();
    context = await chromium.launchPersistentContext(profile, {
      executablePath: CHROMIUM,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    });
  });
  beforeEach(async () => {
    await context.clearCookies();
    page = await context.newPage();
  });
  afterEach(() => page.close());
  afterAll(async () => {
    await context.close();
    rmSync(profile, { recursive: true });
  });

  /** Submits a form of the open page with a click. */
  async function submitForm(action: string, fields: Record<string, string>): Promise<void> {
    const inputs = Object.entries(fields).map(
      ([name, value]) => `<input name=${name} value=${value}>`,
    );
    await page.setContent(
      `<form method=post action=${action}>${inputs.join("")}<button>Win</button>`,
    );
    await Promise.all([page.waitForEvent("load"), page.click("button")]);
  }

  /** The result of a POST by a script of the open page: a status, "opaque" or "blocked". */
  function post(url: string, mode: "same-origin" | "cors" | "no-cors"): Promise<number | string> {
    return page.evaluate(
      ([url, mode]) =>
        fetch(url, { method: "POST", mode, credentials: "include" }).then(
          ({ status, type }) => (type === "opaque" ? type : status),
          () => "blocked",
        ),
      [url, mode] as const,
    );
  }

  describe("the cookie transport", () => {
    const verifyCredentials = jest.fn(() => ({ id: "42" }));
    const findUser = jest.fn((id: string) => ({ id }));
    const handler = jest.fn();
    let visits: Visit[] = [];
    let site: RunningServer;
    let siteUrl: string;
    let otherServer: RunningServer;

    beforeAll(async () => {
      otherServer = await serve(express().use((_req, res) => res.type("html").send("<h1>Hi</h1>")));
      const auth = createJwtStrategy({
        secret: hmacSecret,
        lifetimeSeconds: 3600,
        transport: cookieTransport({
          cookieSameSite: "none", // the browser sends the cookie with all requests
          trustedOrigins: [`http://trusted.localhost:${otherServer.port}`],
        }),
        verifyCredentials,
        findUser,
      });
      const app = express();
      app.use((req, res, next) => {
        const { cookie = "", "sec-fetch-site": from } = req.headers;
        res.on("finish", () => {
          visits.push({
            request: `${req.method} ${req.path}`,
            from: String(from),
            withCookie: cookie.includes("fastapiusersauth="),
            status: res.statusCode,
          });
        });
        next();
      });
      app.get("/", (_req, res) => res.type("html").send("<h1>The site</h1>"));
      app.post("/login", auth.login);
      app.post("/logout", auth.logout);
      app.all("/transfer", auth.authenticate(), (_req, res) => {
        handler();
        res.type("html").send("<h1>Done</h1>");
      });
      site = await serve(app);
      siteUrl = `http://app.localhost:${site.port}`;
    });
    afterAll(async () => {
      await site.close();
      await otherServer.close();
    });

    beforeEach(async () => {
      await page.goto(siteUrl);
      await page.evaluate(
        ([url, body]) => fetch(url, { method: "POST", body: new URLSearchParams(body) }),
        [`${siteUrl}/login`, ADA] as const,
      );
      expect(await context.cookies()).toHaveLength(1);
      jest.clearAllMocks();
      visits = [];
    });

    /** Expects that the site received only this request, and called no function of the app. */
    function expectRefused(request: string, from: string): void {
      expect(visits).toEqual([{ request, from, withCookie: true, status: 403 }]);
      expect(verifyCredentials).not.toHaveBeenCalled();
      expect(findUser).not.toHaveBeenCalled();
      expect(handler).not.toHaveBeenCalled();
    }

    describe.each([
      ["another port", "same-site", "app.localhost"],
      ["a sub-domain", "same-site", "evil.app.localhost"],
      ["another host", "cross-site", "localhost"],
      ["an IP address", "cross-site", "127.0.0.1"],
    ])("refuses a page on %s", (_case, from, host) => {
      beforeEach(async () => {
        await page.goto(`http://${host}:${otherServer.port}`);
      });

      test("that submits a form", async () => {
        await submitForm(`${siteUrl}/transfer`, { to: "evil" });
        expectRefused("POST /transfer", from);
      });

      test.each([
        ["no-cors", "opaque"],
        ["cors", "blocked"],
      ] as const)("that fetches with credentials, %s", async (mode, result) => {
        expect(await post(`${siteUrl}/transfer`, mode)).toBe(result);
        expectRefused("POST /transfer", from);
      });

      test("that logs the user in as another user", async () => {
        const before = await context.cookies();
        await submitForm(`${siteUrl}/login`, { username: "evil", password: "evil" });
        expectRefused("POST /login", from);
        expect(await context.cookies()).toEqual(before);
      });

      test("that logs the user out", async () => {
        await post(`${siteUrl}/logout`, "no-cors");
        expectRefused("POST /logout", from);
        expect(await context.cookies()).toHaveLength(1);
      });
    });

    test("accepts the site's own form and script", async () => {
      await submitForm("/transfer", { to: "grace" });
      expect(await post(`${siteUrl}/transfer`, "same-origin")).toBe(200);
      const visit = {
        request: "POST /transfer",
        from: "same-origin",
        withCookie: true,
        status: 200,
      };
      expect(visits).toEqual([visit, visit]);
      expect(handler).toHaveBeenCalledTimes(2);
    });

    test("accepts a page of a trusted origin", async () => {
      await page.goto(`http://trusted.localhost:${otherServer.port}`);
      await post(`${siteUrl}/transfer`, "no-cors");
      expect(visits).toEqual([
        { request: "POST /transfer", from: "cross-site", withCookie: true, status: 200 },
      ]);
      expect(handler).toHaveBeenCalledTimes(1);
    });

    test("accepts a link from another site, because GET is a safe method", async () => {
      await page.goto(`http://127.0.0.1:${otherServer.port}`);
      await page.setContent(`<a href=${siteUrl}/transfer>Look</a>`);
      await Promise.all([page.waitForEvent("load"), page.click("a")]);
      expect(visits).toMatchObject([{ request: "GET /transfer", from: "cross-site", status: 200 }]);
    });

    test("clears the cookie at logout", async () => {
      expect(await post(`${siteUrl}/logout`, "same-origin")).toBe(204);
      expect(await context.cookies()).toEqual([]);
      expect(await post(`${siteUrl}/transfer`, "same-origin")).toBe(401);
    });
  });

  describe("examples/websocket.ts", () => {
    let otherServer: RunningServer;
    beforeAll(async () => {
      otherServer = await serve((_req, res) => void res.end());
    });
    afterAll(() => otherServer.close());
    afterEach(stopExamples);

    /** Opens a WebSocket in a script of the open page. Returns its first message, or "refused". */
    const openWebSocket = (url: string): Promise<unknown> =>
      page.evaluate(`new Promise((resolve) => {
        const socket = new WebSocket("${url.replace("http", "ws")}");
        socket.onmessage = ({ data }) => resolve(JSON.parse(data).email);
        socket.onerror = () => resolve("refused");
      })`);

    test("accepts a page of its own origin, and refuses other ports and hosts", async () => {
      const { url } = await runExample("websocket", { PORT: await freePort() });
      await context.request.post(`${url}/login`, { form: ADA });
      await page.goto(`${url}/me`);
      expect(await openWebSocket(url)).toBe("ada@example.com");
      for (const host of ["localhost", "127.0.0.1"]) {
        await page.goto(`http://${host}:${otherServer.port}`);
        expect(await openWebSocket(url)).toBe("refused");
      }
    });
  });

  describe("examples/cookie.html", () => {
    afterEach(stopExamples);

    async function open(): Promise<void> {
      const { url } = await runExample("cookie", { PORT: await freePort() });
      await page.goto(url);
    }
    async function logIn(password: string): Promise<void> {
      await page.getByLabel("E-mail").fill(ADA.username);
      await page.getByLabel("Password").fill(password);
      await page.getByRole("button", { name: "Log in" }).click();
    }

    test("logs in, shows the profile, also after a reload, and logs out", async () => {
      await open();
      await logIn(ADA.password);
      await page.getByRole("heading", { name: "Hello, ada@example.com" }).waitFor();
      expect(await context.cookies()).toMatchObject([
        { name: "__Host-session", httpOnly: true, secure: true, sameSite: "Lax", path: "/" },
      ]);

      await page.reload();
      await page.getByText("You are logged in.").waitFor();
      expect(await page.evaluate("document.cookie")).toBe("");

      await page.getByRole("button", { name: "Log out" }).click();
      await page.getByRole("heading", { name: "Log in" }).waitFor();
      expect(await context.cookies()).toEqual([]);
    });

    test("shows an error and stays on the page", async () => {
      await open();
      await logIn("wrong");
      await page.getByText("The username or password is incorrect.").waitFor();
      expect(await page.getByLabel("E-mail").inputValue()).toBe(ADA.username);
      expect(await context.cookies()).toEqual([]);
    });

    test("shows an error if the server cannot be reached", async () => {
      await open();
      await page.getByRole("heading", { name: "Log in" }).waitFor();
      await stopExamples();
      await logIn(ADA.password);
      await page.getByText("The server cannot be reached.").waitFor();
    });
  });
});
