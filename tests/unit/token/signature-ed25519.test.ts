import { generateKeyPairSync, sign } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { createSignatureCheck } from "../../../lib/token/signature.ts";
import { signBytes } from "../../support/forge.ts";
import { ed25519Tokens, signWithTorsion } from "../../support/hostile/ed25519.ts";
import { encode, multiply, ORDER, TORSION_POINTS } from "../../support/hostile/edwards25519.ts";
import { createTarget } from "../../support/hostile/target.ts";
import { keyPair } from "../../support/keys.ts";

const { privateKey, publicKey } = keyPair("EdDSA");
const IDENTITY = multiply(0n);

function isValid(input: string, signature: Uint8Array): boolean {
  const text = Buffer.from(signature).toString("base64url");
  return createSignatureCheck("EdDSA")(`${input}.${text}`, text, publicKey);
}

describe("the Ed25519 arithmetic of these tests", () => {
  test("creates the same signatures as node:crypto", () => {
    const own = signWithTorsion(privateKey, "header.payload", IDENTITY);
    expect(own).toEqual(signBytes("EdDSA", privateKey, "header.payload"));
    expect(isValid("header.payload", own)).toBe(true);
  });

  test("finds the eight points of small order", () => {
    const encodings = [IDENTITY, ...TORSION_POINTS].map((point) => encode(point).toString("hex"));
    expect(new Set(encodings).size).toBe(8);
    for (const point of TORSION_POINTS)
      expect(encode(multiply(8n, point))).toEqual(encode(IDENTITY));
    expect(encode(multiply(ORDER))).toEqual(encode(IDENTITY));
  });
});

test.each([...ed25519Tokens(createTarget("EdDSA"))])("refuses a $name", ({ token }) => {
  const dot = token.lastIndexOf(".");
  expect(isValid(token.slice(0, dot), Buffer.from(token.slice(dot + 1), "base64url"))).toBe(false);
});

test.each([0, 1, 31, 32, 63, 65, 96, 128])("refuses a signature of %d bytes", (length) => {
  const signature = Buffer.alloc(length, signBytes("EdDSA", privateKey, "header.payload"));
  expect(isValid("header.payload", signature)).toBe(false);
});

test("refuses the signature of an Ed448 key", () => {
  const ed448 = generateKeyPairSync("ed448").privateKey;
  expect(isValid("header.payload", sign(null, Buffer.from("header.payload"), ed448))).toBe(false);
});
