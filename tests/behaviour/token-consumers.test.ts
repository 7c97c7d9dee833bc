import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { JwtVerifier } from "aws-jwt-verify";
import { createJwtStrategy } from "express-jwt-strategy";
import express from "express";
import { auth as requireOAuth } from "express-oauth2-jwt-bearer";
import jwksRsa from "jwks-rsa";
// @ts-expect-error The package has no types
import passportUntyped from "passport";
// @ts-expect-error The package has no types
import passportJwtUntyped from "passport-jwt";
import request from "supertest";
import { rsaPair, toJwk, verifying, generateRsaPair } from "../support/keys.ts";
import { serve, type RunningServer } from "../support/server.ts";

/** The part of passport and passport-jwt that is used here. */
const passport = passportUntyped as {
  use(strategy: unknown): void;
  authenticate(name: string, options: { session: false }): express.RequestHandler;
};
const { Strategy, ExtractJwt } = passportJwtUntyped as {
  Strategy: new (options: object, verify: (claims: object, done: Done) => void) => unknown;
  ExtractJwt: { fromAuthHeaderAsBearerToken(): unknown };
};
type Done = (error: null, user: object) => void;

const ISSUER = "https://issuer.example/";
const AUDIENCE = "https://api.example";

function createIssuer(pair: typeof rsaPair) {
  return createJwtStrategy({
    algorithm: "RS256",
    secret: toJwk(pair.privateKey, { kid: "one" }),
    publicKey: toJwk(verifying(pair.privateKey), { kid: "one" }),
    lifetimeSeconds: 3600,
    issuer: ISSUER,
    tokenAudience: AUDIENCE,
    tokenType: "at+jwt",
    maxTokenAgeSeconds: 3600,
    claims: () => ({ client_id: "app", jti: randomUUID() }), // RFC 9068 section 2.2
  });
}

const issuer = createIssuer(rsaPair);
/** Signs with another key, but with the same issuer, audience and kid. */
const forger = createIssuer(generateRsaPair());
let server: RunningServer;
let jwksUri: string;

beforeAll(async () => {
  server = await serve(express().get("/jwks.json", issuer.jwks));
  jwksUri = `${server.url}/jwks.json`;
});
afterAll(() => server.close());

async function expectVerification(
  verify: (token: string) => Promise<unknown>,
  refusal: unknown,
): Promise<void> {
  expect(await verify(await issuer.writeToken({ id: "42" }))).toBe("42");
  await expect(verify(await forger.writeToken({ id: "42" }))).rejects.toThrow(refusal);
}

/** The `sub` that an app behind a middleware sees; rejects with the status of a refusal. */
async function getSub(middleware: express.RequestHandler, token: string): Promise<unknown> {
  const app = express().get("/", middleware, (req, res) => {
    const { auth, user } = req as { auth?: { payload: object }; user?: object };
    res.json(auth?.payload ?? user);
  });
  const response = await request(app).get("/").auth(token, { type: "bearer" });
  if (response.status !== 200) throw new Error(String(response.status));
  return (response.body as { sub: unknown }).sub;
}

describe("a token that is verified with the keys of the jwks handler", () => {
  test("is accepted by express-oauth2-jwt-bearer in strict mode (RFC 9068)", async () => {
    const middleware = requireOAuth({
      issuer: ISSUER,
      audience: AUDIENCE,
      jwksUri,
      tokenSigningAlg: "RS256",
      strict: true,
    });
    await expectVerification((token) => getSub(middleware, token), /401/);
  });

  test("is accepted by aws-jwt-verify", async () => {
    const verifier = JwtVerifier.create({ issuer: ISSUER, audience: AUDIENCE, jwksUri });
    const response = await fetch(jwksUri); // Its own fetcher requires https.
    verifier.cacheJwks((await response.json()) as Parameters<typeof verifier.cacheJwks>[0]);
    await expectVerification(async (token) => (await verifier.verify(token)).sub, /signature/i);
  });

  test("is accepted by passport-jwt with jwks-rsa", async () => {
    const options = {
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKeyProvider: jwksRsa.passportJwtSecret({ jwksUri }),
      issuer: ISSUER,
      audience: AUDIENCE,
      algorithms: ["RS256"],
    };
    passport.use(new Strategy(options, (claims, done) => done(null, claims)));
    const middleware = passport.authenticate("jwt", { session: false });
    await expectVerification((token) => getSub(middleware, token), /401/);
  });
});
