import type { IncomingMessage, ServerResponse } from "node:http";
import { describe, expect, test } from "@jest/globals";
import {
  createJwtStrategy,
  type AuthError,
  type JwtStrategy,
  type JwtStrategyOptions,
  type UserStrategyOptions,
  type VerifiedClaims,
} from "express-jwt-strategy";
import { expectTypeOf } from "expect-type";
import type { JWK } from "jose";
import type { Request } from "express";
import { generateRsaPair, hmacSecret, rsaPair } from "../support/keys.ts";

// `tsc` checks this file: every `@ts-expect-error` must be an error, every `expectTypeOf` must be true.

interface User {
  readonly id: string;
  readonly name: string;
}

const hmac = { secret: hmacSecret, lifetimeSeconds: 3600 } as const;
const rsa = { algorithm: "RS256", lifetimeSeconds: 3600 } as const;
const another = generateRsaPair();
const ann: User = { id: "42", name: "Ann" };

describe("the options that do not compile", () => {
  const refuse = (create: () => unknown): void => expect(create).toThrow(TypeError);

  test("no lifetimeSeconds", () => {
    // @ts-expect-error The lifetime has no default
    refuse(() => createJwtStrategy({ secret: hmacSecret }));
  });

  test("no secret", () => {
    // @ts-expect-error HS256 requires the secret
    refuse(() => createJwtStrategy({ lifetimeSeconds: 3600 }));
  });

  test("an environment variable that may be missing", () => {
    const secret: string | undefined = process.env.NO_SUCH_SECRET;
    // @ts-expect-error undefined is not a secret
    refuse(() => createJwtStrategy({ secret, lifetimeSeconds: 3600 }));
  });

  test.each(["none", "hs256", "Ed448"])("algorithm %s", (algorithm) => {
    // @ts-expect-error Not a supported algorithm
    refuse(() => createJwtStrategy({ ...hmac, algorithm }));
  });

  test("the literal algorithm none", () => {
    // @ts-expect-error Unsigned tokens are not supported
    refuse(() => createJwtStrategy({ ...hmac, algorithm: "none" }));
  });

  test("a publicKey without an algorithm that has one", () => {
    const { publicKey } = rsaPair;
    // @ts-expect-error HS256, the default, has no public key
    refuse(() => createJwtStrategy({ ...hmac, publicKey }));
    // @ts-expect-error HS512 has no public key
    refuse(() => createJwtStrategy({ ...hmac, algorithm: "HS512", publicKey }));
    // @ts-expect-error HS256 requires the secret to verify, too
    refuse(() => createJwtStrategy({ lifetimeSeconds: 3600, publicKey }));
  });

  test("a public key without an audience and without an issuer", () => {
    const { publicKey } = rsaPair;
    const issuer = "https://issuer.example/";
    // @ts-expect-error Tokens of the issuer for other apps would be accepted
    refuse(() => createJwtStrategy({ ...rsa, publicKey, tokenAudience: null }));
    // @ts-expect-error undefined is not an issuer
    refuse(() => createJwtStrategy({ ...rsa, publicKey, tokenAudience: null, issuer: undefined }));
    createJwtStrategy({ ...rsa, publicKey, tokenAudience: null, issuer });
    createJwtStrategy({ ...rsa, publicKey, tokenAudience: null, issuer: [issuer] });
    createJwtStrategy({ ...hmac, tokenAudience: null });
  });

  test("a list of private keys", () => {
    const { privateKey } = rsaPair;
    // @ts-expect-error secret is a single private key
    refuse(() => createJwtStrategy({ ...rsa, secret: [privateKey] }));
  });

  test("values that are not keys", () => {
    // @ts-expect-error A secret is not a number
    refuse(() => createJwtStrategy({ ...hmac, secret: 12345 }));
    // @ts-expect-error A secret is not a list of numbers
    refuse(() => createJwtStrategy({ ...hmac, secret: [12345] }));
    // @ts-expect-error A secret is not a function
    refuse(() => createJwtStrategy({ ...hmac, secret: () => hmacSecret }));
    // @ts-expect-error A public key is not a Date
    refuse(() => createJwtStrategy({ ...rsa, publicKey: new Date() }));
    // @ts-expect-error A public key is not a URL
    refuse(() => createJwtStrategy({ ...rsa, publicKey: new URL("https://issuer.example/jwks") }));
    // @ts-expect-error A private key is not a list of bytes
    refuse(() => createJwtStrategy({ ...rsa, secret: [1, 2, 3] }));
    // @ts-expect-error A JWK Set contains JWKs
    refuse(() => createJwtStrategy({ ...rsa, publicKey: { keys: ["AQAB"] } }));
    // @ts-expect-error secret is a single key, not a JWK Set
    refuse(() => createJwtStrategy({ ...rsa, secret: { keys: [] } }));
    // @ts-expect-error Members of a JWK are strings
    refuse(() => createJwtStrategy({ ...rsa, publicKey: { kty: "RSA", n: 5, e: "AQAB" } }));
  });

  test("an environment variable that may be missing, in a list", () => {
    const previous: string | undefined = process.env.NO_SUCH_SECRET;
    // @ts-expect-error undefined is not a secret
    refuse(() => createJwtStrategy({ ...hmac, secret: [hmacSecret, previous] }));
  });

  test("an unknown name", () => {
    // @ts-expect-error The option is named tokenAudience
    refuse(() => createJwtStrategy({ ...hmac, audience: "us" }));
    const auth = createJwtStrategy(hmac);
    // @ts-expect-error Not a valid option of authenticate()
    refuse(() => auth.authenticate({ scope: "admin" }));
    // @ts-expect-error optional is a boolean or "lenient"
    refuse(() => auth.authenticate({ optional: "yes" }));
  });
});

describe("the options that compile", () => {
  test.each<[string, JwtStrategy<VerifiedClaims>]>([
    [
      "a key pair",
      createJwtStrategy({ ...rsa, secret: rsaPair.privateKey, publicKey: rsaPair.publicKey }),
    ],
    ["only a private key", createJwtStrategy({ ...rsa, secret: rsaPair.privateKey })],
    ["only a public key", createJwtStrategy({ ...rsa, publicKey: rsaPair.publicKey })],
    [
      "a JWK Set",
      createJwtStrategy({
        ...rsa,
        publicKey: { keys: [rsaPair.publicKey.export({ format: "jwk" })] },
      }),
    ],
    [
      "a JWK Set and the private key, frozen",
      createJwtStrategy({
        ...rsa,
        secret: rsaPair.privateKey,
        publicKey: {
          keys: [{ ...rsaPair.publicKey.export({ format: "jwk" }), alg: "RS256" }],
        } as const,
      }),
    ],
    [
      "a list of secrets in several forms, frozen",
      createJwtStrategy({
        ...hmac,
        secret: [hmacSecret, "x".repeat(32), { kty: "oct", k: "eHh4".repeat(12) }] as const,
      }),
    ],
    [
      "a list of public keys and the private key",
      createJwtStrategy({
        ...rsa,
        secret: rsaPair.privateKey,
        publicKey: [rsaPair.publicKey, another.publicKey],
      }),
    ],
    [
      "only a list of public keys, frozen",
      createJwtStrategy({ ...rsa, publicKey: [another.publicKey, rsaPair.publicKey] as const }),
    ],
    [
      "a key pair as Node's JsonWebKey, with further members",
      createJwtStrategy({
        ...rsa,
        secret: { ...rsaPair.privateKey.export({ format: "jwk" }), kid: "1" },
        publicKey: [{ ...rsaPair.publicKey.export({ format: "jwk" }), kid: "1", use: "sig" }],
      }),
    ],
    [
      "jose's JWK",
      createJwtStrategy({ ...hmac, secret: { kty: "oct", k: "eHh4".repeat(12) } as JWK }),
    ],
    ["no lifetime", createJwtStrategy({ ...hmac, lifetimeSeconds: null })],
    [
      "a frozen list of audiences",
      createJwtStrategy({ ...hmac, tokenAudience: ["a", "b"] as const }),
    ],
    [
      "undefined for options that restrict nothing",
      createJwtStrategy({
        ...hmac,
        tokenAudience: undefined,
        clockToleranceSeconds: undefined,
        realm: undefined,
      }),
    ],
  ])("%s", (_case, auth) => {
    expect(auth.authenticate({ optional: undefined })).toBeInstanceOf(Function);
  });

  test("options that are assembled elsewhere", () => {
    const options: UserStrategyOptions<User> = { ...hmac, findUser: () => ann };
    expectTypeOf(options).toExtend<JwtStrategyOptions<User>>();
    expectTypeOf(createJwtStrategy(options)).toEqualTypeOf<JwtStrategy<User>>();
    expect(createJwtStrategy(options)).toBeDefined();
  });

  test("callbacks whose req is Express's Request", () => {
    const auth = createJwtStrategy({
      ...hmac,
      verifyCredentials: (_credentials, req: Request) => (req.ip === "::1" ? ann : null),
      findUser: (id, _claims, req: Request | undefined) =>
        Promise.resolve({ id, host: req?.hostname }),
      onAuthError: (error, _req, res, next) => {
        expectTypeOf(error).toEqualTypeOf<AuthError>();
        expectTypeOf(res).toEqualTypeOf<ServerResponse>();
        next(error);
      },
    });
    expectTypeOf(auth).toExtend<JwtStrategy<{ id: string; host: string | undefined }, User>>();
    expect(auth.login).toBeInstanceOf(Function);
  });

  test("callbacks whose req is inferred", () => {
    const auth = createJwtStrategy({
      ...hmac,
      findUser(id, claims, req) {
        expectTypeOf(id).toBeString();
        expectTypeOf(claims).toEqualTypeOf<VerifiedClaims>();
        expectTypeOf(req).toEqualTypeOf<IncomingMessage | undefined>();
        return { id };
      },
    });
    expect(auth.currentUser).toBeInstanceOf(Function);
  });
});
