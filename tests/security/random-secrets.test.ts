import { randomBytes } from "node:crypto";
import { expect, test } from "@jest/globals";
import { isKeyMaterial } from "../../lib/keys/key-material.ts";

test("none of 100,000 random secrets, in all common forms, is mistaken for a key", () => {
  const mistaken: string[] = [];
  for (let index = 0; index < 25_000; index += 1) {
    const bytes = randomBytes(32 + (index % 97));
    for (const encoding of ["base64", "base64url", "hex", "latin1"] as const) {
      const text = bytes.toString(encoding);
      if (isKeyMaterial(Buffer.from(text, "latin1"))) mistaken.push(text);
    }
  }
  expect(mistaken).toEqual([]);
});
