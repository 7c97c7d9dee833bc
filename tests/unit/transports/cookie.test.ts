import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import express, { type Express } from "express";
import { cookieTransport, createJwtStrategy, type JwtStrategy } from "express-jwt-strategy";
import request, { type Test } from "supertest";
import { expectRefusal } from "../../support/expect-refusal.ts";
import { AUDIENCE, forge, nowInSeconds } from "../../support/forge.ts";
import { hmacSecret, signingKey } from "../../support/keys.ts";

interface User {
  readonly id: string;
}
interface Options {
  readonly cookieMaxAge?: number | null;
  readonly claims?: object;
}

const KEY = signingKey("HS256");
const T = forge("HS256", KEY);
const ADA = { username: "ada", password: "l0velace" };
const ATTRIBUTES = "Path=/; Secure; HttpOnly; SameSite=lax";

function createAuth({ cookieMaxAge = 3600, claims }: Options = {}): {
  auth: JwtStrategy<User>;
  onAfterLogin: jest.Mock;
} {
  const onAfterLogin = jest.fn();
  const auth = createJwtStrategy({
    secret: hmacSecret,
    lifetimeSeconds: 3600,
    transport: cookieTransport({ cookieMaxAge }),
    verifyCredentials: () => ({ id: "42" }),
    findUser: () => ({ id: "42" }),
    claims: () => ({ ...claims }),
    onAfterLogin,
  });
  return { auth, onAfterLogin };
}

afterEach(() => void jest.restoreAllMocks());

describe("cookieTransport", () => {
  function appOf({ auth } = createAuth()): Express {
    const app = express();
    app.post("/login", auth.login);
    app.post("/logout", auth.logout);
    app.get("/me", auth.authenticate(), (req, res) => {
      res.send(auth.currentUser(req).id);
    });
    return app;
  }

  /** An app that sets its own cookies in every response. */
  const appWithCookies = (cookies: () => string | string[]): Express =>
    express()
      .use((_req, res, next) => {
        res.setHeader("Set-Cookie", cookies());
        next();
      })
      .use(appOf());

  describe("login", () => {
    beforeEach(() => void jest.spyOn(Date, "now").mockReturnValue(Date.now()));

    const expectedToken = (): string =>
      forge("HS256", KEY, { sub: "42", aud: [AUDIENCE], exp: nowInSeconds() + 3600 });

    test.each([
      [3600, `; Max-Age=3600; ${ATTRIBUTES}`],
      [null, `; ${ATTRIBUTES}`],
    ])("sets the token as a cookie with a maximal age of %p", async (cookieMaxAge, rest) => {
      const app = appOf(createAuth({ cookieMaxAge }));
      const response = await request(app).post("/login").type("form").send(ADA).expect(204, "");

      expect(response.get("Set-Cookie")).toEqual([`fastapiusersauth=${expectedToken()}${rest}`]);
      expect(response.headers["cache-control"]).toBe("no-store");
    });

    test.each([
      ["one cookie", "theme=dark", ["theme=dark"]],
      ["a list of cookies", ["theme=dark", "lang=en"], ["theme=dark", "lang=en"]],
    ])("keeps other cookies of the app: %s", async (_case, others, kept) => {
      const app = appWithCookies(() => structuredClone(others));
      const login = await request(app).post("/login").send(ADA).expect(204);
      const cookie = `fastapiusersauth=${expectedToken()}`;
      expect(login.get("Set-Cookie")).toEqual([...kept, `${cookie}; Max-Age=3600; ${ATTRIBUTES}`]);

      const logout = await request(app).post("/logout").set("Cookie", cookie).expect(204);
      expect(logout.get("Set-Cookie")).toEqual([
        ...kept,
        `fastapiusersauth=; Max-Age=0; ${ATTRIBUTES}`,
      ]);
    });

    test("does not add a token to a list of cookies that the app shares between responses", async () => {
      const shared = ["theme=dark"];
      const app = appWithCookies(() => shared);
      await request(app).post("/login").send(ADA).expect(204);
      expect(shared).toEqual(["theme=dark"]);

      const anonymous = await request(app).get("/me");
      expect(anonymous.get("Set-Cookie")).toEqual(["theme=dark"]);
    });

    test("keeps a cookie that onAfterLogin sets", async () => {
      const parts = createAuth();
      parts.onAfterLogin.mockImplementation((_user, _req, res) => {
        (res as { cookie(name: string, value: string): void }).cookie("seen", "1");
      });
      const response = await request(appOf(parts)).post("/login").send(ADA).expect(204);
      expect(response.get("Set-Cookie")).toEqual([
        "seen=1; Path=/",
        expect.stringMatching(/^fastapiusersauth=/),
      ]);
    });

    test("answers 500 without a token if the cookie is too long for browsers", async () => {
      const parts = createAuth({ claims: { filler: "x".repeat(3000) } });
      const response = await request(appOf(parts)).post("/login").send(ADA);

      expect(response.status).toBe(500);
      expect(response.text).toContain(
        "Error: The cookie is longer than the 4096 bytes that browsers accept: return fewer claims",
      );
      expect(response.get("Set-Cookie")).toBeUndefined();
      expect(parts.onAfterLogin).not.toHaveBeenCalled();
    });

    test("sets no cookie for a wrong password", async () => {
      const auth = createJwtStrategy({
        secret: hmacSecret,
        lifetimeSeconds: 3600,
        transport: cookieTransport(),
        verifyCredentials: () => null,
      });
      const response = await request(express().post("/login", auth.login)).post("/login").send(ADA);
      expect([response.status, response.get("Set-Cookie")]).toEqual([400, undefined]);
      expect(response.body).toMatchObject({ detail: "LOGIN_BAD_CREDENTIALS" });
    });
  });

  describe("logout", () => {
    test.each([3600, null])(
      "clears the cookie with the attributes of the login and any cookieMaxAge (%p)",
      async (cookieMaxAge) => {
        const app = appOf(createAuth({ cookieMaxAge }));
        const response = await request(app)
          .post("/logout")
          .set("Cookie", `fastapiusersauth=${T}`)
          .expect(204, "");

        expect(response.get("Set-Cookie")).toEqual([`fastapiusersauth=; Max-Age=0; ${ATTRIBUTES}`]);
        expect(response.headers["cache-control"]).toBe("no-store");
      },
    );

    test("does not revoke the token: the cookie is still accepted afterwards, also for a second logout", async () => {
      const app = appOf();
      const logOut = (): Test =>
        request(app).post("/logout").set("Cookie", `fastapiusersauth=${T}`).expect(204);

      await logOut();
      await request(app).get("/me").set("Cookie", `fastapiusersauth=${T}`).expect(200, "42");
      await logOut();
    });

    test("refuses a request without a cookie, and clears nothing", async () => {
      const response = await request(appOf()).post("/logout");
      await expectRefusal(Promise.resolve(response), 401);
      expect(response.get("Set-Cookie")).toBeUndefined();
    });
  });
});

describe("cookieTransport().loginResponse", () => {
  test.each([0, 1])(
    "may have 4,096 bytes including name and attributes, and throws if there is one more: %i more",
    (more) => {
      const overhead = Buffer.byteLength(`fastapiusersauth=; ${ATTRIBUTES}`);
      const login = (): unknown =>
        cookieTransport().loginResponse("x".repeat(4096 - overhead + more), 3600);
      if (more === 0) expect(login()).toMatchObject({ status: 204 });
      else expect(login).toThrow(/4096 bytes/);
    },
  );
});
