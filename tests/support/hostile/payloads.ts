import { AUDIENCE, forge, goodClaims, nowInSeconds } from "../forge.ts";
import type { HostileToken, Target } from "./target.ts";

/** Payloads with a valid signature that are not valid claims (RFC 7519 sections 4 and 7.2). */
export function* payloadTokens(target: Target): Generator<HostileToken> {
  yield* documents(target);
  yield* brokenText(target);
  yield* repeatedMembers(target);
  yield* claimValues(target);
  yield* ages(target);
}

function* documents({ algorithm, key }: Target): Generator<HostileToken> {
  const good = JSON.stringify(goodClaims());
  const utf16 = Buffer.from(good, "utf16le");
  const payloads: Record<string, string | Uint8Array> = {
    null: "null",
    "a string": '"42"',
    "a number": "42",
    true: "true",
    false: "false",
    "an array": "[]",
    "an array of claims": `[${good}]`,
    "an empty object": "{}",
    empty: "",
    "a space": " ",
    "not JSON": "claims",
    "a query string": "sub=42&aud=fastapi-users:auth",
    incomplete: good.slice(0, -1),
    "two documents": good + good,
    "with text after it": `${good} x`,
    "with a NUL after it": `${good}\0`,
    "with a trailing comma": `${good.slice(0, -1)},}`,
    "with a comment": `${good}/* x */`,
    "in single quotes": good.replaceAll('"', "'"),
    "with NaN": good.replace(/"exp":\d+/, '"exp":NaN'),
    "with Infinity": good.replace(/"exp":\d+/, '"exp":Infinity'),
    "after a byte order mark": `\ufeff${good}`,
    "in UTF-16": utf16,
    "in UTF-16, big-endian": Buffer.from(utf16).swap16(),
    "of 2,900 nested arrays": "[".repeat(2900) + "]".repeat(2900),
    "5,000 open brackets": "[".repeat(5000),
    "1,250 open objects": '{"":'.repeat(1250),
  };
  for (const [name, payload] of Object.entries(payloads)) {
    for (const typ of ["JWT", "jwt", undefined]) {
      const token = forge(algorithm, key, payload, { alg: algorithm, typ });
      yield { name: `payload ${name}, typ ${String(typ)}`, token };
    }
  }
}

/** Bytes that are not UTF-8 must not become U+FFFD: the ids of two users could become equal. */
function* brokenText({ algorithm, key }: Target): Generator<HostileToken> {
  const text = {
    "an invalid byte": [0xff],
    "a byte of Latin-1": [0xe9],
    "a continuation byte": [0x80],
    "an incomplete sequence": [0xe2, 0x82],
    "an overlong slash": [0xc0, 0xaf],
    "an overlong NUL": [0xc0, 0x80],
    "a surrogate": [0xed, 0xa0, 0x80],
    "a surrogate pair in CESU-8": [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80],
    "a character past U+10FFFF": [0xf4, 0x90, 0x80, 0x80],
  };
  const [before = "", after = ""] = JSON.stringify(goodClaims({ sub: "42|" })).split("|");
  for (const [name, bytes] of Object.entries(text)) {
    const payload = Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after)]);
    yield { name: `sub with ${name}`, token: forge(algorithm, key, payload) };
  }
  for (const escape of ["\\ud800", "\\udc00", "\\udc00\\ud800", "x\\ud83d"]) {
    const payload = `${before}${escape}${after}`;
    yield { name: `sub with the lone surrogate ${escape}`, token: forge(algorithm, key, payload) };
  }
}

/** JSON.parse returns the last of repeated members, so that the last one must be checked. */
function* repeatedMembers({ algorithm, key }: Target): Generator<HostileToken> {
  const good = JSON.stringify(goodClaims()).slice(0, -1);
  const members = {
    "sub, a number last": `${good},"sub":42}`,
    "sub, an object last": `${good},"sub":{"$ne":null}}`,
    "sub, a number last under an escaped name": `${good},"\\u0073ub":42}`,
    "aud, an unknown one last": `${good},"aud":"other"}`,
    "exp, a string last": `${good},"exp":"9999999999"}`,
    "exp, null last": `${good},"exp":null}`,
  };
  for (const [name, payload] of Object.entries(members)) {
    yield { name: `repeated ${name}`, token: forge(algorithm, key, payload) };
  }
  for (const name of ["exp", "e\\u0078p"]) {
    const token = forge(algorithm, key, `${good},"${name}":1}`);
    yield { name: `repeated exp, a past one last as ${name}`, token, expired: true };
  }
}

/** JSON of the invalid values of each claim; `undefined` omits the claim. */
const BAD_VALUES: Readonly<Record<string, readonly (string | undefined)[]>> = {
  sub: [
    ...[undefined, "null", '""', "42", "0", "1.5", "true", "false", "[]", "{}", '["42"]', "[42]"],
    ...['{"$ne":null}', '{"$gt":""}', '{"length":2}', '{"toString":"42"}', "1e999"],
  ],
  aud: [
    ...[undefined, "null", '""', "[]", "{}", "42", "true", '[""]', '"other"', '["other"]'],
    ...[`"${AUDIENCE} "`, `" ${AUDIENCE}"`, `"${AUDIENCE}/"`, `"${AUDIENCE}\\u0000"`],
    ...[`"${AUDIENCE.slice(0, -1)}"`, `"${AUDIENCE}s"`, `"${AUDIENCE.toUpperCase()}"`],
    ...[`"other,${AUDIENCE}"`, `"other ${AUDIENCE}"`, `"f\u0430stapi-users:auth"`],
    ...[`[["${AUDIENCE}"]]`, `["${AUDIENCE}",1]`, `["${AUDIENCE}",null]`, `["${AUDIENCE}",["x"]]`],
    ...[`{"0":"${AUDIENCE}","length":1}`, `{"${AUDIENCE}":true}`, `["__proto__"]`],
  ],
  exp: [
    ...[undefined, "null", '""', '"9999999999"', '"1e12"', "true", "[]", "[9999999999]", "{}"],
    ...["1e999", "-1e999", "1e308", '{"valueOf":9999999999}'],
  ],
  nbf: ["null", '""', '"5"', "true", "[]", "[5]", "{}", "1e999", "-1e999", "1e308"],
  iat: ["null", '""', '"5"', "true", "[]", "[5]", "{}", "1e999", "-1e999", "1e308"],
  iss: ["null", "1", "true", "[]", '["x"]', "{}", '{"length":1}'],
  jti: ["null", "1", "true", "[]", '["x"]', "{}"],
  ["__proto__"]: ["null", "{}", '"x"', '{"isAdmin":true}'],
};

function* claimValues({ algorithm, key }: Target): Generator<HostileToken> {
  for (const [name, values] of Object.entries(BAD_VALUES)) {
    for (const value of values) {
      const token = forge(algorithm, key, claimsWith(name, value));
      yield { name: `${name} = ${value ?? "missing"}`, token };
    }
  }
  const inherited = `{"__proto__":${JSON.stringify(goodClaims())}}`;
  yield { name: "claims in __proto__", token: forge(algorithm, key, inherited) };
}

/** Written as text, because `JSON.stringify` does not write `__proto__` and `1e999`. */
function claimsWith(name: string, json: string | undefined): string {
  const members = Object.entries(goodClaims())
    .filter(([other]) => other !== name)
    .map(([other, value]) => `"${other}":${JSON.stringify(value)}`);
  if (json !== undefined) members.push(`"${name}":${json}`);
  return `{${members.join(",")}}`;
}

function* ages({ algorithm, key }: Target): Generator<HostileToken> {
  const now = nowInSeconds();
  for (const exp of [now, now - 1, now - 0.5, now - 3600, 1, 0, -1, 1.5, -1e300]) {
    const token = forge(algorithm, key, goodClaims({ exp }));
    yield { name: `exp in the past (${exp - now} s from now)`, token, expired: true };
  }
  // The reason token_expired would imply that all other checks have passed.
  for (const [name, value] of Object.entries({ sub: 42, aud: "other", iat: "5", jti: 5 })) {
    const token = forge(algorithm, key, goodClaims({ exp: now - 1, [name]: value }));
    yield { name: `expired, and ${name} is invalid`, token };
  }
  for (const name of ["nbf", "iat"]) {
    const token = forge(algorithm, key, goodClaims({ [name]: now + 300 }));
    yield { name: `${name} in the future`, token };
    const late = forge(algorithm, key, goodClaims({ exp: now - 1, [name]: now + 300 }));
    yield { name: `expired, and ${name} in the future`, token: late };
  }
}
