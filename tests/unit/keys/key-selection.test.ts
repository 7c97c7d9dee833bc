import { describe, expect, test } from "@jest/globals";
import { createKeySelection } from "../../../lib/keys/key-selection.ts";
import type { KeyEntry } from "../../../lib/keys/key-entry.ts";
import {
  generateEcPair,
  generateRsaPair,
  generateSigningKey,
  rsaPair,
  verifying,
} from "../../support/keys.ts";

const named = (kid: string | undefined, key = generateSigningKey("HS256")): KeyEntry => ({
  key,
  kid,
});

/** The places in the ring of the keys that a token of this `kid` is tried with. Jest takes any two KeyObjects for equal. */
function choose(
  ring: readonly KeyEntry[],
  kid: string | undefined,
): { places: number[]; isKnown: boolean } {
  const { keys, isKnown } = createKeySelection(ring)(kid);
  return { places: keys.map(({ key }) => ring.findIndex((own) => own.key === key)), isKnown };
}

describe("the keys that a token is tried with", () => {
  const ring = [named(undefined), named("a"), named(undefined), named("b")];
  const allNamed = [named("a"), named("b"), named("1")];

  test("are all, each once and in their order, where the token has no kid", () => {
    expect(choose(ring, undefined)).toEqual({ places: [0, 1, 2, 3], isKnown: true });
    expect(choose(allNamed, undefined)).toEqual({ places: [0, 1, 2], isKnown: true });
  });

  test("are the one of its kid and no other", () => {
    expect(choose(ring, "a")).toEqual({ places: [1], isKnown: true });
    expect(choose(ring, "b")).toEqual({ places: [3], isKnown: true });
  });

  test("are those without a kid where its kid is unknown: their signer may call them something", () => {
    expect(choose(ring, "c")).toEqual({ places: [0, 2], isKnown: false });
  });

  test("are none where its kid is unknown and every key has one", () => {
    expect(choose(allNamed, "c")).toEqual({ places: [], isKnown: false });
  });

  test("hold no key twice, which has two kids and is found by each", () => {
    const [one] = allNamed as [KeyEntry];
    const renamed = [...allNamed, named("new name of a", one.key)];
    expect(choose(renamed, undefined).places).toEqual([0, 1, 2]);
    expect(choose(renamed, "a").places).toEqual([0]);
    expect(choose(renamed, "new name of a").places).toEqual([0]);
  });

  test("are none where there are none", () => {
    expect(choose([], undefined)).toEqual({ places: [], isKnown: true });
    expect(choose([], "c")).toEqual({ places: [], isKnown: false });
  });

  test.each([
    "",
    " a",
    "a ",
    "A",
    "a\0",
    "á",
    "0",
    "__proto__",
    "constructor",
    "undefined",
    "size",
  ])(
    "are those of an unknown kid for %j: a kid is compared to the letter (RFC 7515 section 4.1.4)",
    (kid) => {
      expect(choose(allNamed, kid)).toEqual({ places: [], isKnown: false });
    },
  );

  test.each(["__proto__", "constructor", "undefined", "é😀", "a\r\nb"])(
    "may be called %j as anything else",
    (kid) => {
      expect(choose([...allNamed, named(kid)], kid)).toEqual({ places: [3], isKnown: true });
    },
  );
});

describe("the length of a signature", () => {
  test.each([
    ["an RSA key of 2048 bits", rsaPair.publicKey, 256],
    ["an RSA key of 2050 bits, rounded up", generateRsaPair(2050).publicKey, 257],
    [
      "an EC key, whose signature jsonwebtoken judges",
      generateEcPair("prime256v1").publicKey,
      undefined,
    ],
    ["a secret", verifying(generateSigningKey("HS256")), undefined],
  ])("is known of %s, however it is chosen", (_what, key, rsaBytes) => {
    const choices = [
      createKeySelection([named("a", key)])(undefined),
      createKeySelection([named("a", key)])("a"),
      createKeySelection([named(undefined, key)])("a"),
    ];
    expect(choices.map(({ keys }) => keys.map((one) => one.rsaBytes))).toEqual([
      [rsaBytes],
      [rsaBytes],
      [rsaBytes],
    ]);
  });
});
