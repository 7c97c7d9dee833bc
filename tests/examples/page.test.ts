import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from "@jest/globals";
import axe from "axe-core";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { describeInChromium, launchChromium } from "../support/chromium.ts";
import { freePort, runExample, stopExamples, type RunningExample } from "../support/run-example.ts";

const ADA = { email: "ada@example.com", password: "analytical-engine" };

/** The path for a new screenshot of the README, if it is set. */
const { DEMO_SCREENSHOT } = process.env;

jest.setTimeout(120_000);

const DEVICES: [string, BrowserContextOptions][] = [
  ["a desktop", { viewport: { width: 1200, height: 900 } }],
  ["a phone", { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }],
];

describeInChromium()("the demo's page", () => {
  let demo: RunningExample;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  /** Errors in the browser: violations of the Content-Security-Policy, and exceptions of scripts. */
  let browserErrors: string[];

  beforeAll(async () => {
    [demo, browser] = await Promise.all([
      runExample("server/main", { PORT: await freePort() }, { LOGIN_ATTEMPTS_PER_ACCOUNT: "3" }),
      launchChromium(),
    ]);
  });
  afterEach(async () => {
    await context.close();
    // The browser also logs refused requests, which these tests expect.
    expect(browserErrors.filter((text) => !text.startsWith("Failed to load resource"))).toEqual([]);
  });
  afterAll(async () => {
    await browser.close();
    await stopExamples();
  });

  async function open(path: string, options: BrowserContextOptions): Promise<void> {
    context = await browser.newContext(options);
    page = await context.newPage();
    browserErrors = [];
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) browserErrors.push(message.text());
    });
    page.on("pageerror", ({ message }) => browserErrors.push(message));
    await page.goto(`${demo.url}${path}`);
  }

  async function logIn(email = ADA.email, password = ADA.password): Promise<void> {
    await page.getByLabel("E-mail").fill(email);
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: "Log in", exact: true }).click();
  }

  /** Waits until the page shows a user. */
  async function expectLoggedIn(email = ADA.email): Promise<void> {
    await page.getByRole("heading", { name: "Logged in" }).waitFor();
    expect(await page.locator(".email").textContent()).toBe(email);
  }

  const button = (name: RegExp | string) => page.getByRole("button", { name });
  const answer = () => page.getByRole("status", { name: "Answer" });

  async function claim(name: string): Promise<string> {
    return page
      .locator(`#claims dt:text-is("${name}") + dd`)
      .evaluate((element) =>
        String((element as { firstChild: { data: string } | null }).firstChild?.data),
      );
  }

  async function expectAccessible(): Promise<void> {
    // DevTools runs this script, so that the policy of the page does not apply.
    await page.evaluate(axe.source);
    const results = await page.evaluate<axe.AxeResults>("axe.run()");
    const found = results.violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
    expect(found).toEqual([]);
    expect(results.passes.length).toBeGreaterThan(15);
  }

  async function expectNoSidewaysScrolling(): Promise<void> {
    expect(
      await page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth",
      ),
    ).toBe(true);
  }

  describe.each(DEVICES)("on %s", (device, options) => {
    test("logs in, shows profile, claims and remaining lifetime of the token, renews it, and logs out", async () => {
      await open("/", options);
      await logIn();
      await expectLoggedIn();
      expect(
        await page
          .getByRole("listitem")
          .getByText(/^(active|verified)$/)
          .count(),
      ).toBe(2);
      expect(await claim("aud")).toBe('["fastapi-users:auth"]');
      expect(await claim("scope")).toBe("notes:read");
      const life = page.getByRole("progressbar", { name: "Token expires in" });
      expect(Number(await life.getAttribute("value"))).toBeGreaterThan(0.9);
      expect(await page.locator("#remaining-text").textContent()).toMatch(/^1[45]:\d\d$/);

      const before = await claim("exp");
      while ((await claim("exp")) === before) await button("Renew").click(); // whole seconds
      expect(Number(await claim("exp"))).toBeGreaterThan(Number(before));

      await page.reload();
      await expectLoggedIn();
      expect(await page.evaluate("document.cookie")).toBe("");
      expect(await context.cookies()).toMatchObject([
        { name: "__Host-session", httpOnly: true, secure: true, sameSite: "Strict", path: "/" },
      ]);

      await button("Log out").click();
      await page.getByRole("heading", { name: "Log in", exact: true }).waitFor();
      expect(await context.cookies()).toEqual([]);
    });

    test("shows status, challenge and body of the responses of routes", async () => {
      await open("/", options);
      await button(/GET \/me a user/).click();
      await answer().getByText("401 Unauthorized").waitFor();
      expect(await answer().textContent()).toContain('Bearer realm="api"');

      await logIn();
      await expectLoggedIn();
      await button(/GET \/me a user/).click();
      await answer().getByText("200 OK").waitFor();
      expect(await answer().textContent()).toContain(ADA.email);

      await button(/GET \/me without the cookie/).click();
      await answer().getByText("401 Unauthorized").waitFor();

      await button(/GET \/notes/).click();
      await answer().getByText("200 OK").waitFor();

      await button(/POST \/notes/).click();
      await answer().getByText("403 Forbidden").waitFor();
      expect(await answer().textContent()).toContain('scope="notes:write"');

      await button(/GET \/admin/).click();
      await answer().getByText("GET /admin").waitFor();
      expect(await answer().textContent()).toContain("403 Forbidden");
      expect(await answer().textContent()).toContain('"error": "insufficient_scope"');
      await expectNoSidewaysScrolling();
    });

    test("shows errors, and the waiting time after too many attempts", async () => {
      await open("/", options);
      const email = `${device.replace(" ", "-")}@example.com`;
      for (let count = 0; count < 3; count += 1) {
        await logIn(email, "wrong");
        await page.getByText("The username or password is incorrect.").waitFor();
      }
      await logIn(email, "wrong");
      await page
        .getByRole("alert")
        .getByText("There were too many login attempts: try again later. Wait 15 minutes.")
        .waitFor();
      expect(await page.getByLabel("E-mail").inputValue()).toBe(email);
      expect(await context.cookies()).toEqual([]);
    });

    test.each(["light", "dark"] as const)(
      "is accessible in %s mode, logged out and logged in",
      async (colorScheme) => {
        await open("/", { ...options, colorScheme });
        await button(ADA.email).waitFor();
        await expectAccessible();
        await expectNoSidewaysScrolling();

        await logIn(`${colorScheme}.${device.replace(" ", "-")}@example.com`, "wrong");
        await page.getByText("The username or password is incorrect.").waitFor();
        await expectAccessible();

        await logIn();
        await expectLoggedIn();
        await button(/POST \/notes/).click();
        await answer().getByText("403 Forbidden").waitFor();
        await expectAccessible();
        await expectNoSidewaysScrolling();
        if (DEMO_SCREENSHOT !== undefined && device === "a desktop" && colorScheme === "light") {
          await page.screenshot({ path: DEMO_SCREENSHOT, fullPage: true });
        }
      },
    );

    test("works with only the keyboard, and moves the focus to new content", async () => {
      await open("/", options);
      await page.getByLabel("E-mail").focus();
      await page.keyboard.type(ADA.email);
      await page.keyboard.press("Tab");
      await page.keyboard.type(ADA.password);
      await page.keyboard.press("Enter");
      await expectLoggedIn();
      expect(await page.evaluate("document.activeElement.textContent")).toBe("Logged in");
      await page.keyboard.press("Tab");
      expect(await page.evaluate("document.activeElement.textContent")).toBe("Renew");
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "Log in", exact: true }).waitFor();
      expect(await page.evaluate("document.activeElement.id")).toBe("username");
    });

    test("logs in through Authorize of Swagger UI, and executes a guarded route", async () => {
      await open("/docs", options);
      await button("Authorize").click();
      const dialog = page.locator(".auth-container", { hasText: "OAuth2" });
      await dialog.getByLabel("username:").fill(ADA.email);
      await dialog.getByLabel("password:").fill(ADA.password);
      await dialog.getByRole("button", { name: "Apply given OAuth2 credentials" }).click();
      await dialog.getByRole("button", { name: "Remove authorization" }).waitFor();
      await page.getByRole("button", { name: "Close" }).last().click();

      const route = page.locator("#operations-resources-get_me");
      await route.getByRole("button").first().click();
      await route.getByRole("button", { name: "Try it out" }).click();
      await route.getByRole("button", { name: "Execute" }).click();
      const response = route.locator(".live-responses-table");
      await response.locator(".response-col_status", { hasText: "200" }).waitFor();
      expect(await response.textContent()).toContain(ADA.email);
    });
  });

  test("fills in a demo user after a click", async () => {
    await open("/", {});
    await button("grace@example.com").click();
    await page.keyboard.press("Enter");
    await expectLoggedIn("grace@example.com");
    await button(/GET \/admin/).click();
    await answer().getByText("200 OK").waitFor();
  });

  test("shows the form again if the token is no longer accepted", async () => {
    await open("/", {});
    await logIn();
    await expectLoggedIn();
    await context.clearCookies();
    await button(/GET \/me a user/).click();
    await page.getByRole("heading", { name: "Log in", exact: true }).waitFor();
  });

  test("shows an error if the server is unreachable", async () => {
    await open("/", {});
    await page.getByLabel("E-mail").waitFor();
    await context.setOffline(true);
    await logIn();
    await page.getByRole("alert").getByText("The server cannot be reached.").waitFor();
  });
});
