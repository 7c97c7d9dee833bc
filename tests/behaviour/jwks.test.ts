import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import {
  anyOf,
  createJwtStrategy,
  dynamicStrategy,
  type RequestStrategy,
} from "express-jwt-strategy";
import { remoteJwks } from "express-jwt-strategy/remote-jwks";
import express, { type Express } from "express";
import request from "supertest";
import { construct } from "../support/expect-construction-error.ts";
import {
  ASYMMETRIC_ALGORITHMS,
  HMAC_ALGORITHMS,
  hmacSecret,
  keyPair,
  otherPair,
  signingKey,
  toJwk,
} from "../support/keys.ts";
import { sendLines, serve } from "../support/server.ts";

const PATH = "/.well-known/jwks.json";
const PSS_SHA256: object = { hashAlgorithm: "sha256", mgf1HashAlgorithm: "sha256", saltLength: 32 };

interface JwkSet {
  readonly keys: readonly Record<string, unknown>[];
}

describe("jwks", () => {
  const publish = (auth: Pick<RequestStrategy<unknown>, "jwks">): Express =>
    express().get(PATH, auth.jwks);
  const setOf = async (auth: Pick<RequestStrategy<unknown>, "jwks">): Promise<JwkSet> => {
    const response = await request(publish(auth)).get(PATH).expect(200);
    return response.body as JwkSet;
  };

  test("is a JSON Web Key Set that may be cached for five minutes", async () => {
    const auth = construct({
      algorithm: "RS256",
      secret: signingKey("RS256"),
      lifetimeSeconds: 60,
    });
    const response = await request(publish(auth)).get(PATH);

    expect(response.status).toBe(200);
    expect(response.headers["content-type"]).toBe("application/jwk-set+json");
    expect(response.headers["cache-control"]).toBe("public, max-age=300");
  });

  test("removes cookies of earlier middleware, because a shared cache may store the response", async () => {
    const auth = construct({
      algorithm: "ES256",
      secret: signingKey("ES256"),
      lifetimeSeconds: 60,
    });
    const app = express();
    app.use((_req, res, next) => {
      res.setHeader("Set-Cookie", "session=of-one-client-alone");
      next();
    });
    const response = await request(app.get(PATH, auth.jwks)).get(PATH).expect(200);
    expect(response.headers["set-cookie"]).toBeUndefined();
    expect(response.headers["cache-control"]).toBe("public, max-age=300");
  });

  test("answers HEAD with the same headers and no body", async () => {
    const auth = construct({
      algorithm: "RS256",
      secret: signingKey("RS256"),
      lifetimeSeconds: 60,
    });
    const server = await serve(publish(auth));
    const response = await sendLines(server.port, [
      `HEAD ${PATH} HTTP/1.1`,
      "Host: issuer.example",
    ]);
    await server.close();

    expect(response).toMatchObject({ status: 200, body: "" });
    expect(response.headers.get("content-type")).toEqual(["application/jwk-set+json"]);
    expect(response.headers.get("cache-control")).toEqual(["public, max-age=300"]);
  });

  test("answers 200, even if earlier middleware has set another status", async () => {
    const auth = construct({
      algorithm: "ES256",
      secret: signingKey("ES256"),
      lifetimeSeconds: 60,
    });
    const app = express();
    app.use((_req, res, next) => {
      res.status(404);
      next();
    });
    await request(app.get(PATH, auth.jwks)).get(PATH).expect(200);
  });

  describe.each(ASYMMETRIC_ALGORITHMS)("of %s", (algorithm) => {
    const { privateKey, publicKey } = keyPair(algorithm);

    test("contains the public key of the signing key with its kid", async () => {
      const auth = construct({
        algorithm,
        secret: toJwk(privateKey, { kid: "2025-01" }),
        lifetimeSeconds: 60,
      });
      expect(await setOf(auth)).toEqual({
        keys: [{ ...toJwk(publicKey), kid: "2025-01", alg: algorithm, use: "sig" }],
      });
    });

    test("contains all keys of a list, the signing key first", async () => {
      const next = otherPair(algorithm).publicKey;
      const auth = construct({
        algorithm,
        secret: toJwk(privateKey, { kid: "current" }),
        publicKey: [toJwk(publicKey, { kid: "current" }), toJwk(next, { kid: "next" })],
        lifetimeSeconds: 60,
      });
      expect(await setOf(auth)).toEqual({
        keys: [
          { ...toJwk(publicKey), kid: "current", alg: algorithm, use: "sig" },
          { ...toJwk(next), kid: "next", alg: algorithm, use: "sig" },
        ],
      });
    });

    test("contains the keys of a service that only verifies, with their thumbprints as kid if they have none", async () => {
      const auth = construct({
        algorithm,
        publicKey: publicKey.export({ format: "pem", type: "spki" }),
        lifetimeSeconds: 60,
      });
      const thumbprint: unknown = expect.stringMatching(/^[\w-]{43}$/);
      expect(await setOf(auth)).toEqual({
        keys: [{ ...toJwk(publicKey), kid: thumbprint, alg: algorithm, use: "sig" }],
      });
    });

    test("contains no private member of a private JWK", async () => {
      const secret = toJwk(privateKey, { kid: "of the private key" });
      const auth = construct({ algorithm, secret, lifetimeSeconds: 60 });
      const response = await request(publish(auth)).get(PATH).expect(200);
      const { keys } = response.body as JwkSet;
      const published = new Set(keys.flatMap(Object.keys));
      for (const name of ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] as const) {
        expect(published).not.toContain(name);
        if (secret[name] !== undefined) expect(response.text).not.toContain(secret[name]);
      }
      expect(secret).toHaveProperty("d");
      expect(response.text).toContain("of the private key");
    });
  });

  test("has the keys of the strategy that dynamicStrategy() chooses", async () => {
    let current = construct({
      algorithm: "ES256",
      secret: toJwk(signingKey("ES256"), { kid: "before" }),
      lifetimeSeconds: 60,
    });
    const app = publish(dynamicStrategy(() => current));
    const kids = async (): Promise<unknown[]> => {
      const response = await request(app).get(PATH).expect(200);
      return (response.body as JwkSet).keys.map(({ kid }) => kid);
    };
    expect(await kids()).toEqual(["before"]);

    current = construct({
      algorithm: "ES256",
      secret: toJwk(otherPair("ES256").privateKey, { kid: "after" }),
      lifetimeSeconds: 60,
    });
    expect(await kids()).toEqual(["after"]);
  });

  test("answers 500 if dynamicStrategy() chooses a strategy without public keys", async () => {
    const auth = createJwtStrategy({ secret: hmacSecret, lifetimeSeconds: 60 });
    const response = await request(publish(dynamicStrategy(() => auth))).get(PATH);

    expect(response.status).toBe(500);
    expect(response.headers).not.toHaveProperty("cache-control");
  });
});

describe("the jwks property", () => {
  test("is the same handler each time", () => {
    const auth = construct({
      algorithm: "ES256",
      secret: signingKey("ES256"),
      lifetimeSeconds: 60,
    });
    expect(auth.jwks).toBe(auth.jwks);
  });

  test.each(HMAC_ALGORITHMS)("throws a TypeError for %s, which has no public key", (algorithm) => {
    const auth = construct({ algorithm, secret: hmacSecret, lifetimeSeconds: 60 });
    expect(() => auth.jwks).toThrow(
      new TypeError(
        `jwks publishes public keys, and ${algorithm} has none: set algorithm to RS256, ES256, ...`,
      ),
    );
  });

  test("throws a TypeError for keys of remoteJwks", () => {
    const publicKey = remoteJwks("https://issuer.example/jwks");
    const auth = createJwtStrategy({ algorithm: "RS256", publicKey, lifetimeSeconds: 60 });
    expect(() => auth.jwks).toThrow(
      new TypeError(
        "jwks publishes the keys of this service; the issuer publishes the keys of remoteJwks()",
      ),
    );
  });

  test("throws a TypeError for an RSA-PSS key, each time", () => {
    const { privateKey: secret } = generateKeyPairSync("rsa-pss", {
      modulusLength: 2048,
      ...PSS_SHA256,
    });
    const auth = construct({ algorithm: "PS256", secret, lifetimeSeconds: 60 });
    const sentence = /^jwks cannot publish an RSA-PSS key, .*use an RSA key$/;
    expect(() => auth.jwks).toThrow(sentence);
    expect(() => auth.jwks).toThrow(sentence);
  });

  test("throws a TypeError on anyOf()", () => {
    const auth = construct({
      algorithm: "ES256",
      secret: signingKey("ES256"),
      lifetimeSeconds: 60,
    });
    expect(() => anyOf(auth).jwks).toThrow(
      new TypeError("anyOf() has no jwks handler; mount the jwks handler of each strategy"),
    );
  });
});
