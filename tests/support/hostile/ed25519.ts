import { createHash, type KeyObject } from "node:crypto";
import {
  add,
  encode,
  multiply,
  ORDER,
  PRIME,
  SMALL_ORDER_ENCODINGS,
  toBytes,
  toInteger,
  TORSION_POINTS,
  type Point,
} from "./edwards25519.ts";
import { withSignature, type HostileToken, type Target } from "./target.ts";

/**
 * Signatures that an incomplete Ed25519 verifier accepts (RFC 8032 section 5.1.7). A second valid
 * encoding of a signature would be a second encoding of the token.
 */
export function* ed25519Tokens({ key, publicKey, valid }: Target): Generator<HostileToken> {
  const dot = valid.lastIndexOf(".");
  const input = valid.slice(0, dot);
  const signature = Buffer.from(valid.slice(dot + 1), "base64url");
  const [pointR, scalarS] = [signature.subarray(0, 32), signature.subarray(32)];
  const s = toInteger(scalarS);
  const token = (r: Uint8Array, scalar: bigint | Uint8Array): string =>
    withSignature(input, Buffer.concat([r, typeof scalar === "bigint" ? toBytes(scalar) : scalar]));

  // S must be less than the order; S + n * order satisfies the same equation.
  for (let factor = 1n; s + factor * ORDER < 1n << 256n; factor += 1n) {
    const name = `signature with S + ${factor} * order`;
    yield { name, token: token(pointR, s + factor * ORDER) };
  }
  const scalars: Record<string, bigint> = {
    "0": 0n,
    "1": 1n,
    "the order - 1": ORDER - 1n,
    "the order": ORDER,
    "the order + 1": ORDER + 1n,
    "the order - S": ORDER - s,
    "2^252": 1n << 252n,
    "2^253": 1n << 253n,
    "2^255 - 19": PRIME,
    "2^256 - 1": (1n << 256n) - 1n,
  };
  for (const [name, scalar] of Object.entries(scalars)) {
    yield { name: `signature with S = ${name}`, token: token(pointR, scalar) };
  }
  for (const bit of [5, 6, 7]) {
    const changed = Buffer.from(scalarS);
    changed.writeUInt8(changed.readUInt8(31) | (1 << bit), 31);
    yield { name: `signature with bit ${bit} of the last byte set`, token: token(pointR, changed) };
  }

  for (const [index, point] of SMALL_ORDER_ENCODINGS.entries()) {
    const name = `signature with R = small-order point ${index}`;
    yield { name: `${name}, S = 0`, token: token(point, 0n) };
    yield { name: `${name}, S of the valid token`, token: token(point, s) };
  }
  const flipped = Buffer.from(pointR);
  flipped.writeUInt8(flipped.readUInt8(31) ^ 0x80, 31);
  yield { name: "signature with R of the other sign", token: token(flipped, s) };
  yield { name: "signature with R and S swapped", token: token(scalarS, pointR) };
  yield { name: "signature with R twice", token: token(pointR, pointR) };
  yield {
    name: "signature with S in big-endian",
    token: token(pointR, Buffer.from(scalarS).reverse()),
  };

  if (publicKey === undefined) return;
  for (const [index, torsion] of TORSION_POINTS.entries()) {
    const name = `signature with the small-order point ${index} added to R`;
    yield { name, token: withSignature(input, signWithTorsion(key, input, torsion)) };
  }
}

/**
 * The signature of RFC 8032 section 5.1.6, with a point of small order added to R. Only verifiers
 * that multiply by the cofactor accept it, so that two services could disagree on a token.
 */
export function signWithTorsion(key: KeyObject, input: string, torsion: Point): Buffer {
  const { d = "", x = "" } = key.export({ format: "jwk" });
  const expanded = sha512(Buffer.from(d, "base64url"));
  const clamped = Buffer.from(expanded.subarray(0, 32));
  clamped.writeUInt8(clamped.readUInt8(0) & 248, 0);
  clamped.writeUInt8((clamped.readUInt8(31) & 63) | 64, 31);

  const message = Buffer.from(input);
  const r = toInteger(sha512(expanded.subarray(32), message)) % ORDER;
  const encodedR = encode(add(multiply(r), torsion));
  const h = toInteger(sha512(encodedR, Buffer.from(x, "base64url"), message)) % ORDER;
  return Buffer.concat([encodedR, toBytes((r + h * toInteger(clamped)) % ORDER)]);
}

function sha512(...parts: readonly Uint8Array[]): Buffer {
  return createHash("sha512").update(Buffer.concat(parts)).digest();
}
