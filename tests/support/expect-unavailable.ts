import { expect } from "@jest/globals";
import { inspect } from "node:util";
import { KeysUnavailableError } from "express-jwt-strategy";
import type { KeysUnavailableReason } from "../../lib/errors/keys-unavailable-error.ts";
import type { Response } from "supertest";

/** An error that says why there are no keys, and nothing of who was asked, how, or what came of it. */
export function expectKeysUnavailable(error: unknown, reason: KeysUnavailableReason): void {
  expect(error).toBeInstanceOf(KeysUnavailableError);
  const { cause, message } = error as KeysUnavailableError;
  expect(message).toBe("The verification keys are unavailable");
  expect(Object.entries(error as object)).toEqual(
    Object.entries({ code: "keys_unavailable", status: 503, reason }),
  );
  expect(cause).toBeUndefined();
  expect(inspect(error, { depth: 9, showHidden: true }).replace(FRAMES, "")).not.toMatch(
    /jose|jwk|fetch|econn|http|127\.0|json|token \S*[{<]/i,
  );
}

/** The lines of a stack that hold nothing but names and places of the code. */
const FRAMES = /^[\s'"]*at .*$/gm;

/** The answer that Express gives to it by itself: neither a refusal nor an acceptance. */
export function expectServiceUnavailable(response: Response): void {
  expect(response.status).toBe(503);
  expect(response.headers).not.toHaveProperty("www-authenticate");
  expect(response.headers["content-type"]).toMatch(/^text\/html/);
  expect(response.text).toContain("KeysUnavailableError: The verification keys are unavailable");
}
