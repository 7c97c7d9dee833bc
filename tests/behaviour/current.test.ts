import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { describe, expect, test } from "@jest/globals";
import { createJwtStrategy } from "express-jwt-strategy";
import express, { type RequestHandler } from "express";
import request from "supertest";
import { createRequestGetter, type RequestGetter } from "../../lib/strategy/current.ts";
import { CredentialsRequiredError } from "../../lib/errors/auth-errors.ts";
import type { AuthResult } from "../../lib/authentication/identify.ts";
import { Refusal } from "../../lib/http/refusal.ts";
import { DEFAULT_REFUSAL_CONFIG } from "../../lib/http/refusal-options.ts";
import { createRequestSlot } from "../../lib/http/request-slot.ts";
import { forge, goodClaims } from "../support/forge.ts";
import { hmacSecret, signingKey } from "../support/keys.ts";

function newRequest(): IncomingMessage {
  return new IncomingMessage(new Socket());
}

describe("createRequestGetter", () => {
  const claims = { sub: "42", aud: "us" };
  const getToken = (): string => "a.b.c";
  const strategy = { ...DEFAULT_REFUSAL_CONFIG, loadsUsers: true, renewIfDue: undefined };

  /** `currentUser` for a request with this authentication result. */
  function currentUserOf<User>(result?: AuthResult<User>): RequestGetter<User> {
    const slot = { ...createRequestSlot<AuthResult<User>>(), get: () => result };
    return createRequestGetter(slot, "currentUser", ({ user }) => user);
  }

  test.each(["ann", 0, "", null, false])("returns the user %p", (user) => {
    const currentUser = currentUserOf({ user, claims, appClaims: claims, strategy, getToken });
    expect(currentUser(newRequest())).toBe(user);
    expect(currentUser(newRequest(), { optional: true })).toBe(user);
  });

  describe.each<[string, RequestGetter<string>]>([
    ["has not been authenticated", currentUserOf<string>()],
    [
      "was refused",
      currentUserOf<string>(new Refusal(new CredentialsRequiredError(), DEFAULT_REFUSAL_CONFIG)),
    ],
  ])("for a request that %s", (_how, getUser) => {
    test("throws a TypeError that names the fix", () => {
      expect(() => getUser(newRequest())).toThrow(TypeError);
      expect(() => getUser(newRequest())).toThrow(/guard the route with authenticate\(\)/);
      expect(() => getUser(newRequest())).toThrow(/call currentUser\(req, \{ optional: true \}\)/);
    });

    test("returns undefined if optional is true", () => {
      expect(getUser(newRequest(), { optional: true })).toBeUndefined();
    });

    test.each([{}, { optional: false }, undefined])(
      "requires a user with the options %p",
      (options) => {
        expect(() => getUser(newRequest(), options as { optional: true })).toThrow(TypeError);
      },
    );
  });

  test("names the called function in its error", () => {
    const currentClaims = createRequestGetter(
      createRequestSlot<AuthResult<string>>(),
      "currentClaims",
      (authenticated) => authenticated.claims,
    );
    expect(() => currentClaims(newRequest())).toThrow(/call currentClaims\(req, /);
  });
});

describe("currentUser(req)", () => {
  const options = { secret: hmacSecret, lifetimeSeconds: 3600 };
  const auth = createJwtStrategy({ ...options, findUser: (id) => ({ id }) });
  const other = createJwtStrategy({ ...options, findUser: (id) => ({ id }) });
  const token = forge("HS256", signingKey("HS256"));
  const sendUser: RequestHandler = (req, res) => void res.json(auth.currentUser(req));

  test("returns the user in a handler behind authenticate()", async () => {
    const app = express();
    app.get("/", auth.authenticate(), sendUser);
    const response = await request(app).get("/").set("Authorization", `Bearer ${token}`);
    expect(response.body).toEqual({ id: "42" });
  });

  test.each<[string, RequestHandler]>([
    ["has no authenticate()", (_req, _res, next) => next()],
    ["another strategy protects", other.authenticate()],
    [
      "has a req.user of other middleware",
      (req, _res, next) => {
        Object.assign(req, { user: { id: "admin" } });
        next();
      },
    ],
  ])("answers 500 on a route that %s", async (_case, before) => {
    const app = express();
    app.get("/", before, sendUser);
    const response = await request(app).get("/").set("Authorization", `Bearer ${token}`);
    expect(response.status).toBe(500);
    expect(response.text).toContain("TypeError: This request has no user");
  });

  test("answers 500 for a request without a token, unless optional is true", async () => {
    const app = express();
    app.use(auth.authenticate({ optional: true }));
    app.get("/required", sendUser);
    app.get("/", (req, res) => res.json(auth.currentUser(req, { optional: true }) ?? "anonymous"));
    expect((await request(app).get("/required")).status).toBe(500);
    expect((await request(app).get("/")).body).toBe("anonymous");
  });

  test("still returns the user after a handler has overwritten req.user", async () => {
    const app = express();
    app.get("/", auth.authenticate(), (req, res) => {
      Object.assign(req, { user: { id: "admin" } });
      res.json(auth.currentUser(req));
    });
    const response = await request(app).get("/").set("Authorization", `Bearer ${token}`);
    expect(response.body).toEqual({ id: "42" });
  });

  test("answers 500 behind a second, lenient authenticate() that refuses the request", async () => {
    const app = express();
    app.use(auth.authenticate());
    app.use(auth.authenticate({ superuser: true, optional: "lenient" }));
    app.get("/", sendUser);
    const response = await request(app).get("/").set("Authorization", `Bearer ${token}`);
    expect(response.status).toBe(500);
  });
});

describe("currentClaims(req)", () => {
  const auth = createJwtStrategy({
    secret: hmacSecret,
    lifetimeSeconds: 3600,
    findUser: () => ({ name: "Ann" }),
  });
  const claims = goodClaims({ role: "admin", teams: [{ name: "a" }] });
  const token = forge("HS256", signingKey("HS256"), claims);

  test("returns the verified claims of the token, not of the user", async () => {
    const app = express();
    app.get("/", auth.authenticate(), (req, res) => res.json(auth.currentClaims(req)));
    const response = await request(app).get("/").set("Authorization", `Bearer ${token}`);
    expect(response.body).toEqual(claims);
  });

  test("returns deeply frozen claims", async () => {
    const app = express();
    app.get("/", auth.authenticate(), (req, res) => {
      const current = auth.currentClaims(req);
      const [team] = current.teams as [object];
      res.json([current, current.aud, current.teams, team].map(Object.isFrozen));
    });
    const response = await request(app).get("/").set("Authorization", `Bearer ${token}`);
    expect(response.body).toEqual([true, true, true, true]);
  });

  test("returns undefined for a request without a token if optional is true, and throws otherwise", async () => {
    const app = express();
    app.use(auth.authenticate({ optional: true }));
    app.get("/required", (req, res) => res.json(auth.currentClaims(req)));
    app.get("/", (req, res) =>
      res.json(auth.currentClaims(req, { optional: true }) ?? "anonymous"),
    );
    expect((await request(app).get("/")).body).toBe("anonymous");
    const response = await request(app).get("/required");
    expect(response.status).toBe(500);
    expect(response.text).toContain("call currentClaims(req, { optional: true })");
  });
});

test("currentUser(req) has no user after a second authenticate() has failed", async () => {
  let calls = 0;
  const auth = createJwtStrategy({
    secret: hmacSecret,
    lifetimeSeconds: 60,
    findUser(id) {
      calls += 1;
      if (calls > 1) throw new Error("the database is down");
      return { id };
    },
  });
  const req = newRequest();
  req.headers.authorization = `Bearer ${forge("HS256", signingKey("HS256"))}`;

  await auth.authenticateRequest(req);
  expect(auth.currentUser(req)).toEqual({ id: "42" });

  await expect(auth.authenticateRequest(req)).rejects.toThrow("the database is down");
  expect(auth.currentUser(req, { optional: true })).toBeUndefined();
});
