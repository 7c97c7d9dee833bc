import { createPublicKey, createSecretKey } from "node:crypto";
import { deflateRawSync } from "node:zlib";
import { forge, goodClaims } from "../forge.ts";
import { attackerKey, forgedClaims, isHmac, type HostileToken, type Target } from "./target.ts";

/** Attacks through the parameters of the header (RFC 7515 section 4, RFC 8725 sections 3.8 to 3.12). */
export function* headerTokens(target: Target): Generator<HostileToken> {
  yield* wellSignedParameters(target);
  yield* wellSignedOddities(target);
  yield* smuggledKeys(target);
  yield* forgedKeyIds(target);
  yield* unencodedPayloads(target);
}

/** The signature is good, the header is not. */
function* wellSignedParameters({ algorithm, key }: Target): Generator<HostileToken> {
  const headers: Record<string, readonly unknown[]> = {
    crit: [[], null, "exp", {}, true, 0, ["exp"], ["alg"], ["b64"], [5], [""], ["crit"]],
    b64: [false, true, null, 0, "false"],
    typ: [
      ...["at+jwt", "application/at+jwt", "JOSE", "JWE", "dpop+jwt", "secevent+jwt", "logout+jwt"],
      ...["JWT ", " JWT", "JWT\0", "JWTX", "ＪＷＴ", "", null, 5, true, [], ["JWT"], {}],
    ],
    kid: [null, 0, 1, true, [], ["k"], {}, { $ne: null }],
  };
  for (const [name, values] of Object.entries(headers)) {
    for (const value of values) {
      const header = { alg: algorithm, typ: "JWT", [name]: value };
      const token = forge(algorithm, key, goodClaims(), header);
      yield { name: `well signed, ${name} ${JSON.stringify(value)}`, token };
    }
  }
  const withB64 = { alg: algorithm, typ: "JWT", crit: ["b64"] };
  for (const b64 of [true, false]) {
    const token = forge(algorithm, key, goodClaims(), { ...withB64, b64 });
    yield { name: `well signed, crit b64 with b64 ${b64}`, token };
  }
  const declared = { alg: algorithm, crit: ["http://example.com/x"], "http://example.com/x": true };
  yield {
    name: "well signed, crit with an extension that is there",
    token: forge(algorithm, key, goodClaims(), declared),
  };
  const inflated = deflateRawSync(JSON.stringify(goodClaims()));
  yield {
    name: "well signed, zip with a compressed payload",
    token: forge(algorithm, key, inflated, { alg: algorithm, typ: "JWT", zip: "DEF" }),
  };
  for (const typ of ["JWT", undefined]) {
    const inner = forge(algorithm, key);
    const header = { alg: algorithm, typ, cty: "JWT" };
    yield { name: "well signed, a token in a token", token: forge(algorithm, key, inner, header) };
  }
}

/** The signature is good, and the header is no JSON object in UTF-8 that names the algorithm. */
function* wellSignedOddities({ algorithm, key }: Target): Generator<HostileToken> {
  const good = JSON.stringify({ alg: algorithm, typ: "JWT" });
  const utf16 = Buffer.from(good, "utf16le");
  const headers: Record<string, string | Uint8Array> = {
    "an empty object": "{}",
    "an array": `[${good}]`,
    "a string": JSON.stringify(algorithm),
    null: "null",
    "a number": "256",
    true: "true",
    empty: "",
    "a blank": " ",
    "not JSON": "header",
    "behind a byte order mark": `\ufeff${good}`,
    "in UTF-16": utf16,
    "in UTF-16, big-endian": Buffer.from(utf16).swap16(),
    "cut off": good.slice(0, -1),
    "with a comma too many": `${good.slice(0, -1)},}`,
    "in single quotes": good.replaceAll('"', "'"),
    "two documents": good + good,
    "with a comment": `${good}// x`,
    "with NaN": `${good.slice(0, -1)},"x":NaN}`,
    "with an invalid byte": withByte(good, 0xff),
    "with a byte of Latin-1": withByte(good, 0xe9),
    "with an overlong NUL": withByte(good, 0xc0, 0x80),
    "with a surrogate in UTF-8": withByte(good, 0xed, 0xa0, 0x80),
    "2,000 arrays deep": "[".repeat(2000) + "]".repeat(2000),
    "2,000 brackets that stay open": "[".repeat(2000),
    "typ twice, at+jwt last": `{"alg":"${algorithm}","typ":"JWT","typ":"at+jwt"}`,
    "crit under an escaped name": `{"alg":"${algorithm}","cri\\u0074":["exp"]}`,
  };
  for (const [name, header] of Object.entries(headers)) {
    const token = forge(algorithm, key, goodClaims(), header);
    yield { name: `well signed, header ${name}`, token };
  }
}

function withByte(header: string, ...bytes: number[]): Buffer {
  const [start, end] = ['{"kid":"', `",${header.slice(1)}`].map((text) => Buffer.from(text));
  return Buffer.concat([start ?? Buffer.of(), Buffer.from(bytes), end ?? Buffer.of()]);
}

/** The attacker signs, and the header brings the key along or says where to fetch it (CVE-2018-0114). */
function* smuggledKeys({ algorithm }: Target): Generator<HostileToken> {
  const key = attackerKey(algorithm);
  const shown = isHmac(algorithm) ? key : createPublicKey(key);
  const jwk = { ...shown.export({ format: "jwk" }), kid: "k", alg: algorithm, use: "sig" };
  const certificate = isHmac(algorithm)
    ? "MIIB"
    : createPublicKey(key).export({ type: "spki", format: "der" }).toString("base64");
  const parameters: Record<string, object> = {
    jwk: { jwk },
    "jwk and kid": { jwk, kid: "k" },
    jwks: { jwks: { keys: [jwk] } },
    jku: { jku: "http://127.0.0.1:9/jwks.json", kid: "k" },
    "jku in a file": { jku: "file:///etc/passwd" },
    "jku with the key in it": { jku: `data:application/json,${encodeURIComponent("{}")}` },
    x5u: { x5u: "http://127.0.0.1:9/certificate.pem" },
    x5c: { x5c: [certificate] },
    "x5c and x5t": { x5c: [certificate], x5t: "AAAA", "x5t#S256": "AAAA" },
  };
  for (const [name, parameter] of Object.entries(parameters)) {
    const header = { alg: algorithm, typ: "JWT", ...parameter };
    yield {
      name: `the attacker's key by ${name}`,
      token: forge(algorithm, key, forgedClaims(), header),
    };
  }
}

/** Key identifiers that name a key which the attacker knows, where a key is looked up by them. */
function* forgedKeyIds({ algorithm }: Target): Generator<HostileToken> {
  const kids = [
    ...["../../../../../../dev/null", "/dev/null", "file:///dev/null", "C:\\Windows\\win.ini"],
    ...["' UNION SELECT '' --", "x' OR '1'='1", "| whoami", "$(id)", "`id`", "k\r\nX-Injected: 1"],
    ...["__proto__", "constructor", "toString", "", "\0", "k".repeat(4096)],
  ];
  const hmac = isHmac(algorithm) ? algorithm : "HS256";
  for (const kid of kids) {
    for (const secret of ["", "\0"]) {
      const header = { alg: hmac, typ: "JWT", kid };
      yield {
        name: `kid ${JSON.stringify(kid.slice(0, 30))}, keyed with ${JSON.stringify(secret)}`,
        token: forge(hmac, createSecretKey(Buffer.from(secret)), forgedClaims(), header),
      };
    }
  }
}

/** RFC 7797: the payload travels as it is, and a reader who decodes it sees other claims. */
function* unencodedPayloads(target: Target): Generator<HostileToken> {
  const { algorithm } = target;
  const header = { alg: algorithm, b64: false, crit: ["b64"] };
  const [head, , signature] = forge(algorithm, target.key, goodClaims(), header).split(".");
  const claims = JSON.stringify(goodClaims());
  yield { name: "an unencoded payload", token: [head, claims, signature].join(".") };
  yield { name: "a detached payload", token: [head, "", signature].join(".") };
  yield {
    name: "an unencoded payload without a comma",
    token: [head, "claims", signature].join("."),
  };
}
