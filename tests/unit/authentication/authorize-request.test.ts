import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { describe, expect, jest, test } from "@jest/globals";
import { judge, isAllowed } from "../../../lib/handlers/authenticate.ts";
import {
  CredentialsRequiredError,
  InsufficientScopeError,
  InvalidTokenError,
} from "../../../lib/errors/auth-errors.ts";
import type { Guard } from "../../../lib/guards/guard.ts";
import type { Authenticated, Identify } from "../../../lib/authentication/identify.ts";
import { DEFAULT_TERMS, Refusal } from "../../../lib/http/refusal.ts";

const req = new IncomingMessage(new Socket());
const terms = { realm: "a realm", onAuthError: undefined };
const ann: Authenticated<string> = {
  user: "ann",
  claims: { sub: "42", aud: "us" },
  isLoadedUser: true,
  terms,
};

describe("judge", () => {
  const guard = jest.fn<Guard<string>>();

  function judgeWith(
    identified: ReturnType<Identify<string>>,
    judged?: ReturnType<Guard<string>>,
  ): ReturnType<Identify<string>> {
    guard.mockReset().mockReturnValue(judged);
    return judge(() => identified, guard, req);
  }

  test("asks the guard about who has been identified", () => {
    expect(judgeWith(ann)).toBe(ann);
    expect(guard.mock.calls).toEqual([[ann, req]]);
  });

  test("asks no guard about nobody", async () => {
    const refusal = new Refusal(new InvalidTokenError("malformed"), terms);
    expect(judgeWith(refusal)).toBe(refusal);
    expect(await judgeWith(Promise.resolve(refusal))).toBe(refusal);
    expect(guard).not.toHaveBeenCalled();
  });

  test("refuses where the guard does, on the terms of the strategy that identified them", async () => {
    const error = new InsufficientScopeError("user_not_superuser");
    const outcomes = [
      judgeWith(ann, error),
      await judgeWith(Promise.resolve(ann), error),
      await judgeWith(ann, Promise.resolve(error)),
    ];
    for (const outcome of outcomes) {
      expect(outcome).toBeInstanceOf(Refusal);
      expect(outcome).toMatchObject({ error, terms, userId: "42" });
      expect((outcome as Refusal).error).toBe(error);
    }
  });

  test("waits for what is promised, and for nothing else", async () => {
    expect(judgeWith(ann)).not.toBeInstanceOf(Promise);
    expect(await judgeWith(Promise.resolve(ann))).toBe(ann);
    expect(await judgeWith(ann, Promise.resolve(undefined))).toBe(ann);
  });
});

describe("isAllowed", () => {
  const anonymous = new Refusal(new CredentialsRequiredError(), DEFAULT_TERMS);
  const noTenant = new Refusal(new CredentialsRequiredError("strategy_not_found"), DEFAULT_TERMS);
  const badToken = new Refusal(new InvalidTokenError("malformed"), DEFAULT_TERMS);

  test.each([
    ["a user", ann, [true, true, true]],
    ["no credentials", anonymous, [false, true, true]],
    ["no strategy", noTenant, [false, false, true]],
    ["a bad token", badToken, [false, false, true]],
  ] as const)(
    "answers for %s, where optional is false, true and lenient",
    (_who, verdict, expected) => {
      const answers = ([false, true, "lenient"] as const).map((optional) =>
        isAllowed(verdict, optional),
      );
      expect(answers).toEqual(expected);
    },
  );
});
