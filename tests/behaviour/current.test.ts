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
  const strategy = { ...DEFAULT_REFUSAL_CONFIG, loadsUsers: true, renewIfDue: undefined };

  /** `currentUser` of a request that has come to this verdict. */
  function currentUserOf<User>(verdict?: AuthResult<User>): RequestGetter<User> {
    const slot = { ...createRequestSlot<AuthResult<User>>(), get: () => verdict };
    return createRequestGetter(slot, "currentUser", ({ user }) => user);
  }

  test.each(["ann", 0, "", null, false])("gives the user %p", (user) => {
    const currentUser = currentUserOf({ user, claims, strategy });
    expect(currentUser(newRequest())).toBe(user);
    expect(currentUser(newRequest(), { optional: true })).toBe(user);
  });

  describe.each<[string, RequestGetter<string>]>([
    ["has not been authenticated", currentUserOf<string>()],
    [
      "was refused",
      currentUserOf<string>(new Refusal(new CredentialsRequiredError(), DEFAULT_REFUSAL_CONFIG)),
    ],
  ])("where the request %s", (_how, nobody) => {
    test("throws a TypeError that names the fix", () => {
      expect(() => nobody(newRequest())).toThrow(TypeError);
      expect(() => nobody(newRequest())).toThrow(/guard the route with authenticate\(\)/);
      expect(() => nobody(newRequest())).toThrow(/call currentUser\(req, \{ optional: true \}\)/);
    });

    test("gives undefined where no user is demanded", () => {
      expect(nobody(newRequest(), { optional: true })).toBeUndefined();
    });

    test.each([{}, { optional: false }, undefined])("demands a user under %p", (options) => {
      expect(() => nobody(newRequest(), options as { optional: true })).toThrow(TypeError);
    });
  });

  test("names the function that was called", () => {
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
  const sayUser: RequestHandler = (req, res) => void res.json(auth.currentUser(req));

  test("gives the user to a handler behind authenticate()", async () => {
    const app = express();
    app.get("/", auth.authenticate(), sayUser);
    const response = await request(app).get("/").set("Authorization", `Bearer ${token}`);
    expect(response.body).toEqual({ id: "42" });
  });

  test.each<[string, RequestHandler]>([
    ["no authenticate() guards", (_req, _res, next) => next()],
    ["another strategy guards", other.authenticate()],
    [
      "something else has set req.user",
      (req, _res, next) => {
        Object.assign(req, { user: { id: "admin" } });
        next();
      },
    ],
  ])("is a 500 on a route that %s", async (_case, before) => {
    const app = express();
    app.get("/", before, sayUser);
    const response = await request(app).get("/").set("Authorization", `Bearer ${token}`);
    expect(response.status).toBe(500);
    expect(response.text).toContain("TypeError: This request has no user");
  });

  test("is a 500 for an anonymous request, unless the user is optional", async () => {
    const app = express();
    app.use(auth.authenticate({ optional: true }));
    app.get("/demanded", sayUser);
    app.get("/", (req, res) => res.json(auth.currentUser(req, { optional: true }) ?? "anonymous"));
    expect((await request(app).get("/demanded")).status).toBe(500);
    expect((await request(app).get("/")).body).toBe("anonymous");
  });

  test("goes on giving the user when a handler overwrites req.user", async () => {
    const app = express();
    app.get("/", auth.authenticate(), (req, res) => {
      Object.assign(req, { user: { id: "admin" } });
      res.json(auth.currentUser(req));
    });
    const response = await request(app).get("/").set("Authorization", `Bearer ${token}`);
    expect(response.body).toEqual({ id: "42" });
  });

  test("is a 500 in a later handler of a request that a second authenticate() refuses", async () => {
    const app = express();
    app.use(auth.authenticate());
    app.use(auth.authenticate({ superuser: true, optional: "lenient" }));
    app.get("/", sayUser);
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

  test("gives the verified claims of the token, whatever the user is", async () => {
    const app = express();
    app.get("/", auth.authenticate(), (req, res) => res.json(auth.currentClaims(req)));
    const response = await request(app).get("/").set("Authorization", `Bearer ${token}`);
    expect(response.body).toEqual(claims);
  });

  test("gives them frozen, all the way down", async () => {
    const app = express();
    app.get("/", auth.authenticate(), (req, res) => {
      const current = auth.currentClaims(req);
      const [team] = current.teams as [object];
      res.json([current, current.aud, current.teams, team].map(Object.isFrozen));
    });
    const response = await request(app).get("/").set("Authorization", `Bearer ${token}`);
    expect(response.body).toEqual([true, true, true, true]);
  });

  test("gives undefined for an anonymous request where they are optional, and else throws", async () => {
    const app = express();
    app.use(auth.authenticate({ optional: true }));
    app.get("/demanded", (req, res) => res.json(auth.currentClaims(req)));
    app.get("/", (req, res) =>
      res.json(auth.currentClaims(req, { optional: true }) ?? "anonymous"),
    );
    expect((await request(app).get("/")).body).toBe("anonymous");
    const response = await request(app).get("/demanded");
    expect(response.status).toBe(500);
    expect(response.text).toContain("call currentClaims(req, { optional: true })");
  });
});

test("a second authenticate() that fails leaves no user of the first", async () => {
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
