import { describe, expect, jest, test } from "@jest/globals";
import { execFileSync } from "node:child_process";
import { createSecretKey, randomBytes } from "node:crypto";
import { join } from "node:path";
import { format, inspect } from "node:util";
import {
  AuthError,
  type AuthErrorReason,
  type JwtStrategy,
  type VerifiedClaims,
} from "express-jwt-strategy";
import type { UserWithId } from "../../lib/sessions/issue-token.ts";
import express from "express";
import request from "supertest";
import { INTERNALS } from "../../lib/strategy/request-strategy.ts";
import { construct, expectShowsNothingOf } from "../support/expect-construction-error.ts";
import { base64url, forge, goodClaims, signBytes } from "../support/forge.ts";
import { hmacSecret, rsaPair, signingKey } from "../support/keys.ts";

type Strategy = JwtStrategy<VerifiedClaims, UserWithId>;

const PASSPHRASE = "correct horse battery staple";
const privatePem = rsaPair.privateKey.export({ format: "pem", type: "pkcs8" });

/** The keys of the strategies, which must not be visible. */
const SECRETS: readonly (readonly [string, object])[] = [
  ["a string", { secret: hmacSecret.toString("base64url") }],
  ["a Buffer", { secret: Buffer.from(hmacSecret) }],
  ["an HMAC JWK", { secret: { kty: "oct", k: hmacSecret.toString("base64url") } }],
  ["a PEM", { algorithm: "RS256", secret: privatePem }],
  ["a KeyObject", { algorithm: "PS256", secret: rsaPair.privateKey }],
  ["a JWK", { algorithm: "RS256", secret: rsaPair.privateKey.export({ format: "jwk" }) }],
  [
    "an encrypted PEM",
    {
      algorithm: "RS256",
      secret: {
        key: rsaPair.privateKey.export({
          format: "pem",
          type: "pkcs8",
          cipher: "aes-256-cbc",
          passphrase: PASSPHRASE,
        }),
        passphrase: PASSPHRASE,
      },
    },
  ],
];

/** Functions that may print a strategy into a log. */
const PRINTED: readonly (readonly [string, (strategy: Strategy) => string])[] = [
  ["util.inspect", (strategy) => inspect(strategy, { depth: 12, showHidden: true, getters: true })],
  [
    "util.inspect of its properties",
    (strategy) => inspect({ ...strategy }, { depth: 12, showHidden: true }),
  ],
  [
    "util.inspect of its handlers",
    (strategy) =>
      inspect([strategy.login, strategy.logout, strategy.authenticate()], {
        depth: 12,
        showHidden: true,
      }),
  ],
  ["JSON.stringify", (strategy) => JSON.stringify({ ...strategy, strategy })],
  ["its keys", (strategy) => Reflect.ownKeys(strategy).map(String).join()],
  ["util.format", (strategy) => format("%s %o", strategy, strategy.authenticate())],
];

describe.each(SECRETS)("a strategy with %s as secret", (_form, given) => {
  test.each(PRINTED)("does not show it, or a token, in %s", async (_printer, print) => {
    const strategy = construct({ ...given, lifetimeSeconds: 60, verifyCredentials: () => null });
    const token = await strategy.writeToken({ id: "42" });
    expect(await strategy.readToken(token)).not.toBeNull();
    const text = print(strategy);
    expect(text).not.toBe("");
    expectShowsNothingOf([given, token.split(".").slice(1)], text);
  });

  test("cannot be cloned, nor can its properties", () => {
    const strategy = construct({ ...given, lifetimeSeconds: 60 });
    const cloneError = expect.objectContaining({ name: "DataCloneError" });
    for (const part of [strategy, { ...strategy }]) {
      let thrown: unknown;
      try {
        structuredClone(part);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toEqual(cloneError);
      expectShowsNothingOf(given, inspect(thrown, { showHidden: true }));
    }
  });
});

describe("a strategy", () => {
  test("has only its documented members", () => {
    const strategy = construct({ secret: hmacSecret, lifetimeSeconds: 60 });
    expect(Object.keys(strategy)).toEqual([
      "authenticate",
      "authorize",
      "authenticateRequest",
      "currentUser",
      "currentClaims",
      "currentToken",
      "readToken",
      "writeToken",
      "completeLogin",
    ]);
    expect(new Set(Reflect.ownKeys(strategy))).toEqual(
      new Set([...Object.keys(strategy), "login", "logout", "refresh", "jwks", INTERNALS]),
    );
  });
});

const key = signingKey("HS256");
const input = `${base64url('{"alg":"HS256","typ":"JWT"}')}.${base64url("a payload that is not JSON")}`;

const AUDIENCE = "https://this-service.example";
const claims = (changes: object): object => goodClaims({ aud: AUDIENCE, ...changes });

/** Tokens that libraries quote in their errors, and the reason for their refusal. */
const INVALID_TOKENS: readonly (readonly [AuthErrorReason, string, string])[] = [
  ["malformed", "is not a token", "this-is-nothing-like-a-token"],
  [
    "signature_invalid",
    "is signed with another key",
    forge("HS256", createSecretKey(randomBytes(64))),
  ],
  [
    "malformed",
    "has a payload that is not JSON",
    `${input}.${signBytes("HS256", key, input).toString("base64url")}`,
  ],
  ["malformed", "has a header that is not JSON", forge("HS256", key, claims({}), "{not a header")],
  [
    "algorithm_mismatch",
    "names another algorithm",
    forge("HS256", key, claims({}), { alg: "of mallory" }),
  ],
  [
    "audience_mismatch",
    "is for another audience",
    forge("HS256", key, claims({ aud: "https://other.example" })),
  ],
  [
    "key_not_found",
    "has an unknown kid",
    forge("HS256", createSecretKey(randomBytes(64)), claims({}), {
      alg: "HS256",
      kid: "mallory's",
    }),
  ],
  ["token_expired", "has expired", forge("HS256", key, claims({ exp: 1_234_567_890 }))],
  [
    "claims_invalid",
    "has a sub that is an object",
    forge("HS256", key, claims({ sub: { $ne: "somebody-else" } })),
  ],
  [
    "token_too_long",
    "is too long",
    forge("HS256", key, claims({ note: "do re mi fa ".repeat(1000) })),
  ],
];

describe("the error of a refused token", () => {
  test.each(INVALID_TOKENS)(
    "has the reason %s and does not show the token if it %s",
    async (reason, _what, token) => {
      const errors: unknown[] = [];
      const auth = construct({
        secret: hmacSecret,
        lifetimeSeconds: 60,
        tokenAudience: AUDIENCE,
        onAuthError(
          error: AuthError,
          _req: unknown,
          _res: unknown,
          next: (error: AuthError) => void,
        ) {
          errors.push(error);
          next(error);
        },
      });
      const app = express().use(auth.authenticate());
      const silence = jest.spyOn(console, "error").mockReturnValue();
      const response = await request(app).get("/").auth(token, { type: "bearer" });
      const logged = inspect(silence.mock.calls);
      silence.mockRestore();

      expect(response.status).toBe(401);
      const [error] = errors as [AuthError];
      expect(error).toBeInstanceOf(AuthError);
      expect(error.reason).toBe(reason);
      expect(error.cause).toBeUndefined();
      const decoded = token.split(".").map((segment) => Buffer.from(segment, "base64url"));
      expectShowsNothingOf(
        [token, decoded, AUDIENCE, hmacSecret],
        [
          inspect(error, { depth: 12, showHidden: true }),
          JSON.stringify(error),
          error.stack,
          inspect(response.headers),
          response.text,
          logged,
        ].join("\n"),
      );
    },
  );
});

/**
 * Verifies a token, removes all references to its text, and searches a snapshot of its own heap for
 * it. A token that is still referenced must be found. Prints only the results.
 */
const HEAP_PROGRAM = `
  import { createHmac, randomBytes } from "node:crypto";
  import { getHeapSnapshot, setFlagsFromString } from "node:v8";
  import { createJwtStrategy } from "./lib/index.ts";

  setFlagsFromString("--expose-gc");
  const auth = createJwtStrategy({ secret: randomBytes(64), lifetimeSeconds: 60 });

  async function readNewToken(id) {
    const token = await auth.writeToken({ id });
    if ((await auth.readToken(token)) === null) throw new Error("refused");
    return token;
  }

  // Each character apart: the heap then holds no text that could be mistaken for the token's.
  const dropped = [...(await readNewToken("dropped")).slice(-40)];
  globalThis.held = await readNewToken("held");
  await new Promise((resolve) => setImmediate(resolve));

  const chunks = [];
  for await (const chunk of getHeapSnapshot()) chunks.push(chunk);
  const snapshot = Buffer.concat(chunks).toString("latin1");
  console.log(JSON.stringify({
    held: snapshot.includes(globalThis.held.slice(-40)),
    dropped: snapshot.includes(dropped.join("")),
  }));
`;

describe("a heap snapshot", () => {
  test("does not contain the text of a cached token", () => {
    const output = execFileSync(
      process.execPath,
      ["--import", "tsx", "--input-type=module", "--eval", HEAP_PROGRAM],
      { cwd: join(__dirname, "../.."), encoding: "utf8" },
    );
    expect(JSON.parse(output)).toEqual({ held: true, dropped: false });
  }, 30_000);
});
