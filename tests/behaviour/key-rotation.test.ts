import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import type { KeyObject } from "node:crypto";
import express, { type Express } from "express";
import { describe, expect, test } from "@jest/globals";
import { dynamicStrategy, type JwtAlgorithm } from "express-jwt-strategy";
import type { UserWithId } from "../../lib/sessions/issue-token.ts";
import request from "supertest";
import { construct } from "../support/expect-construction-error.ts";
import { expectRefusal } from "../support/expect-refusal.ts";
import { forge, goodClaims, isSignedBy } from "../support/forge.ts";
import { generateSigningKey, toJwk, verifying } from "../support/keys.ts";

const ALGORITHM_OF_EACH_FAMILY = ["HS256", "RS256", "PS256", "ES256", "EdDSA", "Ed25519"] as const;

/** A key of an app, and its kid if it has one. */
interface Key {
  readonly key: KeyObject;
  readonly kid?: string | undefined;
}

/** The options of an app that signs with the first of these keys. */
function optionsOf(
  algorithm: JwtAlgorithm,
  [current, ...others]: readonly [Key, ...Key[]],
): object {
  const write = ({ key, kid }: Key): unknown => (kid === undefined ? key : toJwk(key, { kid }));
  const half = ({ key, kid }: Key): unknown => write({ key: verifying(key), kid });
  const keys = algorithm.startsWith("HS")
    ? { secret: [current, ...others].map(write) }
    : { secret: write(current), publicKey: [current, ...others].map(half) };
  return {
    ...keys,
    algorithm,
    lifetimeSeconds: 3600,
    verifyCredentials: (): UserWithId => ({ id: "42" }),
  };
}

/** A server that can change its keys while it runs. */
interface RotatingServer {
  readonly app: Express;
  rotate(...keys: readonly [Key, ...Key[]]): void;
  logIn(): Promise<string>;
  expectAccepted(token: string): Promise<void>;
  /** Expects a refusal with this reason, which the response does not contain. */
  expectRefused(token: string, reason: string): Promise<void>;
}

function startServer(algorithm: JwtAlgorithm, ...keys: readonly [Key, ...Key[]]): RotatingServer {
  let strategy = construct(optionsOf(algorithm, keys));
  const auth = dynamicStrategy(() => strategy);
  const app = express();
  app.post("/login", auth.login);
  app.get("/me", auth.authenticate(), (req, res) => void res.send(auth.currentUser(req).sub));
  const get = (token: string): request.Test =>
    request(app).get("/me").auth(token, { type: "bearer" });

  return {
    app,
    rotate: (...next) => (strategy = construct(optionsOf(algorithm, next))),
    async logIn() {
      const answer = await request(app).post("/login").send({ username: "a", password: "b" });
      return (answer.body as { access_token: string }).access_token;
    },
    async expectAccepted(token) {
      const { status, text } = await get(token);
      expect([status, text]).toEqual([200, "42"]);
    },
    async expectRefused(token, reason) {
      await expectRefusal(get(token), 401, "invalid_token");
      const req = new IncomingMessage(new Socket());
      req.headers.authorization = `Bearer ${token}`;
      await expect(auth.authenticateRequest(req)).rejects.toMatchObject({ reason });
    },
  };
}

function headerOf(token: string): string {
  return Buffer.from(token.split(".", 1).join(), "base64url").toString();
}

describe.each(ALGORITHM_OF_EACH_FAMILY)("an app that signs with %s", (algorithm) => {
  const [oldest, previous, current, unknownKey] = [0, 1, 2, 3].map(() =>
    generateSigningKey(algorithm),
  ) as [KeyObject, KeyObject, KeyObject, KeyObject];

  describe.each([
    ["that have no kid", [undefined, undefined, undefined]],
    ["that are JWKs with a kid", ["2025-11", "2026-05", "2026-11"]],
    ["of which only the new one has a kid", [undefined, undefined, "2026-11"]],
  ] as const)("with keys %s", (_names, kids) => {
    const first: Key = { key: oldest, kid: kids[0] };
    const second: Key = { key: previous, kid: kids[1] };
    const third: Key = { key: current, kid: kids[2] };

    test("signs with its first key, and writes a kid only if the key has one", async () => {
      for (const [signer, other] of [
        [second, first],
        [third, second],
      ] as const) {
        const token = await startServer(algorithm, signer, other).logIn();
        const { key, kid } = signer;
        expect(isSignedBy(algorithm, verifying(key), token)).toBe(true);
        expect(headerOf(token)).toBe(
          kid === undefined
            ? `{"alg":"${algorithm}","typ":"JWT"}`
            : `{"alg":"${algorithm}","typ":"JWT","kid":"${kid}"}`,
        );
      }
    });

    test("accepts an older token after a rotation, and refuses it as soon as its key is removed", async () => {
      const server = startServer(algorithm, first);
      const token = await server.logIn();
      await server.expectAccepted(token);

      server.rotate(second, first);
      await server.expectAccepted(token);
      await server.expectAccepted(token); // now cached
      const newer = await server.logIn();
      await server.expectAccepted(newer);

      server.rotate(third, second);
      await server.expectRefused(
        token,
        first.kid === undefined ? "signature_invalid" : "key_not_found",
      );
      await server.expectAccepted(newer);
      await server.expectAccepted(await server.logIn());
    });

    test("accepts a token of a key that is not the signing key yet", async () => {
      const next = startServer(algorithm, third);
      const server = startServer(algorithm, second, first, third);
      await server.expectAccepted(await next.logIn());
    });

    test("refuses a token of an unknown key with any kid", async () => {
      const server = startServer(algorithm, third, second, first);
      const reasons = ["signature_invalid", "key_not_found"];
      for (const kid of [...kids, "unknown"]) {
        const header = { alg: algorithm, typ: "JWT", kid };
        const isKnown = kid === undefined || kids.some((own) => own === kid);
        await server.expectRefused(
          forge(algorithm, unknownKey, goodClaims(), header),
          reasons[isKnown ? 0 : 1] ?? "",
        );
      }
    });
  });

  test("refuses a token with the kid of another of its keys, cached or not", async () => {
    const server = startServer(
      algorithm,
      { key: current, kid: "2026-11" },
      { key: previous, kid: "2026-05" },
    );
    const token = (key: KeyObject, kid: string): string =>
      forge(algorithm, key, goodClaims(), { alg: algorithm, typ: "JWT", kid });
    for (let round = 0; round < 2; round += 1) {
      await server.expectRefused(token(previous, "2026-11"), "signature_invalid");
      await server.expectRefused(token(current, "2026-05"), "signature_invalid");
      await server.expectAccepted(token(previous, "2026-05"));
      await server.expectAccepted(token(current, "2026-11"));
    }
  });
});
