import fc from "fast-check";
import { AUDIENCE, base64url, forge } from "../forge.ts";
import { ALGORITHMS } from "../keys.ts";
import type { Target } from "../hostile/target.ts";

/** The time of these tests in seconds: an integer, because other libraries round the clock down. */
export const NOW = 1_800_000_000;

/**
 * Generates valid and almost valid tokens: signed tokens with generated headers and claims, strings
 * that result from a few changes of such tokens, and unsigned combinations of parts.
 *
 * A signature of ES384 or ES512 takes milliseconds, to create and to verify. For these only one
 * token in 30 reaches the check of the signature.
 */
export function generateTokens(target: Target, seed: number): fc.Arbitrary<string> {
  const { algorithm, key } = target;
  const parts = fc.tuple(headers(target), payloads);
  const signed = fc
    .sample(parts, { numRuns: SIGNED_COUNTS[algorithm] ?? 1000, seed })
    .map(([header, payload]) => forge(algorithm, key, payload, header));
  const anySigned = fc.constantFrom(...signed);
  const changed = fc
    .tuple(anySigned, anySigned, fc.array(changes, { minLength: 1, maxLength: 2 }))
    .map(([token, other, list]) => list.reduce((text, change) => change(text, other), token));
  const unsigned = fc
    .tuple(parts, anySigned, signatures)
    .map(([[header, payload], token, signature]) =>
      [base64url(header), base64url(payload), signature(token.split(".")[2] ?? "")].join("."),
    );
  const any = fc.oneof(
    { weight: 4, arbitrary: anySigned },
    { weight: 5, arbitrary: changed },
    { weight: 1, arbitrary: unsigned },
  );
  if (algorithm !== "ES384" && algorithm !== "ES512") return any;
  const refusedEarly = fc
    .tuple(any, anySigned, earlyChanges(algorithm))
    .map(([token, other, change]) => change(token, other));
  return fc.oneof({ weight: 1, arbitrary: any }, { weight: 29, arbitrary: refusedEarly });
}

/** The number of signed tokens; the others are changes of these. For RSA, 1,000 are signed. */
const SIGNED_COUNTS: Readonly<Record<string, number>> = {
  HS256: 10_000,
  HS384: 10_000,
  HS512: 10_000,
  ES256: 5_000,
  EdDSA: 5_000,
  Ed25519: 5_000,
  ES384: 300,
  ES512: 300,
};

type Text = string | Buffer;

/** JSON of valid and almost valid values for each claim. */
const CLAIM_VALUES: Readonly<Record<string, readonly string[]>> = {
  sub: ['"42"', '"é"', '" "', '""', "42", "null", "true", '["42"]', '{"$ne":null}', '"\\ud800"'],
  aud: [
    ...[`"${AUDIENCE}"`, `["${AUDIENCE}"]`, `["x","${AUDIENCE}"]`, `["${AUDIENCE}","${AUDIENCE}"]`],
    ...['"other"', '["other"]', "[]", '""', "null", "42", "{}", `["${AUDIENCE}",1]`],
    ...[`[["${AUDIENCE}"]]`, `["${AUDIENCE}",null]`, `"${AUDIENCE} "`, `{"0":"${AUDIENCE}"}`],
  ],
  exp: [...times(), '"9999999999"', "null", "true", "[]", "{}"],
  nbf: [...times(), '"5"', "null", "false", "[]", "{}"],
  iat: [...times(), '"5"', "null", "false", "[]", "{}"],
  iss: ['"us"', '""', "5", "null", '["us"]', "{}"],
  jti: ['"x"', '""', "5", "null", "{}", "[]"],
  ["__proto__"]: ["{}", "null", '"x"', '{"sub":"admin"}'],
  constructor: ["{}", '"x"'],
  scope: ['"a b"', '["a"]', "null"],
  "\\u0073ub": ['"42"', "42"],
};

function times(): readonly string[] {
  const offsets = [-3600, -1, -0.5, 0, 0.5, 1, 3600, 1e9];
  return [
    ...offsets.map((offset) => String(NOW + offset)),
    ...["0", "-1", "1.5", "1e308", "1e999", "-1e999", `${NOW}000`],
    ...["253402300799", "253402300799.5", "253402300800"],
  ];
}

function headerValues(algorithm: string): Readonly<Record<string, readonly string[]>> {
  const own = JSON.stringify(algorithm);
  return {
    alg: [
      ...[own, own, own, '"none"', '"None"', '""', "null", `[${own}]`, own.toLowerCase()],
      ...ALGORITHMS.map((name) => JSON.stringify(name)),
    ],
    typ: [
      '"JWT"',
      '"jwt"',
      '"application/jwt"',
      '"x/jwt"',
      '"at+jwt"',
      '"JOSE"',
      '""',
      "null",
      "5",
      '["JWT"]',
      '"JWT "',
    ],
    kid: ['"k"', '""', '"__proto__"', '"é"', "null", "5", '["k"]', "{}"],
    crit: ['["exp"]', '["b64"]', "[]", "null", '"exp"', '["alg"]'],
    b64: ["true", "false", "null"],
    jku: ['"http://127.0.0.1:9/"'],
    jwk: ['{"kty":"oct","k":"AAAA"}'],
    zip: ['"DEF"'],
    cty: ['"JWT"'],
    ["__proto__"]: ['{"alg":"none"}'],
    x: ["1", "[[]]"],
  };
}

/** JSON text of an object: some of the usual members, then others; members may repeat. */
function objects(
  usual: readonly (readonly [name: string, json: string])[],
  values: Readonly<Record<string, readonly string[]>>,
): fc.Arbitrary<string> {
  const known = fc.oneof(
    ...Object.entries(values).map(([name, texts]) =>
      fc.constantFrom(...texts).map((json) => [name, json] as const),
    ),
  );
  const unknown = fc
    .tuple(fc.constantFrom("sub", "aud", "exp", "nbf", "iat", "jti", "iss", "x"), fc.jsonValue())
    .map(([name, value]) => [name, JSON.stringify(value)] as const);
  const others = fc.oneof({ weight: 8, arbitrary: known }, { weight: 1, arbitrary: unknown });
  const kept = fc.oneof(
    { weight: 5, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.shuffledSubarray([...usual]) },
  );
  return fc
    .tuple(kept, fc.array(others, { maxLength: 2 }))
    .map(
      ([first, then]) => `{${[...first, ...then].map(([n, json]) => `"${n}":${json}`).join(",")}}`,
    );
}

/** Forms of a JSON document, most of them broken. */
const FORMS: readonly ((text: string) => Text)[] = [
  (text) => ` ${text}\n`,
  (text) => `\ufeff${text}`,
  (text) => `[${text}]`,
  (text) => JSON.stringify(text),
  (text) => text + text,
  (text) => text.slice(0, -1),
  (text) => text.replaceAll('"', "'"),
  (text) => Buffer.from(text, "utf16le"),
  (text) =>
    Buffer.concat([
      Buffer.from(text.replace(/\}$/, ',"y":"')),
      Buffer.from([0xff]),
      Buffer.from('"}'),
    ]),
  () => "null",
  () => "[]",
  () => '"42"',
  () => "",
  () => "text",
];

function documents(texts: fc.Arbitrary<string>): fc.Arbitrary<Text> {
  return fc.oneof(
    { weight: 12, arbitrary: texts },
    {
      weight: 1,
      arbitrary: fc.tuple(texts, fc.constantFrom(...FORMS)).map(([text, form]) => form(text)),
    },
  );
}

const payloads = documents(
  objects(
    [
      ["sub", '"42"'],
      ["aud", `["${AUDIENCE}"]`],
      ["exp", String(NOW + 3600)],
    ],
    CLAIM_VALUES,
  ),
);

/** Half of the headers are usual, so that the payloads are read. */
function headers({ algorithm }: Target): fc.Arbitrary<Text> {
  const usual = [
    ["alg", JSON.stringify(algorithm)],
    ["typ", '"JWT"'],
  ] as const;
  return fc.oneof(
    fc.constant(JSON.stringify({ alg: algorithm, typ: "JWT" })),
    documents(objects(usual, headerValues(algorithm))),
  );
}

/** Signatures for unsigned parts. */
const signatures: fc.Arbitrary<(borrowed: string) => string> = fc.oneof(
  fc.constantFrom(
    (borrowed: string) => borrowed,
    () => "",
    () => "AA",
    (borrowed: string) =>
      Buffer.alloc(Buffer.byteLength(borrowed, "base64url")).toString("base64url"),
  ),
  fc.uint8Array({ minLength: 1, maxLength: 140 }).map((bytes) => () => base64url(bytes)),
);

/** A change of a token that may use parts of another token. */
type Change = (token: string, other: string) => string;

const position = fc.nat({ max: 0x7fffffff });
const characters = fc.constantFrom(...Array.from("AQgwZz019-_.+/= \n\0é"), "\ud800", "..", "AAAA");
const segmentIndex = fc.nat({ max: 2 });

const changes: fc.Arbitrary<Change> = fc.oneof(
  fc.tuple(position, characters).map(([at, text]): Change => replaceAt(at, 1, text)),
  fc.tuple(position, characters).map(([at, text]): Change => replaceAt(at, 0, text)),
  position.map((at): Change => replaceAt(at, 1, "")),
  characters.map(
    (text): Change =>
      (token) =>
        token + text,
  ),
  characters.map(
    (text): Change =>
      (token) =>
        text + token,
  ),
  position.map(
    (at): Change =>
      (token) =>
        token.slice(0, at % (token.length + 1)),
  ),
  // A segment of another token, or in another place.
  segmentIndex.map((index): Change => (token, other) => {
    return changeSegment(token, index, () => other.split(".")[index] ?? "");
  }),
  fc.shuffledSubarray([0, 1, 2], { minLength: 1, maxLength: 3 }).map(
    (order): Change =>
      (token) =>
        order.map((index) => token.split(".")[index]).join("."),
  ),
  // Another last character: up to 15 of them decode to the same bytes.
  fc.tuple(segmentIndex, characters).map(([index, text]): Change => (token) => {
    return changeSegment(token, index, (segment) => segment.slice(0, -1) + text);
  }),
  // Other bytes in canonical base64url.
  fc.tuple(segmentIndex, position, fc.integer({ min: 1, max: 255 })).map(
    ([index, at, bits]): Change =>
      (token) =>
        changeBytes(token, index, flip(at, bits)),
  ),
  fc.tuple(segmentIndex, fc.nat({ max: 3 })).map(([index, count]): Change => (token) => {
    return changeBytes(token, index, (bytes) => bytes.subarray(count));
  }),
  fc.tuple(segmentIndex, fc.nat({ max: 3 })).map(([index, count]): Change => (token) => {
    return changeBytes(token, index, (bytes) => bytes.subarray(0, bytes.length - count));
  }),
  segmentIndex.map((index): Change => (token) => {
    return changeBytes(token, index, (bytes) => Buffer.concat([Buffer.of(0), bytes]));
  }),
  // Other alphabets and encodings.
  segmentIndex.map((index): Change => (token) => {
    return changeSegment(token, index, (segment) =>
      Buffer.from(segment, "base64url").toString("base64"),
    );
  }),
  segmentIndex.map(
    (index): Change =>
      (token) =>
        changeSegment(token, index, base64url),
  ),
  fc.constant<Change>((token) => token.toUpperCase()),
);

/** Changes after which libraries refuse a token before they verify the signature. */
function earlyChanges(algorithm: string): fc.Arbitrary<Change> {
  const others = ALGORITHMS.filter((name) => name !== algorithm);
  return fc.oneof(
    fc.tuple(fc.constantFrom<string>("none", "", ...others), fc.jsonValue()).map(
      ([alg, x]): Change =>
        (token) =>
          changeSegment(token, 0, () => base64url(JSON.stringify({ alg, x }))),
    ),
    fc.string().map(
      (text): Change =>
        (token) =>
          changeSegment(token, 0, () => base64url(text)),
    ),
    segmentIndex.map(
      (index): Change =>
        (token) =>
          changeSegment(token, index, () => ""),
    ),
    fc
      .tuple(position, fc.constantFrom(" ", "=", ".", "é", "\0"))
      .map(([at, text]): Change => replaceAt(at, 0, text)),
    fc.constant<Change>((token, other) => `${token}.${other}`),
  );
}

function replaceAt(at: number, count: number, text: string): Change {
  return (token) => {
    const start = at % (token.length + 1);
    return token.slice(0, start) + text + token.slice(start + count);
  };
}

function changeSegment(token: string, index: number, change: (segment: string) => string): string {
  return token
    .split(".")
    .map((segment, place) => (place === index ? change(segment) : segment))
    .join(".");
}

function changeBytes(token: string, index: number, change: (bytes: Buffer) => Buffer): string {
  return changeSegment(token, index, (segment) =>
    change(Buffer.from(segment, "base64url")).toString("base64url"),
  );
}

function flip(at: number, bits: number): (bytes: Buffer) => Buffer {
  return (bytes) => {
    if (bytes.length === 0) return bytes;
    const changed = Buffer.from(bytes);
    const index = at % bytes.length;
    changed.writeUInt8(changed.readUInt8(index) ^ bits, index);
    return changed;
  };
}
