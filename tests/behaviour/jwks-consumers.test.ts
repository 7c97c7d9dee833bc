import { afterEach, describe, expect, test } from "@jest/globals";
import {
  createJwtStrategy,
  dynamicStrategy,
  type JwtStrategy,
  type VerifiedClaims,
} from "express-jwt-strategy";
import { remoteJwks } from "express-jwt-strategy/remote-jwks";
import express from "express";
import { createRemoteJWKSet, errors, jwtVerify } from "jose";
import type { Jwk } from "../../lib/keys/jwk.ts";
import type { AsymmetricAlgorithm } from "../../lib/keys/algorithms.ts";
import { AUDIENCE, nowInSeconds } from "../support/forge.ts";
import { generateSigningKey, keyPair, verifying, toJwk } from "../support/keys.ts";
import { createRemoteApp } from "../support/remote-app.ts";
import { serve, type RunningServer } from "../support/server.ts";

let server: RunningServer | undefined;

afterEach(() => server?.close());

type Strategy = JwtStrategy<VerifiedClaims, { id: string }>;

/** A service that publishes its current keys, and another service that reads them with jose. */
async function publish(getStrategy: () => Strategy): Promise<{
  url: string;
  verify: (token: string, algorithm: AsymmetricAlgorithm) => ReturnType<typeof jwtVerify>;
}> {
  const auth = dynamicStrategy(getStrategy);
  server = await serve(express().get("/.well-known/jwks.json", auth.jwks));
  const url = `${server.url}/.well-known/jwks.json`;
  return {
    url,
    verify: (token, algorithm) =>
      // Makes jose fetch the keys again.
      jwtVerify(token, createRemoteJWKSet(new URL(url)), {
        audience: AUDIENCE,
        algorithms: [algorithm],
      }),
  };
}

interface KidPair {
  readonly secret: Jwk;
  readonly publicKey: Jwk;
}

function makeKey(algorithm: AsymmetricAlgorithm, kid: string): KidPair {
  const privateKey = generateSigningKey(algorithm);
  return { secret: toJwk(privateKey, { kid }), publicKey: toJwk(verifying(privateKey), { kid }) };
}

const strategyOf = (
  algorithm: AsymmetricAlgorithm,
  { secret, publicKey }: KidPair,
  ...others: readonly KidPair[]
): Strategy =>
  createJwtStrategy({
    algorithm,
    secret,
    publicKey: [publicKey, ...others.map((other) => other.publicKey)],
    lifetimeSeconds: 3600,
  });

describe.each(["RS256", "ES256", "EdDSA", "Ed25519"] as const)(
  "with the published keys of %s",
  (algorithm) => {
    test("jose verifies our tokens before, during and after a rotation", async () => {
      const [one, two, three] = ["one", "two", "three"].map((kid) => makeKey(algorithm, kid)) as [
        KidPair,
        KidPair,
        KidPair,
      ];
      let current = strategyOf(algorithm, one, two);
      const { verify } = await publish(() => current);

      const byOne = await current.writeToken({ id: "42" });
      const { payload, protectedHeader } = await verify(byOne, algorithm);
      expect(protectedHeader).toEqual({ alg: algorithm, typ: "JWT", kid: "one" });
      expect(payload).toMatchObject({ sub: "42", aud: [AUDIENCE] });
      expect(payload.exp).toBeGreaterThan(nowInSeconds());

      current = strategyOf(algorithm, two, three, one);
      const byTwo = await current.writeToken({ id: "43" });
      expect((await verify(byOne, algorithm)).payload.sub).toBe("42");
      expect((await verify(byTwo, algorithm)).payload.sub).toBe("43");
      expect(await current.readToken(byOne)).toMatchObject({ sub: "42" });

      current = strategyOf(algorithm, three, two);
      const byThree = await current.writeToken({ id: "44" });
      expect((await verify(byTwo, algorithm)).payload.sub).toBe("43");
      expect((await verify(byThree, algorithm)).payload.sub).toBe("44");
      await expect(verify(byOne, algorithm)).rejects.toBeInstanceOf(errors.JWKSNoMatchingKey);
      expect(await current.readToken(byOne)).toBeNull();
    });

    test("one JWK set of jose follows a rotation if the next key is published before it signs", async () => {
      const [one, two] = [makeKey(algorithm, "one"), makeKey(algorithm, "two")];
      let current = strategyOf(algorithm, one, two);
      const { url } = await publish(() => current);
      const keys = createRemoteJWKSet(new URL(url));
      await jwtVerify(await current.writeToken({ id: "42" }), keys);

      current = strategyOf(algorithm, two, one);
      const byTwo = await current.writeToken({ id: "43" });
      expect((await jwtVerify(byTwo, keys)).payload.sub).toBe("43");
    });

    test("jose refuses a token with a published kid that another key has signed", async () => {
      const { verify } = await publish(() => current);
      const current = strategyOf(algorithm, makeKey(algorithm, "one"));
      const otherKey = strategyOf(algorithm, makeKey(algorithm, "one"));
      const token = await otherKey.writeToken({ id: "42" });
      await expect(verify(token, algorithm)).rejects.toBeInstanceOf(
        errors.JWSSignatureVerificationFailed,
      );
      expect(await current.readToken(token)).toBeNull();
    });

    test("jose verifies a token without a kid if one key is published under its thumbprint", async () => {
      const { privateKey } = keyPair(algorithm);
      const secret = privateKey.export({ format: "pem", type: "pkcs8" });
      const auth = createJwtStrategy({ algorithm, secret, lifetimeSeconds: 3600 });
      const { verify } = await publish(() => auth);

      const { payload, protectedHeader } = await verify(
        await auth.writeToken({ id: "42" }),
        algorithm,
      );
      expect(protectedHeader).toEqual({ alg: algorithm, typ: "JWT" });
      expect(payload.sub).toBe("42");
    });

    test("remoteJwks verifies the same tokens", async () => {
      const [one, two] = [makeKey(algorithm, "one"), makeKey(algorithm, "two")];
      let current = strategyOf(algorithm, one, two);
      const { url } = await publish(() => current);
      const { accepts, refuses } = createRemoteApp(remoteJwks(url), algorithm);
      await accepts(await current.writeToken({ id: "42" }));

      current = strategyOf(algorithm, two, one);
      await accepts(await current.writeToken({ id: "42" }));
      const otherKey = strategyOf(algorithm, makeKey(algorithm, "two"));
      await refuses(await otherKey.writeToken({ id: "42" }));
    });
  },
);
