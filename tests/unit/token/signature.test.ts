import type { KeyObject } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import type { JwtAlgorithm } from "express-jwt-strategy";
import { createSignatureCheck } from "../../../lib/token/signature.ts";
import { forge } from "../../support/forge.ts";
import { ALGORITHMS, keyPair, signingKey } from "../../support/keys.ts";

function verificationKey(algorithm: JwtAlgorithm): KeyObject {
  const isHmac = algorithm === "HS256" || algorithm === "HS384" || algorithm === "HS512";
  return isHmac ? signingKey(algorithm) : keyPair(algorithm).publicKey;
}

describe.each(ALGORITHMS)("createSignatureCheck for %s", (algorithm) => {
  const hasValidSignature = createSignatureCheck(algorithm);
  const key = verificationKey(algorithm);
  const token = forge(algorithm, signingKey(algorithm));
  const [header = "", payload = "", signature = ""] = token.split(".");

  test("knows the signature of a token", () => {
    expect(hasValidSignature(token, signature, key)).toBe(true);
  });

  test.each([
    ["another payload", payload.replace(/^./, "_"), signature],
    ["another signature", payload, signature.replace(/^./, (first) => (first === "A" ? "B" : "A"))],
    ["a shorter signature", payload, signature.slice(0, -4)],
    ["a longer signature", payload, `AAAA${signature}`],
    ["a signature of nothing", payload, "AA"],
  ])("is not deceived by %s", (_name, payload, signature) => {
    expect(hasValidSignature(`${header}.${payload}.${signature}`, signature, key)).toBe(false);
  });

  test("takes no other algorithm's signature for its own", () => {
    for (const other of ALGORITHMS.filter((name) => name !== algorithm)) {
      const foreign = forge(other, signingKey(other));
      const signature = foreign.slice(foreign.lastIndexOf(".") + 1);
      expect(hasValidSignature(foreign, signature, key)).toBe(false);
    }
  });
});
