import { AsyncResource } from "node:async_hooks";
import type { KeyObject } from "node:crypto";
import jsonwebtoken from "jsonwebtoken";
import type { Awaitable } from "../util/awaitable.ts";
import { debug } from "../util/debug.ts";
import { writtenHeader, type WrittenHeader } from "./header.ts";
import type { JwtAlgorithm } from "../keys/algorithms.ts";
import type { KeyEntry } from "../keys/key-entry.ts";
import { startSigningThread, type SignInThread } from "./signing-thread.ts";

/** Signs claims into a token. A promise only where a thread of its own signs. */
export type SignClaims = (claims: object) => Awaitable<string>;

/** One for all strategies: a thread takes megabytes. */
let signInThread: SignInThread | undefined;

/** Outside of the request that happens to come first: the thread would keep its context for ever. */
const startThread = AsyncResource.bind(startSigningThread);

/** Makes the function that signs with a key, in a thread where that takes long. */
export function createSigner(algorithm: JwtAlgorithm, { key, kid }: KeyEntry): SignClaims {
  const options = { algorithm, header: toByteCharacters(writtenHeader(algorithm, kid)) };

  // Given as text, so that jsonwebtoken adds no iat and the bytes are those of fastapi-users.
  function sign(claims: object): string {
    return jsonwebtoken.sign(toAsciiJson(claims), key, options);
  }

  async function signAside(claims: object): Promise<string> {
    try {
      signInThread ??= startThread(jsonwebtoken);
      return await signInThread([toAsciiJson(claims), key, options]);
    } catch {
      debug("no thread signs, so the event loop does");
      return sign(claims);
    }
  }

  return isSlow(key) ? signAside : sign;
}

/** Whether a signature takes milliseconds, and an event loop full of logins would stall. */
function isSlow({
  asymmetricKeyDetails: { modulusLength = 0, namedCurve } = {},
}: KeyObject): boolean {
  return modulusLength > 2048 || namedCurve === "secp521r1";
}

/** A header whose characters are the bytes of UTF-8: jsonwebtoken writes each as one byte. */
function toByteCharacters(header: WrittenHeader): WrittenHeader {
  return JSON.parse(Buffer.from(JSON.stringify(header)).toString("latin1")) as WrittenHeader;
}

/** JSON as Python's `json.dumps` writes it: everything from U+007F up escaped. */
function toAsciiJson(value: object): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
