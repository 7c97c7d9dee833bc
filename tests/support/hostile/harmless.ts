import { AUDIENCE, forge, goodClaims, nowInSeconds } from "../forge.ts";
import type { Target } from "./target.ts";

/** An unusual but valid token, which must be accepted. */
export interface HarmlessToken {
  readonly name: string;
  readonly token: string;
  readonly sub: string;
}

export function* harmlessTokens({ algorithm, key }: Target): Generator<HarmlessToken> {
  const headers: Record<string, object | string> = {
    "no typ": { alg: algorithm },
    "typ in lower case": { alg: algorithm, typ: "jwt" },
    "members in another order": { typ: "JWT", alg: algorithm },
    "spaces in the header": `{"alg": "${algorithm}", "typ": "JWT"}`,
    "a kid": { alg: algorithm, typ: "JWT", kid: "2026-11" },
    "an empty kid": { alg: algorithm, typ: "JWT", kid: "" },
    "a kid that is a path": { alg: algorithm, typ: "JWT", kid: "../../../../dev/null" },
    "a kid named like a prototype": { alg: algorithm, typ: "JWT", kid: "__proto__" },
    "a kid of 4,096 characters": { alg: algorithm, typ: "JWT", kid: "k".repeat(4096) },
    "a jku, which is ignored": { alg: algorithm, typ: "JWT", jku: "http://127.0.0.1:9/" },
    "an unknown parameter": { alg: algorithm, typ: "JWT", "x-made-by": "us" },
  };
  for (const [name, header] of Object.entries(headers)) {
    yield { name, token: forge(algorithm, key, goodClaims(), header), sub: "42" };
  }
  const now = nowInSeconds();
  const claims: Record<string, Record<string, unknown>> = {
    "one audience as a string": { aud: AUDIENCE },
    "our audience among others": { aud: ["x", AUDIENCE, "y"] },
    "our audience twice": { aud: [AUDIENCE, AUDIENCE] },
    "exp with a fraction": { exp: now + 600.5 },
    "exp in the year 2286": { exp: 9_999_999_999 },
    "nbf and iat now": { nbf: now, iat: now },
    "nbf before 1970": { nbf: -1 },
    "a jti": { jti: "x" },
    "a claim named constructor": { constructor: { prototype: { isAdmin: true } } },
    "700 members with numbers as names": Object.fromEntries(Array(700).fill(0).entries()),
  };
  for (const [name, change] of Object.entries(claims)) {
    yield { name, token: forge(algorithm, key, goodClaims(change)), sub: "42" };
  }
  const nested = JSON.stringify(goodClaims({ deep: 0 }));
  for (const [open, close] of [
    ["[", "]"],
    ['{"a":', "}"],
  ] as const) {
    const depth = open === "[" ? 2500 : 800;
    const payload = nested.replace(
      '"deep":0',
      `"deep":${open.repeat(depth)}0${close.repeat(depth)}`,
    );
    yield {
      name: `a claim ${depth} ${open} deep`,
      token: forge(algorithm, key, payload),
      sub: "42",
    };
  }
  const subs = [
    ...["__proto__", "constructor", "toString", "../../etc/passwd", "' OR 1=1 --", "a\r\nb", "\0"],
    ...[
      "null",
      "undefined",
      "true",
      "0",
      '{"$ne":null}',
      "é",
      "😀",
      "\u2028",
      " ",
      "x".repeat(3000),
    ],
  ];
  for (const sub of subs) {
    const name = `the id ${JSON.stringify(sub.slice(0, 30))}`;
    yield { name, token: forge(algorithm, key, goodClaims({ sub })), sub };
  }
}
