import { describe, expect, jest, test } from "@jest/globals";
import {
  cookieTransport,
  createJwtStrategy,
  type ClaimsStrategyOptions,
  type JwtStrategy,
  type LoginFailure,
  type VerifiedClaims,
} from "express-jwt-strategy";
import request, { type Response } from "supertest";
import express from "express";
import type { OnAfterLogin, OnLoginFailed } from "../../lib/handlers/login.ts";
import { hmacSecret } from "../support/keys.ts";

interface User {
  readonly id: string;
  readonly isActive: boolean;
  readonly isVerified: boolean;
}

const ann: User = { id: "42", isActive: true, isVerified: true };
const users = new Map<string, User>([
  ["ann", ann],
  ["inactive", { ...ann, isActive: false }],
  ["unverified", { ...ann, isVerified: false }],
]);

function strategyOf(
  options: Partial<
    Pick<
      ClaimsStrategyOptions<User>,
      | "verifyCredentials"
      | "onAfterLogin"
      | "onLoginFailed"
      | "claims"
      | "transport"
      | "onAuthError"
    >
  >,
): JwtStrategy<VerifiedClaims, User> {
  return createJwtStrategy<User>({
    secret: hmacSecret,
    lifetimeSeconds: 3600,
    requiresVerification: true,
    verifyCredentials: ({ username, password }) =>
      password === "secret" ? users.get(username) : null,
    ...options,
  });
}

/** A hook that fails, synchronously or asynchronously. */
function failing(thrown: unknown): readonly (() => Promise<never>)[] {
  return [
    () => {
      throw thrown as Error;
    },
    async () => {
      await Promise.resolve();
      throw thrown as Error;
    },
  ];
}

const FAILURES: readonly (readonly [string, unknown])[] = [
  ["an Error", new Error("database down")],
  ["an Error with status 200", Object.assign(new Error("x"), { status: 200 })],
  ["undefined", undefined],
  ["null", null],
  ["0", 0],
  ['"route"', "route"],
];

describe("the hooks of login", () => {
  async function logIn(
    auth: JwtStrategy<VerifiedClaims, User>,
    username = "ann",
    password = "secret",
  ): Promise<Response> {
    const app = express().post("/login", auth.login);
    app.use((_req, res) => void res.send("went on"));
    return request(app).post("/login").send({ username, password });
  }

  /** Expects no token in the body and in the headers. */
  function expectNoToken({ text, headers }: Response): void {
    expect(text + JSON.stringify(headers)).not.toContain("eyJ");
    expect(headers).not.toHaveProperty("set-cookie");
  }

  describe("onAfterLogin", () => {
    test("receives the user, the request and the response", async () => {
      const onAfterLogin = jest.fn<OnAfterLogin<User>>();
      expect((await logIn(strategyOf({ onAfterLogin }))).status).toBe(200);
      expect(onAfterLogin).toHaveBeenCalledTimes(1);
      const [user, req, res] = onAfterLogin.mock.calls[0] ?? [];
      expect(user).toBe(ann);
      expect(req).toMatchObject({ method: "POST", url: "/login" });
      expect(res).toMatchObject({ req });
    });

    test("is awaited before anything is sent", async () => {
      const steps: string[] = [];
      const auth = strategyOf({
        async onAfterLogin(_user, _req, res) {
          steps.push(`sent: ${String(res.headersSent)}`);
          await new Promise((resolve) => setImmediate(resolve));
          steps.push(`sent: ${String(res.headersSent)}`);
        },
      });
      const response = await logIn(auth);
      expect(steps).toEqual(["sent: false", "sent: false"]);
      expect(response.body).toHaveProperty("access_token");
    });

    test("may set headers and cookies in addition to those of the transport", async () => {
      const auth = strategyOf({
        transport: cookieTransport({ cookieName: "session" }),
        onAfterLogin(_user, _req, res) {
          res.setHeader("X-Last-Login", "yesterday");
          res.setHeader("Set-Cookie", "theme=dark");
        },
      });
      const response = await logIn(auth);
      expect(response.status).toBe(204);
      expect(response.headers["x-last-login"]).toBe("yesterday");
      expect(response.headers["set-cookie"]).toEqual([
        "theme=dark",
        expect.stringMatching(/^session=eyJ/),
      ]);
    });

    test("may send the response itself, which then has no token", async () => {
      const auth = strategyOf({
        onAfterLogin(_user, _req, res) {
          res.statusCode = 303;
          res.setHeader("Location", "/second-factor");
          res.end();
        },
      });
      const response = await logIn(auth);
      expect(response.status).toBe(303);
      expectNoToken(response);
    });

    test.each(FAILURES)(
      "results in a 500 without a token if it throws %s",
      async (_what, thrown) => {
        for (const onAfterLogin of failing(thrown)) {
          for (const options of [{}, { transport: cookieTransport() }]) {
            const response = await logIn(strategyOf({ ...options, onAfterLogin }));
            expect(response.status).toBe(500);
            expectNoToken(response);
          }
        }
      },
    );

    test.each([
      ["a wrong password", "ann", "wrong"],
      ["an inactive user", "inactive", "secret"],
      ["a malformed request", "", ""],
    ])("is not called for %s", async (_why, username, password) => {
      const onAfterLogin = jest.fn<OnAfterLogin<User>>();
      expect((await logIn(strategyOf({ onAfterLogin }), username, password)).status).toBe(400);
      expect(onAfterLogin).not.toHaveBeenCalled();
    });

    test("is not called if the token cannot be created", async () => {
      const onAfterLogin = jest.fn<OnAfterLogin<User>>();
      const auth = strategyOf({ onAfterLogin, claims: () => ({ sub: "1" }) });
      expect((await logIn(auth)).status).toBe(500);
      expect(onAfterLogin).not.toHaveBeenCalled();
    });
  });

  describe("onLoginFailed", () => {
    test.each<[LoginFailure["reason"], string, string]>([
      ["credentials_invalid", "ann", "wrong"],
      ["credentials_invalid", "nobody", "secret"],
      ["user_inactive", "inactive", "secret"],
      ["user_not_verified", "unverified", "secret"],
    ])("receives only the username and the reason %s", async (reason, username, password) => {
      const onLoginFailed = jest.fn<OnLoginFailed>();
      expect((await logIn(strategyOf({ onLoginFailed }), username, password)).status).toBe(400);
      expect(onLoginFailed).toHaveBeenCalledTimes(1);
      const [failure, req] = onLoginFailed.mock.calls[0] ?? [];
      expect(failure).toEqual({ username, reason });
      expect(req).toMatchObject({ method: "POST", url: "/login" });
    });

    test("is awaited before the response is sent", async () => {
      const steps: string[] = [];
      const auth = strategyOf({
        async onLoginFailed() {
          await new Promise((resolve) => setImmediate(resolve));
          steps.push("counted");
        },
        onAuthError(_error, _req, res) {
          steps.push("told");
          res.end();
        },
      });
      expect((await logIn(auth, "ann", "wrong")).status).toBe(400);
      expect(steps).toEqual(["counted", "told"]);
    });

    test("does not change the response", async () => {
      const onLoginFailed = (): boolean => true;
      const [plain, hooked] = [
        await logIn(strategyOf({}), "ann", "wrong"),
        await logIn(strategyOf({ onLoginFailed }), "ann", "wrong"),
      ];
      expect(hooked.text).toBe(plain.text);
      expect([plain.status, hooked.status]).toEqual([400, 400]);
      expect(hooked.headers["cache-control"]).toBe("no-store");
      expect(hooked.headers).not.toHaveProperty("www-authenticate");
    });

    test.each([
      ["the right password", "ann", "secret", 200],
      ["a request without a username", "", "secret", 400],
      ["a username with a control character", "a\nb", "secret", 400],
      ["a password that is too long", "ann", "x".repeat(1025), 400],
    ])("is not called for %s", async (_what, username, password, status) => {
      const onLoginFailed = jest.fn<OnLoginFailed>();
      const response = await logIn(strategyOf({ onLoginFailed }), username, password);
      expect(response.status).toBe(status);
      expect(onLoginFailed).not.toHaveBeenCalled();
    });

    test("is not called if verifyCredentials fails", async () => {
      const onLoginFailed = jest.fn<OnLoginFailed>();
      const [verifyCredentials] = failing(new Error("database down"));
      expect((await logIn(strategyOf({ onLoginFailed, verifyCredentials }))).status).toBe(500);
      expect(onLoginFailed).not.toHaveBeenCalled();
    });

    test.each(FAILURES)("results in a 500 if it throws %s", async (_what, thrown) => {
      for (const onLoginFailed of failing(thrown)) {
        const response = await logIn(strategyOf({ onLoginFailed }), "ann", "wrong");
        expect(response.status).toBe(500);
        expect(response.text).not.toContain("went on");
      }
    });
  });
});
