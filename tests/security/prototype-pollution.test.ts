import { IncomingMessage } from "node:http";
import { afterEach, describe, expect, test } from "@jest/globals";
import { anyOf, cookieTransport, createJwtStrategy } from "express-jwt-strategy";
import express, { type Express } from "express";
import request from "supertest";
import { expectRefusal } from "../support/expect-refusal.ts";
import { forge } from "../support/forge.ts";
import { hmacSecret, signingKey } from "../support/keys.ts";

const TOKEN = forge("HS256", signingKey("HS256"));
const POLLUTED = {
  isActive: true,
  isVerified: 1,
  isSuperuser: true,
  is_superuser: true,
  id: "root",
  scope: "admin",
  authorization: `Bearer ${TOKEN}`,
  "sec-fetch-site": "same-origin",
  origin: "https://trusted.example",
  cookie: `fastapiusersauth=${TOKEN}`,
  body: { username: "root", password: "polluted" },
  headers: { "X-Polluted": "yes", "Set-Cookie": "polluted=yes" },
};

/** Jest runs a test in a realm of its own; the requests of Node are of another one. */
const PROTOTYPES = [Object.prototype, getRoot(IncomingMessage.prototype)];

function getRoot(object: object): object {
  const prototype = Object.getPrototypeOf(object) as object | null;
  return prototype === null ? object : getRoot(prototype);
}

/** Pollutes only while a handler runs, because the libraries of the test read polluted members, too. */
function pollute(): void {
  for (const [name, value] of Object.entries(POLLUTED)) {
    for (const prototype of PROTOTYPES) {
      Object.defineProperty(prototype, name, { value, configurable: true, writable: true });
    }
  }
}

function clean(): void {
  for (const name of Object.keys(POLLUTED)) {
    for (const prototype of PROTOTYPES) Reflect.deleteProperty(prototype, name);
  }
}

afterEach(clean);

describe("a polluted Object.prototype", () => {
  function appOf(handler: express.RequestHandler): Express {
    const app = express();
    app.post(
      "/",
      (req, res, next) => {
        pollute();
        const writeHead = res.writeHead.bind(res) as (...args: unknown[]) => typeof res;
        res.writeHead = ((...args: unknown[]) => {
          clean();
          return writeHead(...args);
        }) as typeof res.writeHead;
        handler(req, res, (error?: unknown) => {
          clean();
          next(error);
        });
      },
      (_req, res) => void res.send("in"),
    );
    return app;
  }

  const options = { secret: hmacSecret, lifetimeSeconds: 3600 } as const;
  const auth = createJwtStrategy({ ...options, findUser: () => ({}) });

  test.each([{ active: true }, { verified: true }, { superuser: true }, { scopes: ["admin"] }])(
    "does not satisfy %p",
    async (guards) => {
      const sent = request(appOf(auth.authenticate(guards))).post("/");
      const response = await sent.set("Authorization", `Bearer ${TOKEN}`);
      expect(response.status).toBe("active" in guards ? 401 : 403);
    },
  );

  test("does not provide a token in a header", () =>
    expectRefusal(request(appOf(auth.authenticate())).post("/"), 401));

  test("does not make a cross-site request same-site, and does not provide a cookie", async () => {
    const transport = cookieTransport({ trustedOrigins: ["https://trusted.example"] });
    const handler = createJwtStrategy({ ...options, transport }).authenticate();
    const crossSite = await request(appOf(handler))
      .post("/")
      .set({ Cookie: `fastapiusersauth=${TOKEN}`, "Sec-Fetch-Site": "cross-site" });
    expect([crossSite.status, crossSite.text]).toEqual([
      403,
      '{"detail":"Forbidden","error":"cross_site_request","error_description":"Requests from another site are refused"}',
    ]);
    await expectRefusal(request(appOf(handler)).post("/"), 401);
  });

  test("does not provide the id of a user", async () => {
    const strategy = createJwtStrategy<object>({ ...options, findUser: () => ({}) });
    pollute();
    const written = strategy.writeToken({});
    await expect(written.finally(clean)).rejects.toThrow(/^The user's id must be/);
  });

  describe("cannot log in", () => {
    const { login } = createJwtStrategy({
      ...options,
      findUser: (id) => ({ id }),
      verifyCredentials: ({ username }) => ({ id: username }),
    });

    test("a request without a body", async () => {
      const response = await request(appOf(login)).post("/");
      expect([response.status, response.text]).toEqual([
        400,
        '{"detail":"Bad Request","error":"invalid_request","error_description":"The request must carry one username and one password, as a form or as JSON"}',
      ]);
    });

    test("another user than the body names", async () => {
      const response = await request(appOf(login))
        .post("/")
        .send({ username: "ada", password: "right" });
      expect(response.status).toBe(200);
      const { access_token: token } = response.body as { access_token: string };
      const payload = Buffer.from(token.split(".")[1] ?? "", "base64url").toString();
      expect(JSON.parse(payload)).toMatchObject({ sub: "ada" });
    });
  });

  test.each([
    ["one strategy", auth.logout],
    ["several strategies", anyOf(auth, createJwtStrategy({ ...options, realm: "b" })).logout],
  ])("adds nothing to the response to a logout of %s", async (_what, logout) => {
    for (const [token, status] of [
      [TOKEN, 204],
      [`${TOKEN}A`, 401],
    ] as const) {
      const response = await request(appOf(logout)).post("/").auth(token, { type: "bearer" });
      expect(response.status).toBe(status);
      expect(response.headers).not.toHaveProperty("x-polluted");
      expect(response.headers).not.toHaveProperty("set-cookie");
      expect(response.text).not.toContain("polluted");
    }
  });

  test("cannot add options", () => {
    pollute();
    Object.defineProperty(Object.prototype, "optional", { value: true, configurable: true });
    try {
      expect(() => auth.authorize({})).toThrow(/^authorize\(\) requires a condition/);
    } finally {
      Reflect.deleteProperty(Object.prototype, "optional");
    }
  });
});
