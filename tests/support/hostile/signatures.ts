import { constants, createHash, privateEncrypt, sign, type KeyObject } from "node:crypto";
import { forge, goodClaims, signBytes } from "../forge.ts";
import { ed25519Tokens } from "./ed25519.ts";
import {
  forgedClaims,
  hashOf,
  isEcdsa,
  isEd25519,
  isRsa,
  signingInput,
  withSignature,
  type HostileToken,
  type Target,
} from "./target.ts";

/** Invalid signatures of a valid header and payload. */
export function* signatureTokens(target: Target): Generator<HostileToken> {
  yield* withoutSignature(target);
  yield* damaged(target);
  yield* otherInputs(target);
  if (isEcdsa(target.algorithm)) yield* ecdsaValues(target, ORDERS[target.algorithm]);
  if (isEd25519(target.algorithm)) yield* ed25519Tokens(target);
  if (isRsa(target.algorithm) && target.publicKey) yield* rsaValues(target, target.publicKey);
  if (target.algorithm.startsWith("RS")) yield* paddings(target);
}

function splitSignature(token: string): readonly [input: string, signature: Buffer] {
  const dot = token.lastIndexOf(".");
  return [token.slice(0, dot), Buffer.from(token.slice(dot + 1), "base64url")];
}

/** CVE-2020-28042. */
function* withoutSignature({ valid, algorithm }: Target): Generator<HostileToken> {
  const [input] = splitSignature(valid);
  const forged = signingInput({ alg: algorithm, typ: "JWT" }, forgedClaims());
  yield { name: "empty signature", token: `${input}.` };
  yield { name: "no third segment", token: input };
  yield { name: "empty signature of forged claims", token: `${forged}.` };
  yield { name: "no third segment after forged claims", token: forged };
}

function* damaged({ valid }: Target): Generator<HostileToken> {
  const [input, signature] = splitSignature(valid);
  const { length } = signature;
  const flip = (index: number): Buffer => {
    const flipped = Buffer.from(signature);
    flipped.writeUInt8(flipped.readUInt8(index) ^ 1, index);
    return flipped;
  };
  const variants: Record<string, Uint8Array | string> = {
    "one byte": signature.subarray(0, 1),
    "the first half": signature.subarray(0, length / 2),
    "the second half": signature.subarray(length / 2),
    "without its last byte": signature.subarray(0, -1),
    "without its first byte": signature.subarray(1),
    "first byte changed": flip(0),
    "middle byte changed": flip(length >> 1),
    "last byte changed": flip(length - 1),
    zeros: Buffer.alloc(length),
    "all bits set": Buffer.alloc(length, 0xff),
    "a zero before": Buffer.concat([Buffer.of(0), signature]),
    "a zero after": Buffer.concat([signature, Buffer.of(0)]),
    twice: Buffer.concat([signature, signature]),
    backwards: Buffer.from(signature).reverse(),
    "in hexadecimal": signature.toString("hex"),
    "encoded twice": signature.toString("base64url"),
  };
  for (const [name, variant] of Object.entries(variants)) {
    yield { name: `signature: ${name}`, token: withSignature(input, variant) };
  }
}

/** Signatures of the strategy's key over other input. */
function* otherInputs({ algorithm, key, valid }: Target): Generator<HostileToken> {
  const [input] = splitSignature(valid);
  const [header = "", payload = ""] = input.split(".");
  const [, otherSignature] = splitSignature(forge(algorithm, key, goodClaims({ sub: "43" })));
  const signOver = (data: string): Buffer => signBytes(algorithm, key, data);
  const variants: Record<string, Buffer> = {
    "of another token": otherSignature,
    "over only the payload": signOver(payload),
    "over only the header": signOver(header),
    "over the segments without the dot": signOver(header + payload),
    "over the decoded payload": signOver(Buffer.from(payload, "base64url").toString()),
    "over the segments in the other order": signOver(`${payload}.${header}`),
    "over nothing": signOver(""),
    "a hash without a key": createHash(hashOf(algorithm)).update(input).digest(),
  };
  for (const [name, signature] of Object.entries(variants)) {
    yield { name: `signature ${name}`, token: withSignature(input, signature) };
  }
}

/** The orders of the curves (SEC 2 version 2 sections 2.4.2, 2.5.1 and 2.6.1). */
const ORDERS = {
  ES256: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  ES384:
    0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  ES512:
    0x01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
} as const;

function* ecdsaValues({ algorithm, key, valid }: Target, order: bigint): Generator<HostileToken> {
  const [input, signature] = splitSignature(valid);
  const size = signature.length / 2;
  const [r, s] = [toInteger(signature.subarray(0, size)), toInteger(signature.subarray(size))];
  const pair = (first: bigint, second: bigint, width = size): string =>
    withSignature(input, Buffer.concat([toBytes(first, width), toBytes(second, width)]));

  // Java 15 to 18 accepted zeros for every key (CVE-2022-21449).
  for (const first of [0n, 1n, order - 1n, order]) {
    for (const second of [0n, 1n, order - 1n, order]) {
      const name = `signature r = ${label(first, order)}, s = ${label(second, order)}`;
      yield { name, token: pair(first, second) };
    }
  }
  const der = sign(hashOf(algorithm), Buffer.from(input), key);
  yield { name: "signature in DER", token: withSignature(input, der) };
  yield { name: "signature s before r", token: pair(s, r) };
  yield { name: "signature r = 0", token: pair(0n, s) };
  yield { name: "signature s = 0", token: pair(r, 0n) };
  yield { name: "signature each half a byte longer", token: pair(r, s, size + 1) };
  yield { name: "signature not reduced", token: pair(r + order, s + order, size + 1) };
}

function label(value: bigint, order: bigint): string {
  return value < 2n ? String(value) : value === order ? "n" : "n - 1";
}

function* rsaValues({ valid }: Target, publicKey: KeyObject): Generator<HostileToken> {
  const [input, signature] = splitSignature(valid);
  const modulus = toInteger(Buffer.from(publicKey.export({ format: "jwk" }).n ?? "", "base64url"));
  const s = toInteger(signature);
  const values = {
    "0": 0n,
    "1": 1n,
    "n - 1": modulus - 1n,
    n: modulus,
    "n + 1": modulus + 1n,
    "n - s": modulus - s,
    "s + n": s + modulus,
  };
  for (const [name, value] of Object.entries(values)) {
    const width = Math.max(signature.length, Math.ceil(value.toString(16).length / 2));
    const token = withSignature(input, toBytes(value, width));
    yield { name: `signature ${name}`, token };
  }
}

/** The DigestInfo of RFC 8017 section 9.2 without the hash. */
const DIGEST_INFOS = {
  sha1: "3021300906052b0e03021a05000414",
  sha256: "3031300d060960864801650304020105000420",
  sha384: "3041300d060960864801650304020205000430",
  sha512: "3051300d060960864801650304020305000440",
} as const;

/** Invalid EMSA-PKCS1-v1_5 encodings that lenient verifiers accept (CVE-2006-4339). */
function* paddings({ algorithm, key }: Target): Generator<HostileToken> {
  const hash = hashOf(algorithm);
  const input = signingInput({ alg: algorithm, typ: "JWT" }, forgedClaims());
  const digest = createHash(hash).update(input).digest();
  const prefix = Buffer.from(DIGEST_INFOS[hash], "hex");
  const info = Buffer.concat([prefix, digest]);
  const size = (key.asymmetricKeyDetails?.modulusLength ?? 0) / 8;
  const encode = (head: number[], fill: number, tail: Uint8Array, rest = 0): Buffer => {
    const filler = Buffer.alloc(size - head.length - 1 - tail.length - rest, fill);
    return Buffer.concat([Buffer.from(head), filler, Buffer.of(0), tail, Buffer.alloc(rest)]);
  };
  const variants: Record<string, Buffer> = {
    "block type 2": encode([0, 2], 0xff, info),
    "block type 0": encode([0, 0], 0xff, info),
    "other filling": encode([0, 1], 0xfe, info),
    "no DigestInfo": encode([0, 1], 0xff, digest),
    "DigestInfo of SHA-1": encode(
      [0, 1],
      0xff,
      Buffer.concat([Buffer.from(DIGEST_INFOS.sha1, "hex"), digest]),
    ),
    "DigestInfo without NULL": encode([0, 1], 0xff, withoutNull(info)),
    "a byte after the hash": encode([0, 1], 0xff, info, 1),
    "short filling and much after the hash": encode([0, 1], 0xff, info, size - 3 - info.length - 8),
    "no filling": encode([0, 1], 0xff, info, size - 3 - info.length),
  };
  for (const [name, message] of Object.entries(variants)) {
    const signature = privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, message);
    yield { name: `padding: ${name}`, token: withSignature(input, signature) };
  }
}

/** The same AlgorithmIdentifier without its parameters. */
function withoutNull(info: Buffer): Buffer {
  const parameters = info.indexOf(Buffer.from("050004", "hex"));
  const bytes = Buffer.concat([info.subarray(0, parameters), info.subarray(parameters + 2)]);
  bytes.writeUInt8(bytes.readUInt8(1) - 2, 1);
  bytes.writeUInt8(bytes.readUInt8(3) - 2, 3);
  return bytes;
}

function toInteger(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
}

function toBytes(value: bigint, width: number): Buffer {
  return Buffer.from(value.toString(16).padStart(2 * width, "0"), "hex");
}
