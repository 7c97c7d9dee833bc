import { Socket } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from "@jest/globals";
import express from "express";
import {
  createJwtStrategy,
  type ClaimsStrategyOptions,
  type JwtStrategy,
} from "express-jwt-strategy";
import { fitsIntoHeader, type TransportResponse, type Client, type Connect } from "./client.ts";
import type { HarmlessToken } from "./harmless.ts";
import { isRepresentative } from "../hostile-tokens.ts";
import { headerTokens } from "./headers.ts";
import { payloadTokens } from "./payloads.ts";
import type { HostileToken, Target } from "./target.ts";

// Jest also fails a test that causes an uncaught exception or an unhandled rejection.

/** A strategy, and the tokens that it receives. */
export interface Attack {
  readonly target: Target;
  readonly options: ClaimsStrategyOptions<{ id: string }>;
  readonly hostile: readonly HostileToken[];
  readonly harmless: readonly HarmlessToken[];
}

function refusal(
  status: number,
  detail: string,
  error: string,
  description: string,
): TransportResponse {
  return {
    status,
    challenge: `Bearer realm="api", error="${error}", error_description="${description}"`,
    caching: "no-store",
    body: JSON.stringify({ detail, error, error_description: description }),
  };
}

const INVALID = refusal(401, "Unauthorized", "invalid_token", "The access token is invalid");
const EXPIRED = refusal(401, "Unauthorized", "invalid_token", "The access token expired");
const MALFORMED = refusal(
  400,
  "Bad Request",
  "invalid_request",
  "The Authorization header is malformed",
);

function expectedResponse({ token, expired }: HostileToken): TransportResponse {
  if (token === "" || /[ \t,]/.test(token)) return MALFORMED;
  return expired ? EXPIRED : INVALID;
}

const VALID = "the valid token";
const HOSTILE = "the hostile token";

const modes = [
  ["each sent once", 10_000, [HOSTILE, VALID]],
  ["each sent twice", 10_000, [VALID, HOSTILE, HOSTILE, VALID]],
  ["each sent once, without a cache", 0, [HOSTILE, VALID]],
] as const;

/** Tests a strategy with and without cached tokens, and without a cache. */
export function testAttack(prepare: () => Attack, connect: Connect): void {
  let attack: Attack;

  beforeAll(() => {
    attack = prepare();
  });

  afterEach(() => {
    jest.restoreAllMocks();
  });

  test("is tested with enough hostile tokens, which all differ from the valid one", () => {
    const atLeast = isRepresentative(attack.target.algorithm) ? 700 : 250;
    expect(attack.hostile.length).toBeGreaterThan(atLeast);
    expect(attack.hostile.map(({ token }) => token)).not.toContain(attack.target.valid);
  });

  describe.each(modes)("with tokens %s", (_mode, cacheSize, sent) => {
    const findUser = jest.fn((id: string) => ({ id }));
    let strategy: JwtStrategy<{ id: string }>;
    let client: Client;

    beforeAll(async () => {
      strategy = createJwtStrategy({ ...attack.options, cacheSize, findUser });
      const app = express().disable("x-powered-by");
      app.get("/", strategy.authenticate(), (req, res) => {
        res.end(strategy.currentUser(req).id);
      });
      client = await connect(app);
    });

    afterEach(() => {
      findUser.mockClear();
    });

    afterAll(async () => {
      await client.close();
    });

    test("refuses each hostile token that fits into a header, and accepts the valid one after it", async () => {
      const { hostile, target } = attack;
      const inHeader = hostile.filter(({ token }) => fitsIntoHeader(token));
      const seen = await Promise.all(
        inHeader.map(async ({ name, token }) => {
          const answers = [];
          for (const which of sent) {
            const answer = await client.send(which === HOSTILE ? token : target.valid);
            answers.push(which === HOSTILE ? answer : answer.body);
          }
          return { name, answers };
        }),
      );
      expect(seen).toEqual(
        inHeader.map((token) => ({
          name: token.name,
          answers: sent.map((which) => (which === HOSTILE ? expectedResponse(token) : "42")),
        })),
      );
      const validRequests = inHeader.length * sent.filter((which) => which === VALID).length;
      expect(findUser).toHaveBeenCalledTimes(validRequests);
    });

    test("returns null from readToken() for hostile tokens that do not fit into a header", async () => {
      const others = attack.hostile.filter(({ token }) => !fitsIntoHeader(token));
      const seen = await Promise.all(
        others.map(async ({ name, token }) => ({ name, user: await strategy.readToken(token) })),
      );
      expect(seen).toEqual(others.map(({ name }) => ({ name, user: null })));
      expect(findUser).not.toHaveBeenCalled();
    });

    test("accepts each harmless token with exactly its id", async () => {
      const { harmless } = attack;
      const read = async (token: string): Promise<string | undefined> =>
        (await strategy.readToken(token))?.id;
      const seen = await Promise.all(
        harmless.map(async ({ name, token }) => ({
          name,
          answers: [(await client.send(token)).body, await read(token), await read(token)],
        })),
      );
      expect(seen).toEqual(harmless.map(({ name, sub }) => ({ name, answers: [sub, sub, sub] })));
    });
  });

  test("opens no connection for URLs in a header", async () => {
    const strategy = createJwtStrategy(attack.options);
    const connected = jest.spyOn(Socket.prototype, "connect");
    for (const { token } of headerTokens(attack.target)) await strategy.readToken(token);
    await new Promise(setImmediate);
    expect(connected).not.toHaveBeenCalled();
  });

  test("does not change Object.prototype", async () => {
    const strategy = createJwtStrategy(attack.options);
    for (const { token } of attack.harmless) await strategy.readToken(token);
    for (const { token } of payloadTokens(attack.target)) await strategy.readToken(token);
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect("isAdmin" in {}).toBe(false);
  });
}
