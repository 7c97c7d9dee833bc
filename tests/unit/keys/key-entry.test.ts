import { createSecretKey, randomBytes, type KeyObject } from "node:crypto";
import { describe, expect, jest, test } from "@jest/globals";
import { checkDistinct, importKeys, type KeyEntry } from "../../../lib/keys/key-entry.ts";
import { rsaPair } from "../../support/keys.ts";

const entry = (kid?: string, key: KeyObject = createSecretKey(randomBytes(32))): KeyEntry => ({
  key,
  kid,
});

/** The indexes of values in a list. Jest considers all KeyObjects equal. */
const placesIn = (list: readonly unknown[], keys: readonly unknown[]): number[] =>
  keys.map((key) => list.indexOf(key));

const HOLE = entry("hole");

/** An importer that returns its argument. */
const importEntry = (): jest.Mock<(option: string, value: unknown) => KeyEntry> =>
  jest.fn((_option: string, value: unknown) => (value ?? HOLE) as KeyEntry);

describe("importKeys", () => {
  test("imports a single value under the name of its option", () => {
    const one = entry("a");
    const importKey = importEntry();
    expect(placesIn([one], importKeys("secret", one, importKey))).toEqual([0]);
    expect(importKey.mock.calls).toEqual([["secret", one]]);
  });

  test("imports each element of a list in order, under its index", () => {
    const list = [entry("a"), entry(), entry("b")];
    const importKey = importEntry();
    expect(placesIn(list, importKeys("publicKey", list, importKey))).toEqual([0, 1, 2]);
    expect(importKey.mock.calls.map(([option]) => option)).toEqual([
      "publicKey[0]",
      "publicKey[1]",
      "publicKey[2]",
    ]);
  });

  test("does not skip holes of a list", () => {
    const list: unknown[] = [entry("a")];
    list[2] = entry("b");
    const importKey = importEntry();
    importKeys("secret", list, importKey);
    expect(importKey.mock.calls[1]).toEqual(["secret[1]", undefined]);
  });

  test("copies the list", () => {
    const list = [entry("a"), entry("b")];
    const keys = importKeys("secret", list, importEntry());
    list.pop();
    expect(keys).toHaveLength(2);
  });

  test("refuses an empty list", () => {
    expect(() => importKeys("secret", [], importEntry())).toThrow(
      new TypeError("secret is an empty list: pass at least one key"),
    );
  });

  test("refuses a list that repeats a kid or a key", () => {
    const list = [entry("a"), entry("b"), entry("a")];
    expect(() => importKeys("secret", list, importEntry())).toThrow(/^secret contains two keys/);
    const repeated = [HOLE, entry("b"), HOLE];
    expect(() => importKeys("secret", repeated, importEntry())).toThrow(
      /^secret contains the same/,
    );
  });
});

describe("checkDistinct", () => {
  test("returns keys that are all different, with or without a kid", () => {
    const keys = [entry(), entry("a"), entry(), entry("A"), entry("__proto__")];
    expect(checkDistinct("secret", keys)).toBe(keys);
    expect(checkDistinct("secret", [])).toEqual([]);
  });

  test("refuses the same key twice, also as two objects with two kids", () => {
    const bytes = randomBytes(32);
    const keys = [
      entry("a", createSecretKey(bytes)),
      entry("b"),
      entry("c", createSecretKey(bytes)),
    ];
    expect(() => checkDistinct("secret", keys)).toThrow(
      new TypeError("secret contains the same key twice: pass each key once"),
    );
  });

  test("refuses two keys with one kid, and does not name it", () => {
    const keys = [entry("a-kid-of-two"), entry("b"), entry("a-kid-of-two", rsaPair.publicKey)];
    expect(() => checkDistinct("publicKey", keys)).toThrow(
      new TypeError("publicKey contains two keys with the same kid: give each its own kid"),
    );
  });
});
