import crypto, { constants, sign, type KeyObject, type KeyPairKeyObjectResult } from "node:crypto";
import { afterEach, describe, expect, jest, test } from "@jest/globals";
import { createSignatureCheck } from "../../../lib/token/signature.ts";
import { forge, signBytes } from "../../support/forge.ts";
import { ALGORITHMS, generateRsaPair, signingKey, verifying } from "../../support/keys.ts";

afterEach(() => {
  jest.restoreAllMocks();
});

function splitSignature(token: string): readonly [input: string, signature: Buffer] {
  const dot = token.lastIndexOf(".");
  return [token.slice(0, dot), Buffer.from(token.slice(dot + 1), "base64url")];
}

describe.each(ALGORITHMS)("createSignatureCheck for %s", (algorithm) => {
  const hasValidSignature = createSignatureCheck(algorithm);
  const key = verifying(signingKey(algorithm));
  const token = forge(algorithm, signingKey(algorithm));
  const [header = "", payload = "", signature = ""] = token.split(".");

  test("accepts the signature of a token", () => {
    expect(hasValidSignature(token, signature, key)).toBe(true);
  });

  test.each([
    ["another payload", payload.replace(/^./, "_"), signature],
    ["another signature", payload, signature.replace(/^./, (first) => (first === "A" ? "B" : "A"))],
    ["a shorter signature", payload, signature.slice(0, -4)],
    ["a longer signature", payload, `AAAA${signature}`],
    ["a signature of one byte", payload, "AA"],
  ])("refuses %s", (_name, payload, signature) => {
    expect(hasValidSignature(`${header}.${payload}.${signature}`, signature, key)).toBe(false);
  });

  test("checks the length before it verifies the signature", () => {
    const computed = [jest.spyOn(crypto, "verify"), jest.spyOn(crypto, "createHmac")];
    for (const other of ["AA", signature.slice(0, -4), `AAAA${signature}`]) {
      expect(hasValidSignature(`${header}.${payload}.${other}`, other, key)).toBe(false);
    }
    for (const spy of computed) expect(spy).not.toHaveBeenCalled();
  });

  test("refuses the signature of any other algorithm", () => {
    // EdDSA and Ed25519 are two names of the same algorithm; only the header differs.
    const isSame = (other: string): boolean =>
      other === algorithm || (other.startsWith("Ed") && algorithm.startsWith("Ed"));
    for (const other of ALGORITHMS.filter((name) => !isSame(name))) {
      const otherSignature = forge(other, signingKey(other));
      const signature = otherSignature.slice(otherSignature.lastIndexOf(".") + 1);
      expect(hasValidSignature(otherSignature, signature, key)).toBe(false);
    }
  });

  test("refuses a signature of the same key over another part of the token", () => {
    for (const part of [header, payload, `${payload}.${header}`, `${header}.${payload}.`, ""]) {
      const other = signBytes(algorithm, signingKey(algorithm), part).toString("base64url");
      expect(hasValidSignature(`${header}.${payload}.${other}`, other, key)).toBe(false);
    }
  });
});

// RFC 8017 sections 8.1.2 and 8.2.2: the length of the modulus in bytes.
describe.each(["RS256", "PS256"] as const)("the length of a signature of %s", (algorithm) => {
  const hasValidSignature = createSignatureCheck(algorithm);
  const pairs: readonly (readonly [number, number, KeyPairKeyObjectResult])[] = [2048, 2050].map(
    (bits) => [bits, Math.ceil(bits / 8), generateRsaPair(bits)],
  );

  test.each(pairs)("with a key of %d bits is %d bytes", (_bits, bytes, pair) => {
    const [input, signature] = splitSignature(forge(algorithm, pair.privateKey));
    expect(signature).toHaveLength(bytes);
    const verdicts = [
      signature,
      signature.subarray(1),
      Buffer.concat([Buffer.of(0), signature]),
      Buffer.concat([signature, Buffer.of(0)]),
    ].map((bytes) => {
      const text = bytes.toString("base64url");
      return hasValidSignature(`${input}.${text}`, text, pair.publicKey);
    });
    expect(verdicts).toEqual([true, false, false, false]);
  });
});

describe("the salt of a signature of PS256", () => {
  const { privateKey, publicKey } = generateRsaPair();

  // RFC 7518 section 3.5: the salt has the size of the hash.
  test.each([
    [0, false],
    [31, false],
    [32, true],
    [33, false],
  ])("may have %d bytes: %p", (saltLength, isValid) => {
    const [input] = splitSignature(forge("PS256", privateKey));
    const signature = sign("sha256", Buffer.from(input), {
      key: privateKey,
      padding: constants.RSA_PKCS1_PSS_PADDING,
      saltLength,
    }).toString("base64url");
    const check = createSignatureCheck("PS256");
    expect(check(`${input}.${signature}`, signature, publicKey)).toBe(isValid);
  });
});

test("the signature of another key of the same algorithm is refused", () => {
  const keys: readonly KeyObject[] = [generateRsaPair().privateKey, generateRsaPair().privateKey];
  const [own, other] = keys as [KeyObject, KeyObject];
  const token = forge("RS256", other);
  const signature = token.slice(token.lastIndexOf(".") + 1);
  expect(createSignatureCheck("RS256")(token, signature, verifying(own))).toBe(false);
});
