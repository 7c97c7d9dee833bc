import { createSecretKey } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { anyOf, createJwtStrategy } from "express-jwt-strategy";
import { remoteJwks } from "express-jwt-strategy/remote-jwks";
import express from "express";
import request from "supertest";
import { expectRefusal } from "../support/expect-refusal.ts";
import { base64url, forge, goodClaims } from "../support/forge.ts";
import { forgeWithKid, startIssuer, type Issuer } from "../support/issuer.ts";
import { hmacSecret, keyPair, signingKey, toJwk } from "../support/keys.ts";
import { createRemoteApp, useStoppedClock, type RemoteApp } from "../support/remote-app.ts";

const wait = useStoppedClock();

const { privateKey, publicKey } = keyPair("RS256");
const valid = forgeWithKid("RS256", privateKey, "a");
const [header = "", payload = "", signature = ""] = valid.split(".");
const withHeader = (parameters: object): string =>
  forge("RS256", privateKey, goodClaims(), { alg: "RS256", typ: "JWT", ...parameters });

/** Tokens that are invalid with any key. */
const GARBAGE: readonly (readonly [string, string])[] = [
  ["a single word", "garbage"],
  ["three words", "not.a.token"],
  ["two segments", `${header}.${payload}`],
  ["four segments", `${valid}.${signature}`],
  ["a token without a signature", `${header}.${payload}.`],
  ["a token with a segment that is not canonical", `${header}.${payload}.AB`],
  ["a token that is too long", forge("RS256", privateKey, goodClaims({ x: "x".repeat(7000) }))],
  ["alg none", `${base64url('{"alg":"none"}')}.${payload}.${signature}`],
  ["alg none and a known kid", `${base64url('{"alg":"none","kid":"a"}')}.${payload}.${signature}`],
  [
    "an HMAC keyed with the public key",
    forge("HS256", createSecretKey(publicKey.export({ type: "spki", format: "der" }))),
  ],
  ["another RSA algorithm", forge("RS512", privateKey)],
  ["crit", withHeader({ crit: ["exp"] })],
  ["b64", withHeader({ b64: false })],
  ["an unknown typ", withHeader({ typ: "at+jwt" })],
  ["a kid that is not a string", withHeader({ kid: ["a"] })],
  ["a header that is not JSON", `${base64url("header")}.${payload}.${signature}`],
];

async function startFailingIssuer(): Promise<{ issuer: Issuer; service: RemoteApp }> {
  const issuer = await startIssuer();
  issuer.answer((_req, res) => res.writeHead(500).end());
  return { issuer, service: createRemoteApp(remoteJwks(issuer.url)) };
}

describe("while the issuer fails and no keys are cached, without a fetch", () => {
  test.each(GARBAGE)("a request is refused: %s", async (_name, token) => {
    const { issuer, service } = await startFailingIssuer();
    await service.refuses(token);
    expect(await service.auth.readToken(token)).toBeNull();
    expect(issuer.fetches).toBe(0);
  });

  test.each(GARBAGE)("anyOf() refuses: %s", async (_name, token) => {
    const { issuer, service } = await startFailingIssuer();
    const local = createJwtStrategy({ secret: hmacSecret, lifetimeSeconds: 3600 });
    const app = express().use(anyOf(service.auth, local).authenticate());
    await expectRefusal(
      request(app).get("/").auth(token, { type: "bearer" }),
      401,
      "invalid_token",
    );
    expect(issuer.fetches).toBe(0);
  });

  test("logout is refused", async () => {
    const { issuer, service } = await startFailingIssuer();
    const app = express().post("/logout", service.auth.logout);
    for (const [, token] of GARBAGE) {
      const response = request(app).post("/logout").auth(token, { type: "bearer" });
      await expectRefusal(response, 401, "invalid_token");
    }
    expect(issuer.fetches).toBe(0);
  });
});

describe.each(["ES256", "ES512", "EdDSA"] as const)(
  "a signature of %s of another length",
  (algorithm) => {
    const pair = keyPair(algorithm);
    const forged = (kid: string): string => forgeWithKid(algorithm, pair.privateKey, kid);
    const unsigned = forged("b").replace(/[^.]+$/, "");
    const refused = [`${unsigned}AAAA`, `${unsigned}${"A".repeat(200)}`];

    test("is refused without a fetch, without keys and with a kid that is unknown", async () => {
      const issuer = await startIssuer(toJwk(pair.publicKey, { kid: "a" }));
      const service = createRemoteApp(remoteJwks(issuer.url, { cooldownSeconds: 1 }), algorithm);
      for (const token of refused) await service.refuses(token);
      expect(issuer.fetches).toBe(0);
      await service.accepts(forged("a"));
      wait(2);
      for (const token of refused) await service.refuses(token);
      expect(issuer.fetches).toBe(1);
      await service.refuses(forged("b"));
      expect(issuer.fetches).toBe(2);
    });
  },
);

test("while the issuer fails, a token that a key could make valid is a 503 after a fetch", async () => {
  const { issuer, service } = await startFailingIssuer();
  await service.isUnavailable(valid, "answer_invalid");
  expect(issuer.fetches).toBe(1);
  // Only a key can show that the signature is invalid.
  const forged = `${header}.${base64url("not JSON")}.${signature}`;
  await service.isUnavailable(forged, "answer_invalid");
});

test("while the issuer is unreachable, malformed tokens are refused and a valid token is a 503", async () => {
  const issuer = await startIssuer();
  issuer.closeConnections();
  const service = createRemoteApp(remoteJwks(issuer.url));
  for (const [, token] of GARBAGE) await service.refuses(token);
  await service.isUnavailable(valid, "unreachable");
});

test("with expired keys, malformed tokens cause no fetch", async () => {
  const issuer = await startIssuer(toJwk(publicKey, { kid: "a" }));
  const service = createRemoteApp(remoteJwks(issuer.url, { cacheMaxAgeSeconds: 600 }));
  await service.accepts(valid);
  wait(601);
  for (const [, token] of GARBAGE) await service.refuses(token);
  expect(issuer.fetches).toBe(1);
  await service.accepts(valid);
  expect(issuer.fetches).toBe(2);
});

test("with cached keys, malformed tokens with an unknown kid cause no fetch", async () => {
  const issuer = await startIssuer(toJwk(publicKey, { kid: "a" }));
  const service = createRemoteApp(remoteJwks(issuer.url, { cooldownSeconds: 1 }));
  await service.accepts(valid);
  wait(2);
  const named = [
    withHeader({ kid: "b", crit: ["exp"] }),
    withHeader({ kid: "b", typ: "at+jwt" }),
    forge("RS512", signingKey("RS512"), goodClaims(), { alg: "RS512", kid: "b" }),
    `${withHeader({ kid: "b" })}=`,
  ];
  for (const token of named) await service.refuses(token);
  expect(issuer.fetches).toBe(1);
  await service.refuses(withHeader({ kid: "b" }));
  expect(issuer.fetches).toBe(2);
});
