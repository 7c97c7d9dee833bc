import { createSecretKey, randomBytes, type KeyObject } from "node:crypto";
import { describe, expect, jest, test } from "@jest/globals";
import { checkDistinct, importKeys, type KeyEntry } from "../../../lib/keys/key-entry.ts";
import { rsaPair } from "../../support/keys.ts";

const named = (kid?: string, key: KeyObject = createSecretKey(randomBytes(32))): KeyEntry => ({
  key,
  kid,
});

/** Where each of these stands in a list. Jest takes any two KeyObjects for equal. */
const placesIn = (list: readonly unknown[], keys: readonly unknown[]): number[] =>
  keys.map((key) => list.indexOf(key));

const HOLE = named("hole");

/** Takes named keys as they are. */
const importNamed = (): jest.Mock<(option: string, value: unknown) => KeyEntry> =>
  jest.fn((_option: string, value: unknown) => (value ?? HOLE) as KeyEntry);

describe("importKeys", () => {
  test("imports what is no list as one key, under the name of its option", () => {
    const one = named("a");
    const importKey = importNamed();
    expect(placesIn([one], importKeys("secret", one, importKey))).toEqual([0]);
    expect(importKey.mock.calls).toEqual([["secret", one]]);
  });

  test("imports each of a list, in its order, under the name of its place", () => {
    const list = [named("a"), named(), named("b")];
    const importKey = importNamed();
    expect(placesIn(list, importKeys("publicKey", list, importKey))).toEqual([0, 1, 2]);
    expect(importKey.mock.calls.map(([option]) => option)).toEqual([
      "publicKey[0]",
      "publicKey[1]",
      "publicKey[2]",
    ]);
  });

  test("leaves no hole of a list out", () => {
    const list: unknown[] = [named("a")];
    list[2] = named("b");
    const importKey = importNamed();
    importKeys("secret", list, importKey);
    expect(importKey.mock.calls[1]).toEqual(["secret[1]", undefined]);
  });

  test("copies the list, which may change later", () => {
    const list = [named("a"), named("b")];
    const keys = importKeys("secret", list, importNamed());
    list.pop();
    expect(keys).toHaveLength(2);
  });

  test("refuses an empty list", () => {
    expect(() => importKeys("secret", [], importNamed())).toThrow(
      new TypeError("secret is an empty list: give at least one key"),
    );
  });

  test("refuses a list that repeats a kid, or a key", () => {
    const list = [named("a"), named("b"), named("a")];
    expect(() => importKeys("secret", list, importNamed())).toThrow(/^secret holds two keys/);
    const repeated = [HOLE, named("b"), HOLE];
    expect(() => importKeys("secret", repeated, importNamed())).toThrow(/^secret holds the same/);
  });
});

describe("checkDistinct", () => {
  test("gives keys back that are all different, whether they have a kid or not", () => {
    const keys = [named(), named("a"), named(), named("A"), named("__proto__")];
    expect(checkDistinct("secret", keys)).toBe(keys);
    expect(checkDistinct("secret", [])).toEqual([]);
  });

  test("refuses the same key twice, even as two objects under two kids", () => {
    const bytes = randomBytes(32);
    const keys = [
      named("a", createSecretKey(bytes)),
      named("b"),
      named("c", createSecretKey(bytes)),
    ];
    expect(() => checkDistinct("secret", keys)).toThrow(
      new TypeError("secret holds the same key twice: give each key once"),
    );
  });

  test("refuses two keys of one kid, and does not say which", () => {
    const keys = [named("a-kid-of-two"), named("b"), named("a-kid-of-two", rsaPair.publicKey)];
    expect(() => checkDistinct("publicKey", keys)).toThrow(
      new TypeError("publicKey holds two keys of the same kid: give each a kid of its own"),
    );
  });
});
