import { sign as signWithCallback, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import jsonwebtoken from "jsonwebtoken";
import { algorithmRules, type JwtAlgorithm } from "../keys/algorithms.ts";
import type { KeyEntry } from "../keys/key-entry.ts";
import type { Awaitable } from "../util/awaitable.ts";
import { createTokenHeader, type TokenHeader } from "./header.ts";
import { SIGNATURE_PARAMETERS } from "./signature.ts";

/** Signs claims into a token. Returns a promise only if Node's thread pool signs. */
export type SignClaims = (claims: object) => Awaitable<string>;

/** Creates the function that signs with a key. */
export function createSigner(
  algorithm: JwtAlgorithm,
  typ: string,
  { key, kid }: KeyEntry,
): SignClaims {
  const header = createTokenHeader(algorithm, typ, kid);
  return algorithmRules[algorithm].scheme === "eddsa" || isSlow(key)
    ? createThreadPoolSigner(algorithm, key, header)
    : createLibrarySigner(algorithm, key, header);
}

/** Whether a signature takes milliseconds, so that logins would block the event loop. */
function isSlow({
  asymmetricKeyDetails: { modulusLength = 0, namedCurve } = {},
}: KeyObject): boolean {
  return modulusLength > 2048 || namedCurve === "secp521r1";
}

function createLibrarySigner(
  algorithm: JwtAlgorithm,
  key: KeyObject,
  header: TokenHeader,
): SignClaims {
  const options = {
    algorithm: algorithm as jsonwebtoken.Algorithm,
    header: toByteCharacters(header),
  };
  // A payload that is text gets no iat and keeps fastapi-users' bytes.
  return (claims) => jsonwebtoken.sign(toAsciiJson(claims), key, options);
}

/** `jsonwebtoken` signs neither on Node's thread pool nor with Ed25519. */
function createThreadPoolSigner(
  algorithm: JwtAlgorithm,
  key: KeyObject,
  header: TokenHeader,
): SignClaims {
  const { hash, scheme } = algorithmRules[algorithm];
  const privateKey = { key, ...SIGNATURE_PARAMETERS[scheme] };
  const headerSegment = toBase64url(JSON.stringify(header));

  return async function signOnThreadPool(claims) {
    const signingInput = `${headerSegment}.${toBase64url(toAsciiJson(claims))}`;
    const signature = await signAsync(hash, Buffer.from(signingInput), privateKey);
    return `${signingInput}.${signature.toString("base64url")}`;
  };
}

const signAsync = promisify(signWithCallback);

function toBase64url(text: string): string {
  return Buffer.from(text).toString("base64url");
}

/** `jsonwebtoken` writes each character of the header as one byte. */
function toByteCharacters(header: TokenHeader): TokenHeader {
  return JSON.parse(Buffer.from(JSON.stringify(header)).toString("latin1")) as TokenHeader;
}

/** JSON as Python's `json.dumps` writes it, with everything from U+007F up escaped. */
function toAsciiJson(value: object): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
