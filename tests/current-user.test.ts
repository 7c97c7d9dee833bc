import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { describe, expect, test } from "@jest/globals";
import { createJwtStrategy } from "express-jwt-strategy";
import type { RequestHandler } from "express";
import request from "supertest";
import { createCurrentUser, createRequestSlot, setUser } from "../lib/current-user.ts";
import { expresses } from "./support/expresses.ts";
import { forge } from "./support/forge.ts";
import { hmacSecret, signingKey } from "./support/keys.ts";

function newRequest(): IncomingMessage {
  return new IncomingMessage(new Socket());
}

describe("createRequestSlot", () => {
  test("gives back what was set, and nothing for another request", () => {
    const slot = createRequestSlot<string>();
    const req = newRequest();
    slot.set(req, "ann");
    expect(slot.get(req)).toBe("ann");
    expect(slot.get(newRequest())).toBeUndefined();
  });

  test("can be emptied", () => {
    const slot = createRequestSlot<string>();
    const req = newRequest();
    slot.set(req, "ann");
    slot.set(req, undefined);
    expect(slot.get(req)).toBeUndefined();
  });

  test("is not found by another slot, nor among the names of the request", () => {
    const req = newRequest();
    const names = Object.keys(req);
    createRequestSlot<string>().set(req, "ann");
    expect(createRequestSlot<string>().get(req)).toBeUndefined();
    expect(Object.keys(req)).toEqual(names);
  });
});

test("setUser overwrites what stood in req.user", () => {
  const req = Object.assign(newRequest(), { user: "mallory" });
  setUser(req, "ann");
  expect(req.user).toBe("ann");
  setUser(req, undefined);
  expect(req).toHaveProperty("user", undefined);
});

describe("createCurrentUser", () => {
  test.each(["ann", 0, "", null, false])("gives the user %p", (user) => {
    const currentUser = createCurrentUser(() => ({ user }));
    expect(currentUser(newRequest())).toBe(user);
    expect(currentUser(newRequest(), { optional: true })).toBe(user);
  });

  const nobody = createCurrentUser<string>(() => undefined);

  test("throws a TypeError that names the fix where there is no user", () => {
    expect(() => nobody(newRequest())).toThrow(TypeError);
    expect(() => nobody(newRequest())).toThrow(/guard the route with authenticate\(\)/);
    expect(() => nobody(newRequest())).toThrow(/\{ optional: true \}/);
  });

  test("gives undefined where there is no user and none is demanded", () => {
    expect(nobody(newRequest(), { optional: true })).toBeUndefined();
  });

  test.each([{}, { optional: false }, undefined])("demands a user under %p", (options) => {
    expect(() => nobody(newRequest(), options as { optional: true })).toThrow(TypeError);
  });
});

describe.each(expresses)("currentUser(req) on %s", (_name, express) => {
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
});
