import { check, checkInteger, checkNumber, ONE_HUNDRED_YEARS } from "../util/option-checks.ts";

/** The options for the tokens that a strategy issues and accepts. */
export interface TokenOptions {
  /**
   * How long a token is valid, in whole seconds from when it is signed, at most 100 years (`exp`,
   * RFC 7519 section 4.1.4); less if its session ends earlier (`maxSessionSeconds`). A token without
   * `exp` is refused. `null`: tokens have no `exp` and are valid as long as the key is.
   */
  readonly lifetimeSeconds: number | null;
  /**
   * The audience of tokens: written to `aud` as given. A token is accepted if its `aud` has any of these
   * values, and refused without `aud` (RFC 7519 section 4.1.3). Use a different audience for each service
   * that shares a key. `null`: no `aud` is written and none is required, so that a token for any other
   * service of the same issuer is accepted; without `secret` it requires `issuer`. Default
   * `["fastapi-users:auth"]`.
   */
  readonly tokenAudience?: string | readonly string[] | null | undefined;
  /**
   * The issuer of tokens: written to `iss`, and required to be equal in a token that is read (RFC 7519
   * section 4.1.1). A list accepts each of its issuers, and is only for a strategy without `secret`.
   * Default: no `iss` is written, and any is accepted.
   */
  readonly issuer?: string | readonly string[];
  /**
   * The `typ` in the header of tokens, such as `"at+jwt"` for access tokens of RFC 9068. Of a list, each
   * is accepted and the first is written. Compared without case and without `application/` (RFC 7515
   * section 4.1.9); a token without `typ` counts as `"JWT"`. Default `"JWT"`.
   */
  readonly tokenType?: string | readonly string[] | undefined;
  /**
   * The maximum age of a token in whole seconds, by its `iat` (RFC 7519 section 4.1.6), at most 100
   * years. A token without `iat` is refused. `iat` is written then. Default: any age, and no `iat`.
   */
  readonly maxTokenAgeSeconds?: number;
  /** The permitted difference between the clocks of signer and verifier, in seconds, 0 to 300. Default 0. */
  readonly clockToleranceSeconds?: number | undefined;
  /**
   * The maximum length of a token that is read or issued, in characters, 1 to 1,048,576. A longer token
   * is refused without reading it. Default 8192.
   */
  readonly maxTokenLength?: number | undefined;
  /**
   * The maximum number of verified tokens in the cache; a request with a cached token costs one to two
   * microseconds. Their total length is also bounded, to 1,024 characters for each. 0: no cache; at most
   * 16,777,216. Default 10000.
   */
  readonly cacheSize?: number | undefined;
}

/** The checked {@link TokenOptions}. */
export interface TokenConfig {
  readonly lifetimeSeconds: number | null;
  readonly tokenAudience: string | readonly string[] | null;
  /** The accepted issuers; `undefined` accepts any. */
  readonly issuers: readonly string[] | undefined;
  /** The accepted types. The first is written. */
  readonly tokenTypes: readonly [string, ...string[]];
  readonly maxTokenAgeSeconds: number | undefined;
  readonly clockToleranceSeconds: number;
  readonly maxTokenLength: number;
  readonly cacheSize: number;
}

const DEFAULT_AUDIENCE: readonly string[] = Object.freeze(["fastapi-users:auth"]);

export function resolveTokenOptions({
  lifetimeSeconds,
  tokenAudience = DEFAULT_AUDIENCE,
  issuer,
  tokenType = "JWT",
  maxTokenAgeSeconds,
  clockToleranceSeconds = 0,
  maxTokenLength = 8192,
  cacheSize = 10_000,
}: {
  readonly [Name in keyof TokenOptions]?: unknown;
}): TokenConfig {
  check(
    lifetimeSeconds !== undefined,
    "lifetimeSeconds",
    "given: a number of seconds, or null for tokens that never expire",
  );
  if (lifetimeSeconds !== null) {
    checkInteger(lifetimeSeconds, "lifetimeSeconds", 1, ONE_HUNDRED_YEARS);
  }
  check(
    tokenAudience === null || isTextOrList(tokenAudience),
    "tokenAudience",
    "a non-empty string, or a non-empty list of such, or null",
  );
  check(
    issuer === undefined || isTextOrList(issuer),
    "issuer",
    "a non-empty string, or a non-empty list of such",
  );
  check(
    isTextOrList(tokenType) && [tokenType].flat().every((type) => MEDIA_TYPE.test(type)),
    "tokenType",
    'a type such as "JWT" or "at+jwt", or a non-empty list of such',
  );
  if (maxTokenAgeSeconds !== undefined) {
    checkInteger(maxTokenAgeSeconds, "maxTokenAgeSeconds", 1, ONE_HUNDRED_YEARS);
  }
  checkNumber(clockToleranceSeconds, "clockToleranceSeconds", 0, 300);
  checkInteger(maxTokenLength, "maxTokenLength", 1, 2 ** 20);
  checkInteger(cacheSize, "cacheSize", 0, 2 ** 24);
  return {
    lifetimeSeconds,
    tokenAudience: Array.isArray(tokenAudience)
      ? Object.freeze([...(tokenAudience as string[])])
      : tokenAudience,
    issuers: issuer === undefined ? undefined : Object.freeze([issuer].flat()),
    tokenTypes: Object.freeze([tokenType].flat()) as TokenConfig["tokenTypes"],
    maxTokenAgeSeconds,
    clockToleranceSeconds,
    maxTokenLength,
    cacheSize,
  };
}

/** A media type, of which `application/` may be omitted (RFC 6838 section 4.2). */
const MEDIA_TYPE = /^(?:[\w!#$&^.+-]+\/)?[\w!#$&^.+-]+$/;

function isTextOrList(value: unknown): value is string | readonly string[] {
  const texts: readonly unknown[] = Array.isArray(value) ? Array.from<unknown>(value) : [value];
  return (
    texts.length > 0 &&
    texts.every((text) => typeof text === "string" && text !== "" && text.isWellFormed())
  );
}
