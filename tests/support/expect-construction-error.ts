import { expect } from "@jest/globals";
import type { KeyObject } from "node:crypto";
import { inspect } from "node:util";
import { isKeyObject } from "node:util/types";
import {
  createJwtStrategy,
  type ClaimsStrategyOptions,
  type JwtStrategy,
  type VerifiedClaims,
} from "express-jwt-strategy";
import type { UserWithId } from "../../lib/sessions/issue-token.ts";

/** Creates a strategy with options that the types may not allow. */
export function construct(options: unknown): JwtStrategy<VerifiedClaims, UserWithId> {
  return createJwtStrategy(options as ClaimsStrategyOptions<UserWithId>);
}

/** Expects a TypeError at construction with a message that does not contain the given values. */
export function expectConstructionError(options: unknown, sentence: RegExp): void {
  const error = thrownBy(() => construct(options));
  expect(error).toBeInstanceOf(TypeError);
  const { message, stack, cause } = error as TypeError;
  expect(message).toMatch(sentence);
  expect(cause).toBeUndefined();
  expectShowsNothingOf(
    options,
    [message, stack, inspect(error, { depth: 12, showHidden: true })]
      .join("\n")
      .replace(FRAMES, ""),
  );
}

/** Expects that `text` contains no eight consecutive characters of any string, key or bytes in `given`. */
export function expectShowsNothingOf(given: unknown, text: string): void {
  const shown = textsWithin(given)
    .flatMap(piecesOf)
    .filter((piece) => text.includes(piece));
  expect(shown).toEqual([]);
}

const PIECE = 8;

/** The lines of a stack trace that contain only names and locations in the code. */
export const FRAMES: RegExp = /^[\s'"]*at .*$/gm;

function piecesOf(text: string): string[] {
  return Array.from({ length: Math.max(0, text.length - PIECE + 1) }, (_, start) =>
    text.slice(start, start + PIECE),
  );
}

function textsWithin(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (value instanceof Uint8Array) return spellings(Buffer.from(value));
  if (isKeyObject(value)) return textsWithin(exported(value));
  if (typeof value === "object" && value !== null) return Object.values(value).flatMap(textsWithin);
  return [];
}

function spellings(bytes: Buffer): string[] {
  return (["latin1", "base64", "base64url", "hex"] as const).map((name) => bytes.toString(name));
}

function exported(key: KeyObject): string | Buffer {
  if (key.type === "secret") return key.export();
  return key.export({ format: "pem", type: key.type === "private" ? "pkcs8" : "spki" });
}

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}
