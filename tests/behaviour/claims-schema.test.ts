import { ServerResponse } from "node:http";
import { afterEach, describe, expect, jest, test } from "@jest/globals";
import { type } from "arktype";
import { createJwtStrategy, type VerifiedClaims } from "express-jwt-strategy";
import { remoteJwks } from "express-jwt-strategy/remote-jwks";
import express, { type ErrorRequestHandler } from "express";
import request from "supertest";
import * as v from "valibot";
import { z } from "zod";
import { expectConstructionError } from "../support/expect-construction-error.ts";
import { forge, goodClaims } from "../support/forge.ts";
import { createGuardedApp } from "../support/guarded-app.ts";
import { startIssuer, stopIssuers } from "../support/issuer.ts";
import { hmacSecret, rsaPair, signingKey, toJwk } from "../support/keys.ts";
import { createRequest } from "../support/request.ts";

const options = { secret: hmacSecret, lifetimeSeconds: 3600 } as const;

function forgeWith(changes: Record<string, unknown>): string {
  return forge("HS256", signingKey("HS256"), goodClaims(changes));
}

function bearer(token: string) {
  return createRequest("GET", { authorization: `Bearer ${token}` });
}

interface Roles {
  sub: string;
  role: "admin" | "guest";
}
type Result = { value: Roles } | { issues: { message: string }[] };

/** A custom schema that counts its validations. */
function createSchema(validate: (claims: VerifiedClaims) => Result | Promise<Result>) {
  const spy = jest.fn((value: unknown) => validate(value as VerifiedClaims));
  return { spy, "~standard": { version: 1 as const, vendor: "test", validate: spy } };
}

const accept = ({ sub }: VerifiedClaims): Result => ({ value: { sub, role: "admin" } });

afterEach(stopIssuers);

describe.each([
  ["Zod", z.object({ sub: z.string(), role: z.enum(["admin", "guest"]) })],
  ["Valibot", v.object({ sub: v.string(), role: v.picklist(["admin", "guest"]) })],
  ["ArkType", type({ sub: "string", role: "'admin' | 'guest'", "+": "delete" })],
  [
    "Zod, asynchronously",
    z.object({ sub: z.string(), role: z.enum(["admin", "guest"]) }).refine(async () => {
      await new Promise(setImmediate);
      return true;
    }),
  ],
])("claimsSchema of %s", (_library, claimsSchema) => {
  const auth = createJwtStrategy({ ...options, claimsSchema });

  test("returns the frozen result of the schema, with and without findUser", async () => {
    const token = forgeWith({ role: "admin", more: 1 });
    const expected = { sub: "42", role: "admin" };
    const req = bearer(token);
    expect(await auth.authenticateRequest(req)).toEqual({ user: expected, claims: expected });
    expect(auth.currentUser(req)).toEqual(expected);
    expect(auth.currentClaims(req)).toEqual(expected);
    expect(Object.isFrozen(auth.currentClaims(req))).toBe(true);

    const findUser = jest.fn((id: string) => ({ id }));
    const withUsers = createJwtStrategy({ ...options, claimsSchema, findUser });
    expect(await withUsers.authenticateRequest(req)).toEqual({
      user: { id: "42" },
      claims: expected,
    });
    expect(findUser.mock.calls).toEqual([["42", expected, req]]);
  });

  test("refuses a token if its claims do not match", async () => {
    const app = createGuardedApp(auth);
    await app.accepts(forgeWith({ role: "guest" }));
    await app.refuses(forgeWith({ role: "root" }), "claims_invalid");
    await app.refuses(forgeWith({}), "claims_invalid");
  });
});

describe("claimsSchema", () => {
  test("validates a known token once, and refusals each time", async () => {
    const schema = createSchema((claims) =>
      claims.role === "bad" ? { issues: [{ message: "no" }] } : accept(claims),
    );
    const auth = createJwtStrategy({ ...options, claimsSchema: schema });
    const good = forgeWith({});
    const bad = forgeWith({ role: "bad" });
    for (const token of [good, good, bad, bad]) await auth.readToken(token);
    expect(schema.spy).toHaveBeenCalledTimes(3);

    const uncached = createJwtStrategy({ ...options, claimsSchema: schema, cacheSize: 0 });
    schema.spy.mockClear();
    for (const token of [good, good]) await uncached.readToken(token);
    expect(schema.spy).toHaveBeenCalledTimes(2);
  });

  test.each([
    ["a synchronous schema", accept, [1, 1]],
    ["an asynchronous schema", (claims: VerifiedClaims) => Promise.resolve(accept(claims)), [0, 1]],
  ])("continues a known token in the same tick with %s", async (_case, validate, expected) => {
    const auth = createJwtStrategy({ ...options, claimsSchema: createSchema(validate) });
    const token = forgeWith({});
    const middleware = auth.authenticate();
    const next = jest.fn();
    const calledInTheSameTick: number[] = [];
    for (let round = 0; round < 2; round += 1) {
      next.mockClear();
      const req = bearer(token);
      middleware(req, new ServerResponse(req), next);
      calledInTheSameTick.push(next.mock.calls.length);
      await new Promise(setImmediate);
      expect(next.mock.calls).toEqual([[]]);
    }
    expect(calledInTheSameTick).toEqual(expected);
  });

  test("is not called for a token that another check refuses", async () => {
    const schema = createSchema(accept);
    const auth = createJwtStrategy({ ...options, claimsSchema: schema, issuer: "us" });
    const good = forgeWith({ iss: "us" });
    for (const token of [
      `${good.slice(0, -4)}AAAA`,
      forgeWith({ iss: "them" }),
      forgeWith({ iss: "us", aud: "other" }),
      forgeWith({ iss: "us", exp: 1 }),
      forgeWith({ iss: "us", sub: 42 }),
    ]) {
      expect(await auth.readToken(token)).toBeNull();
    }
    expect(schema.spy).not.toHaveBeenCalled();
    expect(await auth.readToken(good)).toEqual({ sub: "42", role: "admin" });
    expect(schema.spy).toHaveBeenCalledTimes(1);
  });

  test("does not change the id, times and scopes that are checked", async () => {
    const changed = { value: { sub: "1", exp: 9_999_999_999, role: "admin", scope: "all" } };
    const schema = createSchema(() => changed as Result);
    const findUser = jest.fn((id: string) => ({ id }));
    const auth = createJwtStrategy({ ...options, claimsSchema: schema, findUser });
    const exp = Math.floor(Date.now() / 1000) + 60;
    const token = forgeWith({ exp, scope: "read" });
    expect(await auth.readToken(token)).toEqual({ id: "42" });
    await expect(auth.authenticateRequest(bearer(token), { scopes: ["all"] })).rejects.toThrow(
      "The user is not allowed to do this",
    );
    expect(await auth.authenticateRequest(bearer(token), { scopes: ["read"] })).not.toBeNull();
    const now = jest.spyOn(Date, "now").mockReturnValue(exp * 1000);
    expect(await auth.readToken(token)).toBeNull();
    now.mockRestore();
  });

  test.each([
    [
      "throws",
      () => {
        throw new Error("secret detail");
      },
    ],
    ["rejects", () => Promise.reject(new Error("secret detail"))],
  ])("that %s results in a 500 for each request", async (_case, validate) => {
    const schema = createSchema(validate);
    const auth = createJwtStrategy({ ...options, claimsSchema: schema });
    const errors: unknown[] = [];
    const collect: ErrorRequestHandler = (error, _req, res, next) => {
      errors.push(error);
      res.end();
      if (res.headersSent) return;
      next(error);
    };
    const app = express().use(auth.authenticate(), collect);
    const token = forgeWith({});
    for (let round = 0; round < 2; round += 1) {
      const response = await request(app).get("/").auth(token, { type: "bearer" });
      expect([response.status, response.text]).toEqual([500, ""]);
    }
    expect(schema.spy).toHaveBeenCalledTimes(2);
    expect(errors).toEqual([expect.any(Error), expect.any(Error)]);
  });

  test("does not show its messages in responses", async () => {
    const schema = createSchema(() => ({ issues: [{ message: "the role root" }] }));
    const auth = createJwtStrategy({ ...options, claimsSchema: schema });
    const response = await createGuardedApp(auth).get(forgeWith({}));
    expect(response.status).toBe(401);
    expect(response.text + JSON.stringify(response.headers)).not.toContain("role");
  });

  test("may return cycles, which are frozen, and class instances, which are not", async () => {
    const value = { sub: "42", role: "admin", bytes: new Uint8Array(2), list: [{}] } as const;
    const cyclic = Object.assign(value, { self: value });
    const schema = createSchema(() => ({ value: cyclic }));
    const auth = createJwtStrategy({ ...options, claimsSchema: schema });
    expect(await auth.readToken(forgeWith({}))).toBe(value);
    expect(Object.isFrozen(value.list[0])).toBe(true);
    expect(Object.isFrozen(value.bytes)).toBe(false);
  });

  test("validates with the keys of an issuer, too", async () => {
    const issuer = await startIssuer(toJwk(rsaPair.publicKey));
    const schema = createSchema((claims) => Promise.resolve(accept(claims)));
    const auth = createJwtStrategy({
      algorithm: "RS256",
      publicKey: remoteJwks(issuer.url),
      lifetimeSeconds: 3600,
      claimsSchema: schema,
    });
    const token = forge("RS256", rsaPair.privateKey);
    for (let round = 0; round < 2; round += 1) {
      expect(await auth.readToken(token)).toEqual({ sub: "42", role: "admin" });
    }
    expect(schema.spy).toHaveBeenCalledTimes(1);
  });

  test.each([
    ["null", null],
    ["a string", "schema"],
    ["an object", {}],
    ["a function", () => true],
    ["another version", { "~standard": { version: 2, validate: () => ({}) } }],
    ["no validate", { "~standard": { version: 1 } }],
    ["null as its definition", { "~standard": null }],
  ])("must be a schema: %s", (_case, claimsSchema) => {
    expectConstructionError(
      { ...options, claimsSchema },
      /^claimsSchema must be a schema with Standard Schema version 1$/,
    );
  });
});
