import { expect } from "@jest/globals";
import { inspect } from "node:util";
import { KeysUnavailableError } from "express-jwt-strategy";
import type { KeysUnavailableReason } from "../../lib/errors/keys-unavailable-error.ts";
import type { Response } from "supertest";
import { FRAMES } from "./expect-construction-error.ts";

/** Expects an error with the reason, but without the URL and the response of the issuer. */
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

/** Expects the 503 that Express sends by default for this error. */
export function expectServiceUnavailable(response: Response): void {
  expect(response.status).toBe(503);
  expect(response.headers).not.toHaveProperty("www-authenticate");
  expect(response.headers["content-type"]).toMatch(/^text\/html/);
  expect(response.text).toContain("KeysUnavailableError: The verification keys are unavailable");
}
