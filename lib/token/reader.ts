import type { TokenRefusalReason } from "../errors/auth-errors.ts";
import { algorithmRules, type JwtAlgorithm } from "../keys/algorithms.ts";
import type { KeySet } from "../keys/key-set.ts";
import type { RemoteKeys } from "../keys/remote-key-set.ts";
import type { Awaitable } from "../util/awaitable.ts";
import { cacheVerifiedTokens } from "./cache.ts";
import type { TimesConfig } from "./claims.ts";
import type { ReadResult } from "./codec.ts";
import { splitToken } from "./format.ts";
import { createHeaderReader } from "./header.ts";

export interface ReaderConfig extends TimesConfig {
  readonly tokenTypes: readonly string[];
  readonly maxTokenLength: number;
  readonly cacheSize: number;
}

/**
 * Reads a token, or returns the reason for which it is refused. Returns a promise only if keys must
 * be fetched first, or if claimsSchema is asynchronous and the token is not cached.
 */
export type ReadToken = (token: string | null | undefined) => Awaitable<ReadResult>;

/** Creates the function that reads tokens with keys that do not change. */
export function createTokenReader<Result extends Awaitable<ReadResult>>(
  codec: { readonly verify: (token: string) => Result },
  config: Omit<ReaderConfig, "tokenTypes">,
): (token: unknown) => Result | ReadResult {
  const { maxTokenLength, cacheSize } = config;
  const verify = cacheVerifiedTokens(codec.verify, cacheSize, config);

  return function readToken(token) {
    return checkText(token, maxTokenLength) ?? verify(token as string);
  };
}

/**
 * Creates the function that reads tokens with keys that an issuer publishes. A change of the keys
 * empties the cache. A token with an unknown `kid` causes a fetch of the keys.
 */
export function createRemoteTokenReader(
  remoteKeys: RemoteKeys,
  algorithm: JwtAlgorithm,
  createCodec: (keySet: KeySet) => { verify: (token: string) => Awaitable<ReadResult> },
  config: ReaderConfig,
): ReadToken {
  const readHeader = createHeaderReader(algorithm, config.tokenTypes, []);
  const { signatureBytes } = algorithmRules[algorithm];
  let reader = createReader({ algorithm, signingKey: undefined, verificationKeys: [] });

  function createReader(keySet: KeySet): {
    readonly keySet: KeySet;
    readonly readToken: (token: unknown) => Awaitable<ReadResult>;
  } {
    return { keySet, readToken: createTokenReader(createCodec(keySet), config) };
  }

  function readWith(keySet: KeySet, token: unknown): Awaitable<ReadResult> {
    if (reader.keySet !== keySet) reader = createReader(keySet);
    return reader.readToken(token);
  }

  async function readWithUnknownKey(keySet: KeySet, token: unknown): Promise<ReadResult> {
    const newKeySet = await remoteKeys.fetchUnknown();
    return newKeySet === keySet ? "key_not_found" : readWith(newKeySet, token);
  }

  async function fetchAndRead(token: unknown): Promise<ReadResult> {
    const keySet = await remoteKeys.fetch();
    const result = readWith(keySet, token);
    return result === "key_not_found" ? readWithUnknownKey(keySet, token) : result;
  }

  /** A token that is invalid with any key is refused without a fetch. */
  function checkBeforeFetch(token: unknown): TokenRefusalReason | undefined {
    const reason = checkText(token, config.maxTokenLength);
    if (reason !== undefined) return reason;
    const segments = splitToken(token as string);
    if (segments === undefined) return "malformed";
    const header = readHeader(segments.header);
    if (typeof header === "string") return header;
    const { length } = Buffer.from(segments.signature, "base64url");
    return length === (signatureBytes ?? length) ? undefined : "signature_invalid";
  }

  return function readTokenWithRemoteKeys(token) {
    const keySet = remoteKeys.cached();
    if (keySet === undefined) return checkBeforeFetch(token) ?? fetchAndRead(token);
    const result = readWith(keySet, token);
    return result === "key_not_found"
      ? (checkBeforeFetch(token) ?? readWithUnknownKey(keySet, token))
      : result;
  };
}

function checkText(token: unknown, maxTokenLength: number): TokenRefusalReason | undefined {
  if (typeof token !== "string") return "malformed";
  // Before anything reads the text: its length costs nothing to check.
  if (token.length > maxTokenLength) return "token_too_long";
  // A text without two dots needs no digest for the cache.
  return token.includes(".", token.indexOf(".") + 1) ? undefined : "malformed";
}
