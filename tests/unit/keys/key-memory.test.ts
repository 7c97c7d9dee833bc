import { createSecretKey, generateKeyPairSync, randomBytes, type KeyObject } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { construct } from "../../support/expect-construction-error.ts";
import { generateEcPair, generateRsaPair, keyPair } from "../../support/keys.ts";

/** The memory that Node.js shares between small Buffers. All code in the process can read it. */
const getPool = (): ArrayBufferLike => Buffer.from("x").buffer;

/** Fills the pools in use, and returns a new one. Node.js does not clear its memory, which may contain older keys. */
function startPool(): ArrayBufferLike {
  for (let full = 0; full < 3; full += 1) Buffer.from("x".repeat(Buffer.poolSize / 2 - 1));
  const pool = getPool();
  new Uint8Array(pool).fill(0);
  return pool;
}

/** Returns the part of the current pool that has been allocated. */
function getUsedPart(): Buffer {
  const next = Buffer.from("x");
  return Buffer.from(next.buffer, 0, next.byteOffset);
}

/** Whether the pool contains any 16 consecutive bytes of a secret after the construction. */
function leavesInPool(options: object, secrets: readonly Buffer[]): boolean {
  const before = startPool();
  try {
    construct({ lifetimeSeconds: 60, ...options });
  } catch {
    // The pool must not contain refused keys either.
  }
  const pools = [Buffer.from(before), getUsedPart()];
  return secrets.some((secret) => {
    for (let start = 0; start + 16 <= secret.length; start += 1) {
      const piece = secret.subarray(start, start + 16);
      if (pools.some((pool) => pool.includes(piece))) return true;
    }
    return false;
  });
}

/** Copies a string to memory outside the pool. */
function outsidePool(text: string): Buffer {
  const bytes = Buffer.alloc(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
}

const pem = (key: KeyObject, encryption: object = {}): string =>
  String(key.export({ format: "pem", type: "pkcs8", ...encryption }));

describe("the Buffer pool of Node.js", () => {
  test("contains a secret that was copied with Buffer.from(): a check of these tests", () => {
    const text = randomBytes(64).toString("base64");
    Buffer.from(text);
    expect(Buffer.from(getPool()).includes(text)).toBe(true);
  });

  const bytes = randomBytes(64);
  const text = randomBytes(64).toString("base64");
  const k = bytes.toString("base64url");

  test.each<[string, unknown, Buffer]>([
    ["a string", text, outsidePool(text)],
    ["a Buffer", bytes, bytes],
    ["a Uint8Array", new Uint8Array(bytes), bytes],
    ["a KeyObject", createSecretKey(bytes), bytes],
    ["a JWK", { kty: "oct", k }, bytes],
    ["base64, decoded", bytes.toString("base64"), bytes],
    ["hex, decoded", bytes.toString("hex"), bytes],
    ["a Buffer that is refused", bytes.subarray(0, 31), bytes],
    ["a JWK that is refused", { kty: "oct", k, use: "enc" }, bytes],
  ])("contains no secret of HS256: %s", (_form, secret, found) => {
    expect(leavesInPool({ secret }, [found])).toBe(false);
  });

  test("contains no secret of a list, and no securityStampKey", () => {
    const options = {
      algorithm: "ES256",
      secret: keyPair("ES256").privateKey,
      findUser: () => null,
      securityStamp: () => "1",
      securityStampKey: [text],
    };
    expect(leavesInPool({ secret: [text, bytes] }, [outsidePool(text), bytes])).toBe(false);
    expect(leavesInPool(options, [outsidePool(text)])).toBe(false);
  });

  const passphrase = "correct horse battery staple";
  const encryption = { cipher: "aes-256-cbc", passphrase: outsidePool(passphrase) };

  describe.each([
    ["RS256", generateRsaPair()],
    ["ES256", generateEcPair("prime256v1")],
    ["EdDSA", generateKeyPairSync("ed25519")],
  ] as const)("contains no private key of %s", (algorithm, { privateKey }) => {
    const { d = "" } = privateKey.export({ format: "jwk" });
    const der = privateKey.export({ format: "der", type: "pkcs8" });
    const number = Buffer.alloc(32);
    number.write(d, "base64url");
    const secrets = [number, ...pem(privateKey).split("\n").slice(1, -2).map(outsidePool)];

    test.each<[string, unknown]>([
      ["PEM", pem(privateKey)],
      ["PEM in a Buffer", outsidePool(pem(privateKey))],
      ["DER", der],
      ["base64 of DER", der.toString("base64")],
      ["base64 of PEM", outsidePool(pem(privateKey)).toString("base64")],
      ["a JWK", privateKey.export({ format: "jwk" })],
      ["PEM as publicKey", undefined],
    ])("in %s", (form, secret) => {
      const options = form === "PEM as publicKey" ? { publicKey: pem(privateKey) } : { secret };
      expect(leavesInPool({ algorithm, ...options }, secrets)).toBe(false);
    });

    test("in an encrypted PEM, nor its passphrase", () => {
      const secret = { key: pem(privateKey, encryption), passphrase };
      const lines = secret.key.split("\n").slice(1, -2).map(outsidePool);
      const found = [outsidePool(passphrase), number, ...lines];
      expect(leavesInPool({ algorithm, secret }, found)).toBe(false);
      expect(
        leavesInPool(
          { algorithm, secret: { ...secret, passphrase: outsidePool(passphrase) } },
          found,
        ),
      ).toBe(false);
    });

    test("in a PEM for HS256, which is refused", () => {
      expect(leavesInPool({ secret: pem(privateKey) }, secrets)).toBe(false);
      expect(leavesInPool({ secret: der.toString("base64") }, [...secrets, der])).toBe(false);
    });
  });
});
