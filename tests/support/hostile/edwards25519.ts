/** The arithmetic of edwards25519 (RFC 8032 section 5.1), for tests: neither fast nor constant-time. */

export const PRIME: bigint = (1n << 255n) - 19n;
export const ORDER: bigint = (1n << 252n) + 27742317777372353535851937790883648493n;

/** A point in extended homogeneous coordinates (section 5.1.4). */
export interface Point {
  readonly x: bigint;
  readonly y: bigint;
  readonly z: bigint;
  readonly t: bigint;
}

const D = mod(-121665n * invert(121666n));
const IDENTITY: Point = { x: 0n, y: 1n, z: 1n, t: 0n };

export function add(p: Point, q: Point): Point {
  const a = mod((p.y - p.x) * (q.y - q.x));
  const b = mod((p.y + p.x) * (q.y + q.x));
  const c = mod(2n * D * p.t * q.t);
  const d = mod(2n * p.z * q.z);
  const [e, f, g, h] = [b - a, d - c, d + c, b + a];
  return { x: mod(e * f), y: mod(g * h), z: mod(f * g), t: mod(e * h) };
}

/** Multiplies a point, by default the base point. */
export function multiply(scalar: bigint, point: Point = BASE): Point {
  let result = IDENTITY;
  for (let rest = scalar, power = point; rest > 0n; rest >>= 1n, power = add(power, power)) {
    if (rest & 1n) result = add(result, power);
  }
  return result;
}

/** Section 5.1.2. */
export function encode({ x, y, z }: Point): Buffer {
  const inverse = invert(z);
  return encodeY(mod(y * inverse), mod(x * inverse) & 1n);
}

/** Encodes `y` without a reduction, which allows non-canonical encodings. */
function encodeY(y: bigint, sign: bigint): Buffer {
  return toBytes(y | (sign << 255n));
}

/** The point with this `y` and an even `x`, or `undefined` if there is none (section 5.1.3). */
function decodeY(y: bigint): Point | undefined {
  const square = mod((y * y - 1n) * invert(D * y * y + 1n));
  let x = power(square, (PRIME + 3n) / 8n);
  if (mod(x * x) !== square) x = mod(x * power(2n, (PRIME - 1n) / 4n));
  if (mod(x * x) !== square) return undefined;
  if (x & 1n) x = PRIME - x;
  return { x, y, z: 1n, t: mod(x * y) };
}

const BASE: Point = decodeY(mod(4n * invert(5n))) ?? IDENTITY;

/** The seven points with an order that divides 8, except for the identity. */
export const TORSION_POINTS: readonly Point[] = Array.from({ length: 7 }, (_, index) =>
  multiply(BigInt(index + 1), findPointOfOrder8()),
);

/** All encodings of points with an order that divides 8, including non-canonical ones. */
export const SMALL_ORDER_ENCODINGS: readonly Buffer[] = [
  encode(IDENTITY),
  ...TORSION_POINTS.map(encode),
  ...[1n, PRIME - 1n].map((y) => encodeY(y, 1n)), // x is 0 and has no sign
  ...[PRIME, PRIME + 1n].flatMap((y) => [encodeY(y, 0n), encodeY(y, 1n)]),
];

function findPointOfOrder8(): Point {
  for (let y = 2n; ; y += 1n) {
    const point = decodeY(y);
    if (point === undefined) continue;
    const torsion = multiply(ORDER, point);
    if (!encode(multiply(4n, torsion)).equals(encode(IDENTITY))) return torsion;
  }
}

/** Little-endian, 32 bytes. */
export function toBytes(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(64, "0"), "hex").reverse();
}

export function toInteger(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`);
}

function mod(value: bigint, modulus = PRIME): bigint {
  const remainder = value % modulus;
  return remainder < 0n ? remainder + modulus : remainder;
}

function invert(value: bigint): bigint {
  return power(mod(value), PRIME - 2n);
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let rest = exponent, square = base; rest > 0n; rest >>= 1n, square = mod(square * square)) {
    if (rest & 1n) result = mod(result * square);
  }
  return result;
}
