import { afterEach, beforeEach, jest } from "@jest/globals";
import {
  createJwtStrategy,
  type JwtStrategy,
  type RemoteKeySet,
  type VerifiedClaims,
} from "express-jwt-strategy";
import express, { type ErrorRequestHandler, type Express } from "express";
import request from "supertest";
import type { AsymmetricAlgorithm } from "../../lib/keys/algorithms.ts";
import type { KeysUnavailableReason } from "../../lib/errors/keys-unavailable-error.ts";
import { expectRefusal } from "./expect-refusal.ts";
import { stopIssuers } from "./issuer.ts";
import { expectKeysUnavailable, expectServiceUnavailable } from "./expect-unavailable.ts";

/** A service that trusts an issuer's keys. */
export interface RemoteApp {
  readonly auth: JwtStrategy<VerifiedClaims, { id: string }>;
  readonly app: Express;
  readonly get: (token: string) => request.Test;
  readonly accepts: (token: string) => Promise<unknown>;
  readonly refuses: (token: string) => Promise<void>;
  /** Expects a 503, because the token cannot be verified. */
  readonly isUnavailable: (token: string, reason: KeysUnavailableReason) => Promise<void>;
}

export function createRemoteApp(
  publicKey: RemoteKeySet,
  algorithm: AsymmetricAlgorithm = "RS256",
): RemoteApp {
  const auth = createJwtStrategy({ algorithm, publicKey, lifetimeSeconds: 3600 });
  const app = express().get("/", auth.authenticate(), (req, res) =>
    res.json(auth.currentUser(req).sub),
  );
  let failure: unknown;
  const logFailure: ErrorRequestHandler = (error, _req, _res, next) => next((failure = error));
  app.use(logFailure);
  const get = (token: string): request.Test =>
    request(app).get("/").auth(token, { type: "bearer" });
  return {
    auth,
    app,
    get,
    accepts: async (token) => get(token).expect(200, '"42"'),
    refuses: (token) => expectRefusal(get(token), 401, "invalid_token"),
    async isUnavailable(token, reason) {
      expectServiceUnavailable(await get(token));
      expectKeysUnavailable(failure, reason);
    },
  };
}

/** Runs an action this number of times at the same time. */
export function times(count: number, action: () => Promise<unknown>): Promise<unknown> {
  return Promise.all(Array.from({ length: count }, action));
}

/** Stops the clock for each test, and the issuers after it. Returns a function that advances the clock. */
export function useStoppedClock(): (seconds: number) => void {
  let now: number;
  beforeEach(() => {
    now = Date.now();
    jest.spyOn(Date, "now").mockImplementation(() => now);
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await stopIssuers();
  });
  return (seconds) => {
    now += seconds * 1000;
  };
}
