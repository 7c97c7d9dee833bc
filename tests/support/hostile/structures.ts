import { base64url, forge, goodClaims } from "../forge.ts";
import { forgedClaims, type HostileToken, type Target } from "./target.ts";

/** Values that are not a single JWS in compact serialization, or that are too long (RFC 7515 section 7). */
export function* structureTokens(target: Target): Generator<HostileToken> {
  yield* segmentCounts(target);
  yield* severalTokens(target);
  yield* otherSerializations(target);
  yield* encrypted();
  yield* oversized(target);
}

function* segmentCounts({ valid }: Target): Generator<HostileToken> {
  const [header = "", payload = "", signature = ""] = valid.split(".");
  const texts = {
    empty: "",
    "one dot": ".",
    "two dots": "..",
    "three dots": "...",
    "one segment": header,
    "two segments": `${header}.${payload}`,
    "no header": `.${payload}.${signature}`,
    "no payload": `${header}..${signature}`,
    "an empty segment first": `.${valid}`,
    "an empty segment last": `${valid}.`,
    "four segments": `${valid}.${signature}`,
    "five segments": `${valid}.${payload}.${signature}`,
    "signature first": `${signature}.${header}.${payload}`,
    "payload first": `${payload}.${header}.${signature}`,
  };
  for (const [name, token] of Object.entries(texts)) yield { name, token };
  for (const token of ["null", "undefined", "[object Object]", "true", "0", "NaN", "{}", "-"]) {
    yield { name: `the string ${token}`, token };
  }
}

function* severalTokens({ valid }: Target): Generator<HostileToken> {
  const joints = [" ", ", ", ",", ";", ".", "", "\n", "\r\nAuthorization: Bearer "];
  for (const joint of joints) {
    const token = [valid, valid].join(joint);
    yield { name: `two tokens joined by ${JSON.stringify(joint)}`, token };
  }
  yield { name: "the scheme twice", token: `Bearer ${valid}` };
  yield { name: "a parameter", token: `token=${valid}` };
  yield { name: "a quoted parameter", token: `token="${valid}"` };
  yield { name: "an injected line", token: `${valid}\r\nX-Injected: 1` };
}

function* otherSerializations({ valid }: Target): Generator<HostileToken> {
  const [header, payload, signature] = valid.split(".");
  const flattened = { protected: header, payload, signature };
  const general = { payload, signatures: [{ protected: header, signature }] };
  yield { name: "flattened JSON serialization", token: JSON.stringify(flattened) };
  yield { name: "general JSON serialization", token: JSON.stringify(general) };
  yield { name: "JSON serialization in base64url", token: base64url(JSON.stringify(flattened)) };
  // A polyglot: split at dots it is a compact token, parsed as JSON it has other claims (CVE-2022-39227).
  const polyglot = `{"${valid}":"","payload":"${base64url(JSON.stringify(forgedClaims()))}"}`;
  yield { name: "compact and JSON serialization at once", token: polyglot };
}

/** JWE, including headers that request expensive work before any authentication (CVE-2022-36083, CVE-2024-28176). */
function* encrypted(): Generator<HostileToken> {
  const salt = base64url("saltsalt");
  const headers: Record<string, object> = {
    "RSA-OAEP": { alg: "RSA-OAEP", enc: "A256GCM" },
    dir: { alg: "dir", enc: "A128CBC-HS256" },
    "a compressed JWE": { alg: "dir", enc: "A256GCM", zip: "DEF" },
    "2^31 rounds of PBKDF2": {
      alg: "PBES2-HS256+A128KW",
      enc: "A128GCM",
      p2s: salt,
      p2c: 2 ** 31 - 1,
    },
  };
  for (const [name, header] of Object.entries(headers)) {
    const segments = [JSON.stringify(header), "key", "iv", "ciphertext", "tag"].map(base64url);
    yield { name: `JWE: ${name}`, token: segments.join(".") };
    yield { name: `JWE in three segments: ${name}`, token: segments.slice(0, 3).join(".") };
  }
}

function* oversized({ algorithm, key, valid }: Target): Generator<HostileToken> {
  const big = (length: number): string =>
    forge(algorithm, key, goodClaims({ filler: "x".repeat(length) }));
  yield { name: "valid signature, slightly too long", token: big(6200) };
  yield { name: "valid signature, 12 KB long", token: big(9000) };
  yield { name: "valid signature, 1 MB long", token: big(800_000) };
  for (const count of [8000, 12_000, 1_000_000]) {
    yield { name: `${count} dots`, token: ".".repeat(count) };
    yield { name: `${count} letters`, token: "A".repeat(count) };
    yield { name: `${count} dots at the end`, token: valid + ".".repeat(count) };
    yield { name: `${count} letters at the end`, token: valid + "A".repeat(count) };
  }
  yield {
    name: "a single invalid character after 8,000 valid ones",
    token: `${"A".repeat(8000)}!.A.A`,
  };
}
