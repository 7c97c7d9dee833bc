import { Socket } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from "@jest/globals";
import express5 from "express";
import express4 from "express4";
import {
  createJwtStrategy,
  type ClaimsStrategyOptions,
  type JwtStrategy,
} from "express-jwt-strategy";
import {
  createClient,
  fitsIntoHeader,
  type Answer,
  type Client,
} from "./support/hostile/client.ts";
import { harmlessTokens } from "./support/hostile/harmless.ts";
import { headerTokens } from "./support/hostile/headers.ts";
import { payloadTokens } from "./support/hostile/payloads.ts";
import { createTarget, type HostileToken, type Target } from "./support/hostile/target.ts";
import { hostileTokens } from "./support/hostile-tokens.ts";
import { ALGORITHMS } from "./support/keys.ts";
import { serve, type RunningServer } from "./support/server.ts";

// Jest fails a test during which an exception goes uncaught or a rejection unhandled, here as anywhere.

function refusal(status: number, detail: string, error: string, description: string): Answer {
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

function expectedAnswer({ token, expired }: HostileToken): Answer {
  if (token === "" || /[ \t,]/.test(token)) return MALFORMED;
  return expired ? EXPIRED : INVALID;
}

function optionsFor({ algorithm, key }: Target): ClaimsStrategyOptions<{ id: string }> {
  return { algorithm, secret: key, lifetimeSeconds: 3600 };
}

const VALID = "the valid token";
const HOSTILE = "the hostile token";

const modes = [
  ["seen for the first time, on Express 5", express5, 10_000, [HOSTILE, VALID]],
  ["sent twice in a row, on Express 4", express4, 10_000, [VALID, HOSTILE, HOSTILE, VALID]],
  ["sent to a strategy that remembers nothing, on Express 5", express5, 0, [HOSTILE, VALID]],
] as const;

describe.each(ALGORITHMS)("authenticate() with %s", (algorithm) => {
  let target: Target;
  let hostile: HostileToken[];

  beforeAll(() => {
    target = createTarget(algorithm);
    hostile = [...hostileTokens(target)];
  });

  afterEach(() => {
    jest.restoreAllMocks();
  });

  test("meets hostile tokens that are all different from the valid one", () => {
    expect(hostile.length).toBeGreaterThan(600);
    expect(hostile.map(({ token }) => token)).not.toContain(target.valid);
  });

  describe.each(modes)("%s", (_mode, express, cacheSize, sent) => {
    const findUser = jest.fn((id: string) => ({ id }));
    let strategy: JwtStrategy<{ id: string }>;
    let server: RunningServer;
    let client: Client;

    beforeAll(async () => {
      strategy = createJwtStrategy({ ...optionsFor(target), cacheSize, findUser });
      const app = express().disable("x-powered-by");
      app.get("/", strategy.authenticate(), (req, res) => {
        res.end(strategy.currentUser(req).id);
      });
      server = await serve(app);
      client = createClient(server.port);
    });

    afterEach(() => {
      findUser.mockClear();
    });

    afterAll(async () => {
      client.close();
      await server.close();
    });

    test("refuses every hostile token that a header can carry, and serves the valid one after each", async () => {
      const carried = hostile.filter(({ token }) => fitsIntoHeader(token));
      const seen = await Promise.all(
        carried.map(async ({ name, token }) => {
          const answers = [];
          for (const which of sent) {
            const answer = await client.ask(which === HOSTILE ? token : target.valid);
            answers.push(which === HOSTILE ? answer : answer.body);
          }
          return { name, answers };
        }),
      );
      expect(seen).toEqual(
        carried.map((token) => ({
          name: token.name,
          answers: sent.map((which) => (which === HOSTILE ? expectedAnswer(token) : "42")),
        })),
      );
      const validRequests = carried.length * sent.filter((which) => which === VALID).length;
      expect(findUser).toHaveBeenCalledTimes(validRequests);
    });

    test("reads no user from the hostile tokens that no header can carry", async () => {
      const others = hostile.filter(({ token }) => !fitsIntoHeader(token));
      const seen = await Promise.all(
        others.map(async ({ name, token }) => ({ name, user: await strategy.readToken(token) })),
      );
      expect(seen).toEqual(others.map(({ name }) => ({ name, user: null })));
      expect(findUser).not.toHaveBeenCalled();
    });

    test("serves every harmless token, with its id to the letter", async () => {
      const harmless = [...harmlessTokens(target)];
      const read = async (token: string): Promise<string | undefined> =>
        (await strategy.readToken(token))?.id;
      const seen = await Promise.all(
        harmless.map(async ({ name, token }) => ({
          name,
          answers: [(await client.ask(token)).body, await read(token), await read(token)],
        })),
      );
      expect(seen).toEqual(harmless.map(({ name, sub }) => ({ name, answers: [sub, sub, sub] })));
    });
  });

  test("opens no connection, whatever a header asks it to fetch", async () => {
    const strategy = createJwtStrategy(optionsFor(target));
    const connect = jest.spyOn(Socket.prototype, "connect");
    for (const { token } of headerTokens(target)) await strategy.readToken(token);
    await new Promise(setImmediate);
    expect(connect).not.toHaveBeenCalled();
  });

  test("leaves the prototype of objects alone", async () => {
    const strategy = createJwtStrategy(optionsFor(target));
    for (const { token } of harmlessTokens(target)) await strategy.readToken(token);
    for (const { token } of payloadTokens(target)) await strategy.readToken(token);
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect("isAdmin" in {}).toBe(false);
  });
});
