import { base64url, goodClaims } from "../forge.ts";
import { signText, signingInput, type HostileToken, type Target } from "./target.ts";

/** Other encodings of a valid token (RFC 4648 sections 3.5 and 12, RFC 7515 section 2). */
export function* encodingTokens(target: Target): Generator<HostileToken> {
  yield* otherLastCharacters(target);
  yield* signedEncodings(target);
  yield* invalidCharacters(target);
  yield* wholeTokenEncodings(target);
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const SEGMENT_NAMES = ["header", "payload", "signature"] as const;

/** Up to 15 of these decode to the same signature. */
function* otherLastCharacters({ valid }: Target): Generator<HostileToken> {
  for (const character of ALPHABET) {
    const token = valid.slice(0, -1) + character;
    if (token !== valid) yield { name: `last character ${character}`, token };
  }
  for (const more of ["A", "AA", "AAA", "AAAA", "=", "=="]) {
    yield { name: `${more} at the end`, token: valid + more };
  }
}

/** Tokens with an invalid encoding and a valid signature. */
function* signedEncodings(target: Target): Generator<HostileToken> {
  const { algorithm } = target;
  const header = JSON.stringify({ alg: algorithm, typ: "JWT" });
  const payload = JSON.stringify(goodClaims({ name: "??>>~~" }));
  const encodings: Record<string, (segment: string) => string> = {
    "with an unused bit set": (segment) =>
      segment.slice(0, -1) + ALPHABET.charAt(ALPHABET.indexOf(segment.slice(-1)) + 1),
    "with an additional character": (segment) => `${segment}AAA`,
    "with padding": (segment) => `${segment}==`,
  };
  for (const [name, encode] of Object.entries(encodings)) {
    // With one byte more than a multiple of three, the last character has four unused bits.
    const [head, body] = [header, payload].map((text) => base64url(padToRemainder(text)));
    const input = (first: string, second: string): string => signText(target, `${first}.${second}`);
    yield { name: `signed header ${name}`, token: input(encode(head ?? ""), body ?? "") };
    yield { name: `signed payload ${name}`, token: input(head ?? "", encode(body ?? "")) };
  }
  const standard = Buffer.from(payload).toString("base64").replace(/=+$/, "");
  yield {
    name: "signed payload in base64 instead of base64url",
    token: signText(target, `${base64url(header)}.${standard}`),
  };
  yield {
    name: "signed, with a newline at the end of the payload",
    token: signText(target, `${signingInput(header, payload)}\n`),
  };
}

function padToRemainder(text: string): string {
  return text + " ".repeat((4 - (text.length % 3)) % 3);
}

const INVALID_CHARACTERS = [
  ...[" ", "\t", "\n", "\r\n", "\0", "\v", "\u007f", "\u00a0", "\u2028", "\u200b", "\ufeff"],
  ...['"', "'", "\\", ",", ";", "=", "+", "/", "~", "*", "%2E", "%20", "%0a", "\u00e9", "\ud800"],
];

function* invalidCharacters({ valid }: Target): Generator<HostileToken> {
  const segments = valid.split(".");
  for (const [index, name] of SEGMENT_NAMES.entries()) {
    const segment = segments[index] ?? "";
    const replaced = (text: string): string => segments.with(index, text).join(".");
    for (const character of INVALID_CHARACTERS) {
      const token = replaced(segment.slice(0, 5) + character + segment.slice(5));
      yield { name: `${JSON.stringify(character)} inside the ${name}`, token };
    }
    yield { name: `padding after the ${name}`, token: replaced(`${segment}=`) };
    // The decoder of Node.js reads only the low byte: U+0141 becomes "A".
    const aliased = String.fromCharCode(segment.charCodeAt(0) + 0x100) + segment.slice(1);
    yield { name: `the ${name}'s first character plus 0x100`, token: replaced(aliased) };
    const escaped = encodeURIComponent(aliased);
    yield { name: `the ${name}'s first character plus 0x100, escaped`, token: replaced(escaped) };
    const reencoded = base64url(segment);
    yield { name: `the ${name} encoded twice`, token: replaced(reencoded) };
  }
}

function* wholeTokenEncodings({ valid }: Target): Generator<HostileToken> {
  for (const around of [
    "\n",
    "\r\n",
    "\r",
    " ",
    "\t",
    "\0",
    "\u00a0",
    "\u2028",
    "\ufeff",
    "=",
    ".",
  ]) {
    yield { name: `${JSON.stringify(around)} before`, token: around + valid };
    yield { name: `${JSON.stringify(around)} after`, token: valid + around };
  }
  yield { name: "in upper case", token: valid.toUpperCase() };
  yield { name: "in lower case", token: valid.toLowerCase() };
  yield { name: "with escaped dots", token: valid.replaceAll(".", "%2E") };
  yield { name: "with full-width dots", token: valid.replaceAll(".", "．") };
  yield { name: "in double quotes", token: `"${valid}"` };
  yield { name: "in single quotes", token: `'${valid}'` };
  yield { name: "in angle brackets", token: `<${valid}>` };
  yield { name: "encoded in base64url", token: base64url(valid) };
  yield { name: "reversed", token: Buffer.from(valid).reverse().toString() };
}
