import { describe, expect, test } from "@jest/globals";
import { createKeySelection } from "../../../lib/token/key-selection.ts";
import type { KeyEntry } from "../../../lib/keys/key-entry.ts";
import { generateSigningKey } from "../../support/keys.ts";

const named = (kid: string | undefined, key = generateSigningKey("HS256")): KeyEntry => ({
  key,
  kid,
});

/** The indexes of the keys that are selected for a `kid`. Jest considers all KeyObjects equal. */
function select(
  entries: readonly KeyEntry[],
  kid: string | undefined,
): { indexes: number[]; isKnown: boolean } {
  const { keys, isKnown } = createKeySelection(entries)(kid);
  return { indexes: keys.map((key) => entries.findIndex((own) => own.key === key)), isKnown };
}

describe("createKeySelection", () => {
  const mixed = [named(undefined), named("a"), named(undefined), named("b")];
  const allWithKid = [named("a"), named("b"), named("1")];

  test("selects all keys in their order for a token without a kid", () => {
    expect(select(mixed, undefined)).toEqual({ indexes: [0, 1, 2, 3], isKnown: true });
    expect(select(allWithKid, undefined)).toEqual({ indexes: [0, 1, 2], isKnown: true });
  });

  test("selects only the key that the kid names", () => {
    expect(select(mixed, "a")).toEqual({ indexes: [1], isKnown: true });
    expect(select(mixed, "b")).toEqual({ indexes: [3], isKnown: true });
  });

  test("selects the keys without a kid for an unknown kid, since their signer may use a name for them", () => {
    expect(select(mixed, "c")).toEqual({ indexes: [0, 2], isKnown: false });
  });

  test("selects no key for an unknown kid if every key has one", () => {
    expect(select(allWithKid, "c")).toEqual({ indexes: [], isKnown: false });
  });

  test("selects a key with two kids once, and finds it by each", () => {
    const [one] = allWithKid as [KeyEntry];
    const renamed = [...allWithKid, named("new name of a", one.key)];
    expect(select(renamed, undefined).indexes).toEqual([0, 1, 2]);
    expect(select(renamed, "a").indexes).toEqual([0]);
    expect(select(renamed, "new name of a").indexes).toEqual([0]);
  });

  test("selects no key of an empty set", () => {
    expect(select([], undefined)).toEqual({ indexes: [], isKnown: true });
    expect(select([], "c")).toEqual({ indexes: [], isKnown: false });
  });

  // RFC 7515 section 4.1.4: a case-sensitive string.
  test.each([
    ["an empty string", ""],
    ["a known kid after a space", " a"],
    ["a known kid and a space", "a "],
    ["a known kid in another case", "A"],
    ["a known kid and a NUL", "a\0"],
    ["a known kid with an accent", "á"],
    ["an index", "0"],
    ["the name of a prototype", "__proto__"],
    ["the name of a constructor", "constructor"],
    ["the string undefined", "undefined"],
    ["the name of a member of maps", "size"],
  ])("does not know %s", (_name, kid) => {
    expect(select(allWithKid, kid)).toEqual({ indexes: [], isKnown: false });
  });

  test.each([
    ["the name of a prototype", "__proto__"],
    ["the name of a constructor", "constructor"],
    ["the string undefined", "undefined"],
    ["a string that is not ASCII", "é😀"],
    ["a string with a line break", "a\r\nb"],
    ["an empty string", ""],
  ])("finds a key whose kid is %s", (_name, kid) => {
    expect(select([...allWithKid, named(kid)], kid)).toEqual({ indexes: [3], isKnown: true });
  });
});
