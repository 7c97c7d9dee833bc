import { describe, expect, test } from "@jest/globals";
import { isJwk } from "../../../lib/keys/jwk.ts";
import { construct, expectConstructionError } from "../../support/expect-construction-error.ts";
import { hmacSecret, rsaPair } from "../../support/keys.ts";

const oct = { kty: "oct", k: hmacSecret.toString("base64url") };
const privateJwk = rsaPair.privateKey.export({ format: "jwk" });
const publicJwk = rsaPair.publicKey.export({ format: "jwk" });

/** The options that accept a JWK. */
const PLACES = [
  {
    place: "the secret of HS256",
    option: "secret",
    algorithm: "HS256",
    operations: ["sign", "verify"],
    optionsWith: (members: object) => ({ secret: { ...oct, ...members } }),
  },
  {
    place: "the secret of RS256",
    option: "secret",
    algorithm: "RS256",
    operations: ["sign"],
    optionsWith: (members: object) => ({ secret: { ...privateJwk, ...members } }),
  },
  {
    place: "the publicKey of RS256",
    option: "publicKey",
    algorithm: "RS256",
    operations: ["verify"],
    optionsWith: (members: object) => ({ publicKey: { ...publicJwk, ...members } }),
  },
] as const;

describe.each(PLACES)("a JWK as $place", ({ option, algorithm, operations, optionsWith }) => {
  const withMembers = (members: object): object => ({
    algorithm,
    lifetimeSeconds: 60,
    ...optionsWith(members),
  });

  test.each<[string, object]>([
    ["has no other members", {}],
    [
      "has undefined for the optional members",
      { alg: undefined, use: undefined, key_ops: undefined, kid: undefined },
    ],
    ["has null for all optional members", { alg: null, use: null, key_ops: null, kid: null }],
    ["has alg null", { alg: null, use: "sig" }],
    ["has use null", { alg: algorithm, use: null }],
    ["has key_ops null", { use: "sig", key_ops: null }],
    ["has kid null", { use: "sig", kid: null }],
    ["has ext and x5c null", { ext: null, x5c: null }],
    ["names the algorithm", { alg: algorithm }],
    ["is for signatures", { use: "sig" }],
    ["allows the required operations", { key_ops: operations }],
    ["allows further operations", { key_ops: ["sign", "verify", "wrapKey"] }],
    ["has a kid and private members", { kid: "2026-1", "x-team": "billing" }],
  ])("is accepted if it %s", (_title, members) => {
    expect(() => construct(withMembers(members))).not.toThrow();
  });

  test.each(["HS384", "RS384", "PS256", "RSA-OAEP", "", 0, false, ["RS256"]])(
    "is refused if its alg is %j",
    (alg) =>
      expectConstructionError(
        withMembers({ alg }),
        new RegExp(`^${option} is a JWK made for another algorithm: its alg must be ${algorithm}`),
      ),
  );

  test.each(["enc", "SIG", "", 0, false, ["sig"]])("is refused if its use is %j", (use) =>
    expectConstructionError(
      withMembers({ use }),
      new RegExp(`^${option} is a JWK that is not for signatures: its use must be "sig"`),
    ),
  );

  test.each([
    [[]],
    [["encrypt", "decrypt"]],
    [["deriveKey"]],
    "sign verify",
    "",
    0,
    { sign: true },
  ])("is refused if its key_ops are %j", (keyOps) =>
    expectConstructionError(
      withMembers({ key_ops: keyOps }),
      new RegExp(`^${option} is a JWK whose key_ops .* must include ${operations.join(" and ")}$`),
    ),
  );
});

describe("a JWK as the secret of HS256", () => {
  test.each([[["sign"]], [["verify"]]])("is refused if its key_ops are only %j", (keyOps) =>
    expectConstructionError(
      { secret: { ...oct, key_ops: keyOps }, lifetimeSeconds: 60 },
      /key_ops forbid its use here: they must include sign and verify$/,
    ),
  );
});

describe("isJwk", () => {
  test.each([{ kty: "oct" }, { kty: "RSA", n: "AQAB" }, { kty: undefined }])(
    "returns true for an object with an own kty: %j",
    (value) => {
      expect(isJwk(value)).toBe(true);
    },
  );

  test.each([
    ["null", null],
    ["undefined", undefined],
    ["a string", "kty"],
    ["a number", 1],
    ["an empty object", {}],
    ["a list", []],
    ["a JWK Set", { keys: [oct] }],
    ["an object that inherits kty", Object.create(oct)],
  ])("returns false for %s", (_what, value) => {
    expect(isJwk(value)).toBe(false);
  });
});
