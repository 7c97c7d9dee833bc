import { inspect } from "node:util";
import { describe, expect, test } from "@jest/globals";
import { createJwtStrategy, type FindUser, type JwtStrategy } from "express-jwt-strategy";
import express from "express";
import request from "supertest";
import { expectRefusal } from "../support/expect-refusal.ts";
import { forge, goodClaims, nowInSeconds } from "../support/forge.ts";
import { generateRsaPair, hmacSecret, rsaPair, signingKey } from "../support/keys.ts";

interface User {
  readonly id: string;
}

const token = forge("HS256", signingKey("HS256"));

function strategyOf(findUser: FindUser<User> = (id) => ({ id })): JwtStrategy<User> {
  return createJwtStrategy({
    secret: hmacSecret,
    lifetimeSeconds: 3600,
    verifyCredentials: ({ username }) => ({ id: username }),
    findUser,
  });
}

describe("readToken", () => {
  test("returns the user of a token", async () => {
    expect(await strategyOf().readToken(token)).toEqual({ id: "42" });
  });

  test("returns the claims without findUser", async () => {
    const auth = createJwtStrategy({ secret: hmacSecret, lifetimeSeconds: 3600 });
    const claims = goodClaims({ role: "reader" });
    expect(await auth.readToken(forge("HS256", signingKey("HS256"), claims))).toEqual(claims);
  });

  test.each([
    ["a string that is not a token", "nonsense"],
    ["an empty string", ""],
    ["a scheme and a token", `Bearer ${token}`],
    ["a token of another key", forge("RS256", generateRsaPair().privateKey)],
    [
      "an expired token",
      forge("HS256", signingKey("HS256"), goodClaims({ exp: nowInSeconds() - 1 })),
    ],
    ["a token for another audience", forge("HS256", signingKey("HS256"), goodClaims({ aud: "x" }))],
    ["a token that is too long", "x".repeat(100_000)],
  ])("returns null for %s", async (_case, refused) => {
    expect(await strategyOf().readToken(refused)).toBeNull();
  });

  test.each([
    ["undefined", undefined],
    ["null", null],
    ["a number", 42],
    ["an object", {}],
    ["an object with a length", { length: 5 }],
    ["a list", [token]],
    ["a String object", Object(token) as unknown],
    ["a Buffer with a valid token", Buffer.from(token)],
  ])("returns null for %s, before and after a valid token", async (_case, value) => {
    const auth = strategyOf();
    expect(await auth.readToken(value as string)).toBeNull();
    await auth.readToken(token);
    expect(await auth.readToken(value as string)).toBeNull();
  });

  test.each([null, undefined, false] as const)(
    "returns null if findUser returns %p",
    async (no) => {
      expect(await strategyOf(() => no).readToken(token)).toBeNull();
      expect(await strategyOf(() => Promise.resolve(no)).readToken(token)).toBeNull();
    },
  );

  test("rejects with the error that findUser throws", async () => {
    const error = new Error("the database is down");
    const throwing = strategyOf(() => {
      throw error;
    });
    await expect(throwing.readToken(token)).rejects.toBe(error);
    await expect(strategyOf(() => Promise.reject(error)).readToken(token)).rejects.toBe(error);
  });

  test("passes its request, or undefined, to findUser", async () => {
    const seen: unknown[] = [];
    const auth = strategyOf((id, _claims, req) => {
      seen.push(req?.headers.host);
      return { id };
    });
    const app = express();
    app.get("/", async (req, res) => void res.json(await auth.readToken(token, req)));
    await request(app).get("/").set("Host", "example.com");
    await auth.readToken(token);
    expect(seen).toEqual(["example.com", undefined]);
  });
});

describe("writeToken", () => {
  test("signs a token that readToken reads", async () => {
    const auth = strategyOf();
    expect(await auth.readToken(await auth.writeToken({ id: "ann" }))).toEqual({ id: "ann" });
  });

  test.each([undefined, null, {}, { id: {} }, { id: "" }])(
    "rejects with a TypeError for %p, which has no valid id",
    async (user) => {
      await expect(strategyOf().writeToken(user as User)).rejects.toThrow(TypeError);
    },
  );
});

describe("a strategy without users", () => {
  const auth = createJwtStrategy({ secret: hmacSecret, lifetimeSeconds: 3600 });

  test("returns frozen claims", async () => {
    const app = express();
    app.get("/", auth.authenticate(), (req, res) => {
      const claims = auth.currentUser(req);
      res.json({ changed: Reflect.set(claims, "sub", "admin"), sub: claims.sub });
    });
    for (let count = 0; count < 2; count += 1) {
      const response = await request(app).get("/").set("Authorization", `Bearer ${token}`);
      expect(response.body).toEqual({ changed: false, sub: "42" });
    }
  });
});

describe("a strategy that only verifies", () => {
  const verifier = createJwtStrategy({
    algorithm: "RS256",
    publicKey: rsaPair.publicKey,
    lifetimeSeconds: 3600,
    verifyCredentials: () => ({ id: "42" }),
    findUser: (id) => ({ id }),
  });
  const app = express();
  app.get("/", verifier.authenticate(), (req, res) => res.json(verifier.currentUser(req)));
  app.post("/logout", verifier.logout);
  const rsaToken = forge("RS256", rsaPair.privateKey);

  test("authenticates, reads tokens and logs out", async () => {
    const authorization = `Bearer ${rsaToken}`;
    const response = await request(app).get("/").set("Authorization", authorization);
    expect(response.body).toEqual({ id: "42" });
    expect(await verifier.readToken(rsaToken)).toEqual({ id: "42" });
    const logout = await request(app).post("/logout").set("Authorization", authorization);
    expect(logout.status).toBe(204);
  });

  test("refuses a token that is signed with the public key as an HMAC secret (CVE-2015-9235)", () =>
    expectRefusal(
      request(app).get("/").set("Authorization", `Bearer ${token}`),
      401,
      "invalid_token",
    ));

  test("throws a TypeError that names the fix on access to login or writeToken", () => {
    const fix = /signs tokens: it requires the secret option/;
    expect(() => verifier.login).toThrow(TypeError);
    expect(() => verifier.login).toThrow(fix);
    expect(() => verifier.writeToken({ id: "42" })).toThrow(TypeError);
    expect(() => verifier.writeToken({ id: "42" })).toThrow(fix);
  });
});

describe("a strategy without verifyCredentials", () => {
  const auth = createJwtStrategy({ secret: hmacSecret, lifetimeSeconds: 3600 });

  test("throws a TypeError that names the fix on access to login", () => {
    expect(() => auth.login).toThrow(TypeError);
    expect(() => auth.login).toThrow("login requires the verifyCredentials option");
  });

  test("can be spread, printed and listed", () => {
    expect(Object.keys({ ...auth }).sort()).toEqual([
      "authenticate",
      "authenticateRequest",
      "authorize",
      "completeLogin",
      "currentClaims",
      "currentToken",
      "currentUser",
      "readToken",
      "writeToken",
    ]);
    expect(() => JSON.stringify(auth)).not.toThrow();
    expect(() => inspect(auth, { showHidden: true, depth: 10 })).not.toThrow();
  });

  test("has logout", () => {
    expect(auth.logout).toBeInstanceOf(Function);
  });
});

describe("a strategy", () => {
  test("does not show its secret or tokens when it is printed", async () => {
    const secret = "a secret that is long enough, in plain text";
    const auth = createJwtStrategy({ secret, lifetimeSeconds: 3600 });
    const seen = await auth.writeToken({ id: "42" });
    await auth.readToken(seen);
    const printed = inspect(auth, { showHidden: true, depth: 10, getters: false });
    expect(printed).not.toContain(secret);
    expect(printed).not.toContain(seen.split(".")[2]);
  });

  test("has methods that do not depend on this", async () => {
    const { authenticate, login, logout, currentUser, readToken, writeToken } = strategyOf();
    const app = express();
    app.post("/login", login);
    app.post("/logout", logout);
    app.get("/", authenticate(), (req, res) => res.json(currentUser(req)));
    const answer = await request(app).post("/login").send({ username: "ann", password: "x" });
    const { access_token: issued } = answer.body as { access_token: string };
    const authorization = `Bearer ${issued}`;
    const me = await request(app).get("/").set("Authorization", authorization);
    expect(me.body).toEqual({ id: "ann" });
    const bye = await request(app).post("/logout").set("Authorization", authorization);
    expect(bye.status).toBe(204);
    expect(await readToken(await writeToken({ id: "ben" }))).toEqual({ id: "ben" });
  });

  test("returns the same handlers each time", () => {
    const auth = strategyOf();
    expect(auth.login).toBe(auth.login);
    expect(auth.logout).toBe(auth.logout);
    expect(auth.refresh).toBe(auth.refresh);
  });
});
