import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import {
  createJwtStrategy,
  type JwtStrategy,
  type VerifiedClaims,
  type VerifyCredentials,
} from "express-jwt-strategy";
import express, { type Express, type Request, type RequestHandler } from "express";
import supertest, { type Response } from "supertest";
import type { Credentials } from "../../lib/http/credentials.ts";
import { refusalIn } from "../support/expect-refusal.ts";
import { AUDIENCE, forge, nowInSeconds } from "../support/forge.ts";
import { hmacSecret, rsaPair, signingKey } from "../support/keys.ts";

interface User {
  readonly id: unknown;
  readonly isActive?: unknown;
  readonly isVerified?: unknown;
}
interface Options {
  readonly lifetimeSeconds?: number | null;
  readonly requiresVerification?: boolean;
  readonly verifyCredentials?: VerifyCredentials<User>;
}

const GOOD = { username: "ada", password: "l0velace" };
const KEY = signingKey("HS256");

beforeEach(() => {
  const now = Date.now();
  jest.spyOn(Date, "now").mockReturnValue(now);
});
afterEach(() => void jest.restoreAllMocks());

function createAuth(user: unknown, options: Options = {}): JwtStrategy<VerifiedClaims, User> {
  return createJwtStrategy({
    secret: hmacSecret,
    lifetimeSeconds: 3600,
    verifyCredentials: () => user as User,
    ...options,
  });
}

/** The token (RFC 7519) that a login must return, created without the package. */
function expectedToken(sub: string, claims: object = { exp: nowInSeconds() + 3600 }): string {
  return forge("HS256", KEY, { sub, aud: [AUDIENCE], ...claims });
}

/** Expects an error of RFC 6749 section 5.2, without a challenge, for which browsers would ask for a password. */
async function expectLoginRefusal(
  request: PromiseLike<Response>,
  detail: string,
  error: string,
  description: string,
): Promise<void> {
  expect(refusalIn(await request)).toEqual({
    status: 400,
    challenge: undefined,
    caching: "no-store",
    type: "application/json",
    body: `{"detail":"${detail}","error":"${error}","error_description":"${description}"}`,
  });
}

const BAD_CREDENTIALS = [
  "LOGIN_BAD_CREDENTIALS",
  "invalid_grant",
  "The username or password is incorrect",
] as const;
const NOT_VERIFIED = [
  "LOGIN_USER_NOT_VERIFIED",
  "invalid_grant",
  "The user is not verified",
] as const;
const INVALID_REQUEST = [
  "Bad Request",
  "invalid_request",
  "The request must carry one username and one password, as a form or as JSON",
] as const;
const UNSUPPORTED_GRANT_TYPE = [
  "Bad Request",
  "unsupported_grant_type",
  "The grant type must be password, or be left out",
] as const;

describe("login", () => {
  function appOf(user: unknown, options?: Options): Express {
    return express().all("/login", createAuth(user, options).login);
  }

  function logIn(user: unknown, options?: Options): supertest.Test {
    return supertest(appOf(user, options)).post("/login").send(GOOD);
  }

  test.each(["form", "json"])(
    "answers a correct password, sent as %s, with a token",
    async (type) => {
      const response = await logIn({ id: 42 }).type(type);

      expect(response.status).toBe(200);
      expect(response.text).toBe(
        `{"access_token":"${expectedToken("42")}","token_type":"bearer","expires_in":3600}`,
      );
      expect(response.headers).toMatchObject({
        "content-type": "application/json",
        "cache-control": "no-store",
        pragma: "no-cache",
      });
      expect(response.headers).not.toHaveProperty("www-authenticate");
    },
  );

  test("omits expires_in if tokens do not expire", async () => {
    const response = await logIn({ id: 42 }, { lifetimeSeconds: null });

    expect(response.text).toBe(
      `{"access_token":"${expectedToken("42", {})}","token_type":"bearer"}`,
    );
  });

  test("signs the user's id, the audience and the expiry, and no other data of the user", async () => {
    const user = { id: "a", sub: "b", exp: 1, iat: 1, aud: "c", constructor: 1, isSuperuser: true };

    expect((await logIn(user)).body).toMatchObject({ access_token: expectedToken("a") });
  });

  test("returns the same token twice in one second", async () => {
    const auth = createAuth({ id: 42 });
    const app = express().post("/login", auth.login);
    app.get("/me", auth.authenticate(), (req, res) => res.json(auth.currentUser(req).sub));
    const logInAndAsk = async (): Promise<unknown> => {
      const loggedIn = await supertest(app).post("/login").send(GOOD);
      const { access_token } = loggedIn.body as { access_token: string };
      const me = await supertest(app).get("/me").auth(access_token, { type: "bearer" });
      return me.body;
    };

    expect(await Promise.all([logInAndAsk(), logInAndAsk()])).toEqual(["42", "42"]);
  });

  test("passes the username and the password as sent, and the request, to verifyCredentials", async () => {
    const sent = { username: " Ada & Bób ", password: "+%20\t=ü😀 " };
    const sentCredentials: [Credentials, string][] = [];
    const app = appOf(undefined, {
      verifyCredentials(credentials, req: Request) {
        sentCredentials.push([credentials, req.originalUrl]);
        return null;
      },
    });
    for (const type of ["form", "json"]) {
      await supertest(app).post("/login?from=here").type(type).send(sent);
    }

    expect(sentCredentials).toEqual([
      [sent, "/login?from=here"],
      [sent, "/login?from=here"],
    ]);
  });

  test.each([undefined, null, false, 0, 0n, NaN, ""])(
    "refuses the credentials if verifyCredentials returns or resolves with %p",
    async (noUser) => {
      await expectLoginRefusal(logIn(noUser), ...BAD_CREDENTIALS);
      await expectLoginRefusal(logIn(Promise.resolve(noUser)), ...BAD_CREDENTIALS);
    },
  );

  test("sends the same response for a wrong password, an unknown user and an inactive user", async () => {
    const users = new Map([["ada", { id: 1, isActive: false, isVerified: false }]]);
    const app = appOf(undefined, {
      requiresVerification: true,
      verifyCredentials: ({ username, password }) =>
        password === GOOD.password ? users.get(username) : null,
    });
    const answers = await Promise.all(
      [GOOD, { ...GOOD, password: "wrong" }, { ...GOOD, username: "nobody" }].map(async (body) => {
        const response = await supertest(app).post("/login").send(body);
        return { ...response.headers, date: "", status: response.status, text: response.text };
      }),
    );

    expect(answers).toEqual([answers[0], answers[0], answers[0]]);
    await expectLoginRefusal(supertest(app).post("/login").send(GOOD), ...BAD_CREDENTIALS);
  });

  test.each([undefined, true, 1])("accepts a user whose isActive is %p", async (isActive) => {
    expect((await logIn({ id: 42, isActive })).status).toBe(200);
  });

  test.each([false, 0, null, "false", "true", ""])(
    "refuses a user whose isActive is %p",
    async (isActive) => {
      await expectLoginRefusal(logIn({ id: 42, isActive }), ...BAD_CREDENTIALS);
    },
  );

  test.each([undefined, null, false, 0, "true"])(
    "refuses a user whose isVerified is %p if verification is required",
    async (isVerified) => {
      const user = { id: 42, isActive: true, isVerified };

      await expectLoginRefusal(logIn(user, { requiresVerification: true }), ...NOT_VERIFIED);
      expect((await logIn(user)).status).toBe(200);
    },
  );

  test("accepts a verified user if verification is required", async () => {
    const response = await logIn({ id: 42, isVerified: true }, { requiresVerification: true });

    expect(response.status).toBe(200);
  });

  describe("does not call verifyCredentials for", () => {
    const verifyCredentials = jest.fn<() => User>();
    const app = appOf(undefined, { verifyCredentials });
    afterEach(() => expect(verifyCredentials).not.toHaveBeenCalled());

    const post = (type: string, body?: string): supertest.Test =>
      supertest(app).post("/login").set("Content-Type", type).send(body);

    test.each([
      ["no body", "application/json", undefined],
      ["broken JSON", "application/json", '{"username":'],
      ["a list", "application/json", '[{"username":"ada","password":"x"}]'],
      ["another type", "text/plain", "username=ada&password=x"],
      ["a missing password", "application/json", '{"username":"ada"}'],
      ["a missing username", "application/x-www-form-urlencoded", "password=x"],
      ["an empty password", "application/x-www-form-urlencoded", "username=ada&password="],
      [
        "a repeated username",
        "application/x-www-form-urlencoded",
        "username=a&username=b&password=x",
      ],
      ["a database operator", "application/json", '{"username":{"$ne":null},"password":"x"}'],
      ["a long password", "application/json", `{"username":"a","password":"${"x".repeat(1025)}"}`],
      ["a long body", "application/json", `{"username":"a","password":"${"x".repeat(20_000)}"}`],
      ["members of __proto__", "application/json", `{"__proto__":${JSON.stringify(GOOD)}}`],
    ])("%s", async (_what, type, body) => {
      await expectLoginRefusal(post(type, body), ...INVALID_REQUEST);
    });

    test.each(["get", "post"] as const)("credentials in the URL of a %s", async (method) => {
      const query = new URLSearchParams(GOOD).toString();

      await expectLoginRefusal(supertest(app)[method](`/login?${query}`), ...INVALID_REQUEST);
    });

    test("credentials of the Basic scheme", async () => {
      const request = supertest(app).post("/login").auth(GOOD.username, GOOD.password);

      await expectLoginRefusal(request, ...INVALID_REQUEST);
    });

    test("a grant type other than password, even with other errors", async () => {
      for (const body of ['{"grant_type":"refresh_token"}', '{"grant_type":"Password"}']) {
        await expectLoginRefusal(post("application/json", body), ...UNSUPPORTED_GRANT_TYPE);
      }
    });
  });

  test.each<[string, (object: typeof express) => RequestHandler[]]>([
    ["express.json", ({ json }) => [json()]],
    ["express.urlencoded, extended", ({ urlencoded }) => [urlencoded({ extended: true })]],
    ["express.urlencoded, not extended", ({ urlencoded }) => [urlencoded({ extended: false })]],
    ["express.text", ({ text }) => [text()]],
    ["express.raw", ({ raw }) => [raw()]],
  ])("works behind %s, and refuses objects and lists as credentials", async (_parser, mount) => {
    const app = express().post("/login", mount(express), createAuth({ id: 42 }).login);
    const post = (type: string, body: string | object): supertest.Test =>
      supertest(app).post("/login").type(type).send(body);

    expect((await post("json", GOOD)).status).toBe(200);
    expect((await post("form", GOOD)).status).toBe(200);
    for (const form of ["username[$ne]=&password=x", "username=a&username=b&password=x"]) {
      await expectLoginRefusal(post("form", form), ...INVALID_REQUEST);
    }
    await expectLoginRefusal(post("json", { ...GOOD, password: { $gt: "" } }), ...INVALID_REQUEST);
  });
});

describe("the login of a strategy", () => {
  test("throws on access without verifyCredentials", () => {
    const auth = createJwtStrategy({ secret: hmacSecret, lifetimeSeconds: 3600 });

    expect(() => auth.login).toThrow(new TypeError("login requires the verifyCredentials option"));
  });

  test("throws on access without a signing secret", () => {
    const auth = createJwtStrategy({
      publicKey: rsaPair.publicKey,
      algorithm: "RS256",
      lifetimeSeconds: 3600,
      verifyCredentials: () => null,
    });

    expect(() => auth.login).toThrow(
      new TypeError("login signs tokens: it requires the secret option"),
    );
  });

  test("throws an error that names the fix if it is called without a request", () => {
    const call = createAuth({ id: 42 }).login as () => void;

    expect(() => call()).toThrow(
      new TypeError("This is a request handler: pass it to Express, do not call it"),
    );
  });
});
