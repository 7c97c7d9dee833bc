import { base64url, goodClaims } from "../forge.ts";
import { signText, signingInput, type HostileToken, type Target } from "./target.ts";

/** Other spellings of a token that is good (RFC 4648 sections 3.5 and 12, RFC 7515 section 2). */
export function* encodingTokens(target: Target): Generator<HostileToken> {
  yield* otherLastCharacters(target);
  yield* signedSpellings(target);
  yield* foreignCharacters(target);
  yield* wholeTokenSpellings(target);
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const SEGMENT_NAMES = ["header", "payload", "signature"] as const;

/** Up to 15 of them decode to the very same signature. */
function* otherLastCharacters({ valid }: Target): Generator<HostileToken> {
  for (const character of ALPHABET) {
    const token = valid.slice(0, -1) + character;
    if (token !== valid) yield { name: `last character ${character}`, token };
  }
  for (const more of ["A", "AA", "AAA", "AAAA", "=", "=="]) {
    yield { name: `${more} at the end`, token: valid + more };
  }
}

/** The owner of the key signs the text as it is: the signature is valid. */
function* signedSpellings(target: Target): Generator<HostileToken> {
  const { algorithm } = target;
  const header = JSON.stringify({ alg: algorithm, typ: "JWT" });
  const payload = JSON.stringify(goodClaims({ name: "??>>~~" }));
  const spellings: Record<string, (segment: string) => string> = {
    "with a bit that decodes to nothing": (segment) =>
      segment.slice(0, -1) + ALPHABET.charAt(ALPHABET.indexOf(segment.slice(-1)) + 1),
    "with a dangling character": (segment) => `${segment}AAA`,
    "with padding": (segment) => `${segment}==`,
  };
  for (const [name, spell] of Object.entries(spellings)) {
    // One byte more than a multiple of three: the last character then has four unused bits.
    const [head, body] = [header, payload].map((text) => base64url(padToRemainder(text)));
    const input = (first: string, second: string): string => signText(target, `${first}.${second}`);
    yield { name: `signed header ${name}`, token: input(spell(head ?? ""), body ?? "") };
    yield { name: `signed payload ${name}`, token: input(head ?? "", spell(body ?? "")) };
  }
  const standard = Buffer.from(payload).toString("base64").replace(/=+$/, "");
  yield {
    name: "signed payload in the alphabet with + and /",
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

const FOREIGN = [
  ...[" ", "\t", "\n", "\r\n", "\0", "\v", "\u007f", "\u00a0", "\u2028", "\u200b", "\ufeff"],
  ...['"', "'", "\\", ",", ";", "=", "+", "/", "~", "*", "%2E", "%20", "%0a", "\u00e9", "\ud800"],
];

function* foreignCharacters({ valid }: Target): Generator<HostileToken> {
  const segments = valid.split(".");
  for (const [index, name] of SEGMENT_NAMES.entries()) {
    const segment = segments[index] ?? "";
    const replaced = (text: string): string => segments.with(index, text).join(".");
    for (const foreign of FOREIGN) {
      const token = replaced(segment.slice(0, 5) + foreign + segment.slice(5));
      yield { name: `${JSON.stringify(foreign)} inside the ${name}`, token };
    }
    yield { name: `padding after the ${name}`, token: replaced(`${segment}=`) };
    // Node's decoder looks at the low byte alone: U+0141 is read as "A".
    const aliased = String.fromCharCode(segment.charCodeAt(0) + 0x100) + segment.slice(1);
    yield { name: `the ${name}'s first character plus 0x100`, token: replaced(aliased) };
    const escaped = encodeURIComponent(aliased);
    yield { name: `the ${name}'s first character plus 0x100, escaped`, token: replaced(escaped) };
    const reencoded = base64url(segment);
    yield { name: `the ${name} encoded twice`, token: replaced(reencoded) };
  }
}

function* wholeTokenSpellings({ valid }: Target): Generator<HostileToken> {
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
  yield { name: "in capitals", token: valid.toUpperCase() };
  yield { name: "in small letters", token: valid.toLowerCase() };
  yield { name: "with escaped dots", token: valid.replaceAll(".", "%2E") };
  yield { name: "with full-width dots", token: valid.replaceAll(".", "．") };
  yield { name: "in double quotes", token: `"${valid}"` };
  yield { name: "in single quotes", token: `'${valid}'` };
  yield { name: "in angle brackets", token: `<${valid}>` };
  yield { name: "encoded as a whole", token: base64url(valid) };
  yield { name: "its end first", token: Buffer.from(valid).reverse().toString() };
}
