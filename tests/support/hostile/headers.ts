import { createPublicKey, createSecretKey } from "node:crypto";
import { deflateRawSync } from "node:zlib";
import { forge, goodClaims } from "../forge.ts";
import { attackerKey, forgedClaims, isHmac, type HostileToken, type Target } from "./target.ts";

/** Attacks through the parameters of the header (RFC 7515 section 4, RFC 8725 sections 3.8 to 3.12). */
export function* headerTokens(target: Target): Generator<HostileToken> {
  yield* signedParameters(target);
  yield* signedInvalidHeaders(target);
  yield* embeddedKeys(target);
  yield* forgedKeyIds(target);
  yield* unencodedPayloads(target);
}

/** Tokens with a valid signature and an unsupported header. */
function* signedParameters({ algorithm, key }: Target): Generator<HostileToken> {
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
      yield { name: `valid signature, ${name} ${JSON.stringify(value)}`, token };
    }
  }
  const withB64 = { alg: algorithm, typ: "JWT", crit: ["b64"] };
  for (const b64 of [true, false]) {
    const token = forge(algorithm, key, goodClaims(), { ...withB64, b64 });
    yield { name: `valid signature, crit b64 with b64 ${b64}`, token };
  }
  const declared = { alg: algorithm, crit: ["http://example.com/x"], "http://example.com/x": true };
  yield {
    name: "valid signature, crit with an extension that the header contains",
    token: forge(algorithm, key, goodClaims(), declared),
  };
  const inflated = deflateRawSync(JSON.stringify(goodClaims()));
  yield {
    name: "valid signature, zip with a compressed payload",
    token: forge(algorithm, key, inflated, { alg: algorithm, typ: "JWT", zip: "DEF" }),
  };
  for (const typ of ["JWT", undefined]) {
    const inner = forge(algorithm, key);
    const header = { alg: algorithm, typ, cty: "JWT" };
    yield {
      name: "valid signature, a token in a token",
      token: forge(algorithm, key, inner, header),
    };
  }
}

/** Tokens with a valid signature and a header that is not a JSON object in UTF-8 with the alg. */
function* signedInvalidHeaders({ algorithm, key }: Target): Generator<HostileToken> {
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
    "a space": " ",
    "not JSON": "header",
    "after a byte order mark": `\ufeff${good}`,
    "in UTF-16": utf16,
    "in UTF-16, big-endian": Buffer.from(utf16).swap16(),
    incomplete: good.slice(0, -1),
    "with a trailing comma": `${good.slice(0, -1)},}`,
    "in single quotes": good.replaceAll('"', "'"),
    "two documents": good + good,
    "with a comment": `${good}// x`,
    "with NaN": `${good.slice(0, -1)},"x":NaN}`,
    "with an invalid byte": withByte(good, 0xff),
    "with a byte of Latin-1": withByte(good, 0xe9),
    "with an overlong NUL": withByte(good, 0xc0, 0x80),
    "with a surrogate in UTF-8": withByte(good, 0xed, 0xa0, 0x80),
    "of 2,000 nested arrays": "[".repeat(2000) + "]".repeat(2000),
    "2,000 open brackets": "[".repeat(2000),
    "with a repeated typ, at+jwt last": `{"alg":"${algorithm}","typ":"JWT","typ":"at+jwt"}`,
    "with crit under an escaped name": `{"alg":"${algorithm}","cri\\u0074":["exp"]}`,
  };
  for (const [name, header] of Object.entries(headers)) {
    const token = forge(algorithm, key, goodClaims(), header);
    yield { name: `valid signature, header ${name}`, token };
  }
}

function withByte(header: string, ...bytes: number[]): Buffer {
  const [start, end] = ['{"kid":"', `",${header.slice(1)}`].map((text) => Buffer.from(text));
  return Buffer.concat([start ?? Buffer.of(), Buffer.from(bytes), end ?? Buffer.of()]);
}

/** Tokens of an attacker with the key or its URL in the header (CVE-2018-0114). */
function* embeddedKeys({ algorithm }: Target): Generator<HostileToken> {
  const key = attackerKey(algorithm);
  const published = isHmac(algorithm) ? key : createPublicKey(key);
  const jwk = { ...published.export({ format: "jwk" }), kid: "k", alg: algorithm, use: "sig" };
  const certificate = isHmac(algorithm)
    ? "MIIB"
    : createPublicKey(key).export({ type: "spki", format: "der" }).toString("base64");
  const parameters: Record<string, object> = {
    jwk: { jwk },
    "jwk and kid": { jwk, kid: "k" },
    jwks: { jwks: { keys: [jwk] } },
    jku: { jku: "http://127.0.0.1:9/jwks.json", kid: "k" },
    "jku with a file URL": { jku: "file:///etc/passwd" },
    "jku with a data URL": { jku: `data:application/json,${encodeURIComponent("{}")}` },
    x5u: { x5u: "http://127.0.0.1:9/certificate.pem" },
    x5c: { x5c: [certificate] },
    "x5c and x5t": { x5c: [certificate], x5t: "AAAA", "x5t#S256": "AAAA" },
  };
  for (const [name, parameter] of Object.entries(parameters)) {
    const header = { alg: algorithm, typ: "JWT", ...parameter };
    yield {
      name: `the attacker's key in ${name}`,
      token: forge(algorithm, key, forgedClaims(), header),
    };
  }
}

/** Key IDs that could make a lookup return a key known to the attacker. */
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

/** RFC 7797: an unencoded payload contains other claims after a decoder has read it. */
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
