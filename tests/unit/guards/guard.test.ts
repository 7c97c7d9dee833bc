import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { describe, expect, jest, test } from "@jest/globals";
import {
  InsufficientScopeError,
  InvalidTokenError,
  type AuthError,
} from "../../../lib/errors/auth-errors.ts";
import { allOf, type Guard } from "../../../lib/guards/guard.ts";
import { DEFAULT_TERMS } from "../../../lib/http/refusal.ts";

const req = new IncomingMessage(new Socket());
const ann = {
  user: "ann",
  claims: { sub: "42", aud: "us" },
  isLoadedUser: true,
  terms: DEFAULT_TERMS,
};

describe("allOf", () => {
  const inactive = new InvalidTokenError("user_inactive");
  const forbidden = new InsufficientScopeError("not_authorized");
  const now = (answer?: AuthError): jest.Mock<Guard<string>> => jest.fn(() => answer);
  const later = (answer?: AuthError): jest.Mock<Guard<string>> =>
    jest.fn(() => Promise.resolve(answer));

  test("lets everyone pass where there are no guards", () => {
    expect(allOf([])(ann, req)).toBeUndefined();
  });

  test("is the guard itself where there is but one", () => {
    const guard = now(forbidden);
    expect(allOf([guard])).toBe(guard);
  });

  test("lets pass who passes all, each asked about the same", () => {
    const guards = [now(), now(), now()];
    expect(allOf(guards)(ann, req)).toBeUndefined();
    for (const guard of guards) expect(guard.mock.calls).toEqual([[ann, req]]);
  });

  test("says what the first that refuses says, and asks no more of them", async () => {
    const last = now(forbidden);
    expect(allOf([now(), now(inactive), last])(ann, req)).toBe(inactive);
    expect(await allOf([later(), later(inactive), last])(ann, req)).toBe(inactive);
    expect(last).not.toHaveBeenCalled();
  });

  test("waits for a guard that promises before it asks the next", async () => {
    const second = now(forbidden);
    const outcome = allOf([later(), second])(ann, req);
    expect(second).not.toHaveBeenCalled();
    expect(await outcome).toBe(forbidden);
  });

  test("passes on what a guard throws or rejects with", async () => {
    const failure = new Error("database down");
    const throwing: Guard<string> = () => {
      throw failure;
    };
    const rejecting: Guard<string> = () => Promise.reject(failure);
    expect(() => allOf([now(), throwing])(ann, req)).toThrow(failure);
    await expect(allOf([later(), rejecting])(ann, req)).rejects.toBe(failure);
  });
});
