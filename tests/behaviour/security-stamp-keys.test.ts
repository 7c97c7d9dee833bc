import { createHmac, createSecretKey, randomBytes, type KeyObject } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import {
  createJwtStrategy,
  dynamicStrategy,
  type JwtAlgorithm,
  type JwtStrategy,
} from "express-jwt-strategy";
import express from "express";
import request from "supertest";
import type { HmacSecret } from "../../lib/keys/secret-key.ts";
import { expectRefusal } from "../support/expect-refusal.ts";
import { forge, goodClaims } from "../support/forge.ts";
import {
  ASYMMETRIC_ALGORITHMS,
  generateRsaPair,
  HMAC_ALGORITHMS,
  keyPair,
  rsaPair,
  signingKey,
} from "../support/keys.ts";

interface User {
  readonly id: string;
  readonly text: string;
}

const randomKey = (): KeyObject => createSecretKey(randomBytes(64));
const [OLD, NEW, OTHER] = [randomKey(), randomKey(), randomKey()];
const ANN: User = { id: "42", text: "ann's" };

function digestOf(key: KeyObject, text = ANN.text): string {
  return createHmac("sha256", key)
    .update(`express-jwt-strategy security stamp\0["42",${JSON.stringify(text)}]`)
    .digest()
    .subarray(0, 16)
    .toString("base64url");
}

const users = {
  lifetimeSeconds: 3600,
  findUser: () => ANN,
  securityStamp: ({ text }: User) => text,
};

function createHmacAuth(
  secret: HmacSecret | readonly HmacSecret[],
  algorithm: (typeof HMAC_ALGORITHMS)[number] = "HS256",
): JwtStrategy<User> {
  return createJwtStrategy<User>({ ...users, algorithm, secret });
}

/** A token with a digest of the user's string. The digest may have a key of its own. */
const signed = (key: KeyObject, keyOfDigest = key, algorithm: JwtAlgorithm = "HS256"): string =>
  forge(algorithm, key, goodClaims({ stamp: digestOf(keyOfDigest) }));

async function getSecurityStamp(auth: JwtStrategy<User>): Promise<unknown> {
  const [, payload = ""] = (await auth.writeToken(ANN)).split(".");
  return (JSON.parse(Buffer.from(payload, "base64url").toString()) as { stamp: unknown }).stamp;
}

describe("with HS256, HS384 and HS512", () => {
  test.each(HMAC_ALGORITHMS)("%s: the secret keys the digest", async (algorithm) => {
    const auth = createHmacAuth(OLD, algorithm);
    expect(await getSecurityStamp(auth)).toBe(digestOf(OLD));
    expect(await auth.readToken(signed(OLD, OLD, algorithm))).toBe(ANN);
    expect(await auth.readToken(signed(OLD, OTHER, algorithm))).toBeNull();
  });

  test("the signing secret keys the digest of new tokens", async () => {
    expect(await getSecurityStamp(createHmacAuth([NEW, OLD]))).toBe(digestOf(NEW));
  });

  test.each([
    ["without kids", OLD, NEW, {}, {}],
    [
      "with kids",
      { kty: "oct", k: OLD.export().toString("base64url"), kid: "old" },
      { kty: "oct", k: NEW.export().toString("base64url"), kid: "new" },
      { kid: "old" },
      { kid: "new" },
    ],
  ])("a token survives the rotation of secrets, %s", async (_how, old, fresh, oldKid, newKid) => {
    const claims = (key: KeyObject): object => goodClaims({ stamp: digestOf(key) });
    const before = forge("HS256", OLD, claims(OLD), { alg: "HS256", typ: "JWT", ...oldKid });
    const after = forge("HS256", NEW, claims(NEW), { alg: "HS256", typ: "JWT", ...newKid });
    const stages: readonly (readonly [readonly HmacSecret[], string[]])[] = [
      [[old], [before]],
      [
        [old, fresh],
        [before, after],
      ],
      [
        [fresh, old],
        [before, after],
      ],
      [[fresh], [after]],
    ];
    for (const [secrets, accepted] of stages) {
      const auth = createHmacAuth(secrets);
      const read = async (token: string): Promise<boolean> => (await auth.readToken(token)) === ANN;
      for (const token of [before, after, before, after]) {
        expect(await read(token)).toBe(accepted.includes(token));
      }
    }
  });

  test("a digest is compared only with the secret that has verified the token", async () => {
    const auth = createHmacAuth([NEW, OLD]);
    for (const [key, keyOfDigest] of [
      [OLD, NEW],
      [NEW, OLD],
    ] as const) {
      expect(await auth.readToken(signed(key, keyOfDigest))).toBeNull();
      expect(await auth.readToken(signed(key, key))).toBe(ANN);
    }
  });
});

describe("with a securityStampKey", () => {
  function createPairAuth(
    securityStampKey: HmacSecret | readonly HmacSecret[],
    algorithm: (typeof ASYMMETRIC_ALGORITHMS)[number] = "RS256",
  ): JwtStrategy<User> {
    const secret = signingKey(algorithm);
    return createJwtStrategy<User>({ ...users, algorithm, secret, securityStampKey });
  }

  test.each(ASYMMETRIC_ALGORITHMS)(
    "%s: the securityStampKey keys the digest",
    async (algorithm) => {
      const auth = createPairAuth(OLD, algorithm);
      const { privateKey } = keyPair(algorithm);
      expect(await getSecurityStamp(auth)).toBe(digestOf(OLD));
      expect(await auth.readToken(signed(privateKey, OLD, algorithm))).toBe(ANN);
      expect(await auth.readToken(signed(privateKey, OTHER, algorithm))).toBeNull();
    },
  );

  test.each<[string, HmacSecret]>([
    ["bytes", OLD.export()],
    ["a KeyObject", OLD],
    ["a JWK", { kty: "oct", k: OLD.export().toString("base64url") }],
  ])("is the same key as %s", async (_form, key) => {
    expect(await getSecurityStamp(createPairAuth(key))).toBe(digestOf(OLD));
  });

  test("the first key of a list keys new digests, and all are accepted", async () => {
    const auth = createPairAuth([NEW, OLD]);
    expect(await getSecurityStamp(auth)).toBe(digestOf(NEW));
    const { privateKey } = rsaPair;
    expect(await auth.readToken(signed(privateKey, OLD, "RS256"))).toBe(ANN);
    expect(await auth.readToken(signed(privateKey, NEW, "RS256"))).toBe(ANN);
    expect(await auth.readToken(signed(privateKey, OTHER, "RS256"))).toBeNull();
  });

  test("works in a service that only verifies, with all public keys", async () => {
    const older = generateRsaPair();
    const auth = createJwtStrategy<User>({
      ...users,
      algorithm: "RS256",
      publicKey: [rsaPair.publicKey, older.publicKey],
      securityStampKey: OLD,
    });
    for (const { privateKey } of [rsaPair, older]) {
      expect(await auth.readToken(signed(privateKey, OLD, "RS256"))).toBe(ANN);
      expect(await auth.readToken(signed(privateKey, OTHER, "RS256"))).toBeNull();
      expect(await auth.readToken(forge("RS256", privateKey))).toBeNull();
    }
  });
});

describe("a rotation with dynamicStrategy()", () => {
  test("accepts tokens of the older secret until it is removed, cached or not", async () => {
    let current = createHmacAuth(OLD);
    const app = express().use(dynamicStrategy(() => current).authenticate());
    app.use((_req, res) => res.send("in"));
    const get = (token: string): request.Test =>
      request(app).get("/").auth(token, { type: "bearer" });

    const token = signed(OLD);
    await get(token).expect(200);
    current = createHmacAuth([NEW, OLD]);
    await get(token).expect(200);
    await get(token).expect(200);
    current = createHmacAuth(NEW);
    await expectRefusal(get(token), 401, "invalid_token");
  });
});
