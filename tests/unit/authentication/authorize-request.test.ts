import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import {
  authorizeRequest,
  isAllowed,
  type Complete,
  type Guard,
} from "../../../lib/authentication/authorize-request.ts";
import type { Authenticated, Identify } from "../../../lib/authentication/identify.ts";
import {
  CredentialsRequiredError,
  InsufficientScopeError,
  InvalidTokenError,
  type AuthError,
} from "../../../lib/errors/auth-errors.ts";
import { Refusal } from "../../../lib/http/refusal.ts";

const CHANNEL = "express-jwt-strategy:authenticate";
const req = new IncomingMessage(new Socket());
const strategy = {
  realm: "a realm",
  onAuthError: undefined,
  loadsUsers: true,
  renewIfDue: undefined,
};
const ann: Authenticated<string> = {
  user: "ann",
  claims: { sub: "42", aud: "us" },
  appClaims: {},
  getToken: () => "a.b.c",
  strategy,
};
const refusal = new Refusal(new InvalidTokenError("malformed"), strategy);
const inactive = new InvalidTokenError("user_inactive");
const forbidden = new InsufficientScopeError("not_authorized");

const guardNow = (error?: AuthError): jest.Mock<Guard<string>> => jest.fn(() => error);
const guardLater = (error?: AuthError): jest.Mock<Guard<string>> =>
  jest.fn(() => Promise.resolve(error));

let events: unknown[] = [];
const record = (event: unknown): void => void events.push(event);

beforeEach(() => {
  events = [];
  subscribe(CHANNEL, record);
});
afterEach(() => void unsubscribe(CHANNEL, record));

function authorize(
  identified: ReturnType<Identify<string>>,
  guards: readonly Guard<string>[] = [],
  complete?: Complete<string>,
): ReturnType<Identify<string>> {
  return authorizeRequest(
    req,
    { optional: false },
    { identify: () => identified, guards },
    complete,
  );
}

describe("authorizeRequest", () => {
  test("is synchronous if nothing is asynchronous", () => {
    expect(authorize(ann)).toBe(ann);
    expect(authorize(refusal, [guardLater()])).toBe(refusal);
  });

  test("waits for an asynchronous identify", async () => {
    expect(await authorize(Promise.resolve(ann))).toBe(ann);
    expect(await authorize(Promise.resolve(refusal), [guardNow()])).toBe(refusal);
  });

  test("passes unsafe to identify if it is set", async () => {
    const identify = jest.fn<Identify<string>>(() => ann);
    await authorizeRequest(req, { optional: false }, { identify, guards: [] });
    await authorizeRequest(req, { optional: false, unsafe: true }, { identify, guards: [] });
    expect(identify.mock.calls).toEqual([
      [req, undefined],
      [req, { unsafe: true }],
    ]);
  });

  test("calls each guard with the authenticated request", async () => {
    const guards = [guardNow(), guardLater(), guardNow()];
    expect(await authorize(ann, guards)).toBe(ann);
    for (const guard of guards) expect(guard.mock.calls).toEqual([[ann, req]]);
  });

  test("does not call guards for a refused request", async () => {
    const guard = guardNow();
    const complete = jest.fn<Complete<string>>();
    await authorize(refusal, [guard], complete);
    await authorize(Promise.resolve(refusal), [guard], complete);
    expect(guard).not.toHaveBeenCalled();
    expect(complete).not.toHaveBeenCalled();
  });

  test("returns the error of the first guard that refuses, and calls no other guard", async () => {
    const last = guardNow(forbidden);
    const complete = jest.fn<Complete<string>>();
    for (const first of [guardNow(inactive), guardLater(inactive)]) {
      const result = await authorize(ann, [guardLater(), first, last], complete);
      expect(result).toBeInstanceOf(Refusal);
      expect((result as Refusal).error).toBe(inactive);
      expect(result).toMatchObject({ strategy, userId: "42" });
    }
    expect(last).not.toHaveBeenCalled();
    expect(complete).not.toHaveBeenCalled();
  });

  test("waits for a guard before it calls the next", async () => {
    const second = guardNow(forbidden);
    const result = authorize(ann, [guardLater(), second]);
    expect(second).not.toHaveBeenCalled();
    expect(await result).toMatchObject({ error: forbidden });
  });

  test("passes on the error that a guard throws or rejects with, and publishes no event", async () => {
    const failure = new Error("database down");
    const throwing: Guard<string> = () => {
      throw failure;
    };
    const rejecting: Guard<string> = () => Promise.reject(failure);
    for (const guard of [throwing, rejecting]) {
      const attempts = [
        async () => authorize(ann, [guard]),
        async () => authorize(Promise.resolve(ann), [], () => guard(ann, req)),
      ];
      for (const attempt of attempts) await expect(attempt()).rejects.toBe(failure);
    }
    expect(events).toEqual([]);
  });

  test("publishes the event after complete(), which may refuse the request", async () => {
    const complete = jest.fn(() => {
      expect(events).toEqual([]);
      return Promise.resolve<AuthError | undefined>(undefined);
    });
    expect(await authorize(ann, [guardNow()], complete)).toBe(ann);
    expect(complete).toHaveBeenCalledTimes(1);
    expect(await authorize(ann, [], () => forbidden)).toMatchObject({ error: forbidden });
    expect(events).toEqual([
      { outcome: "accepted", userId: "42" },
      { outcome: "refused", reason: "not_authorized", userId: "42" },
    ]);
  });

  test("publishes the result of an earlier middleware only if the guards change it", async () => {
    const config = { optional: false, isFollowUp: true };
    const identify = (): Authenticated<string> => ann;
    await authorizeRequest(req, config, { identify, guards: [guardNow()] });
    expect(events).toEqual([]);
    await authorizeRequest(req, config, { identify, guards: [guardNow(forbidden)] });
    await authorizeRequest(req, config, { identify: () => refusal, guards: [] });
    expect(events).toEqual([
      { outcome: "refused", reason: "not_authorized", userId: "42" },
      { outcome: "refused", reason: "malformed" },
    ]);
  });
});

describe("isAllowed", () => {
  const anonymous = new Refusal(new CredentialsRequiredError(), strategy);
  const noTenant = new Refusal(new CredentialsRequiredError("strategy_not_found"), strategy);

  test.each([
    ["no credentials", anonymous, [false, true, true]],
    ["no strategy", noTenant, [false, false, true]],
    ["an invalid token", refusal, [false, false, true]],
  ] as const)("decides for %s with optional false, true and lenient", (_case, result, expected) => {
    const answers = ([false, true, "lenient"] as const).map((optional) =>
      isAllowed(result, optional),
    );
    expect(answers).toEqual(expected);
  });
});
