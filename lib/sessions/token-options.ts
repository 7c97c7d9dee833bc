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
   * that shares a key. Default `["fastapi-users:auth"]`.
   */
  readonly tokenAudience?: string | readonly string[] | undefined;
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
  readonly tokenAudience: string | readonly string[];
  readonly clockToleranceSeconds: number;
  readonly maxTokenLength: number;
  readonly cacheSize: number;
}

const DEFAULT_AUDIENCE: readonly string[] = Object.freeze(["fastapi-users:auth"]);

export function resolveTokenOptions({
  lifetimeSeconds,
  tokenAudience = DEFAULT_AUDIENCE,
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
    isAudience(tokenAudience),
    "tokenAudience",
    "a non-empty string, or a non-empty list of such",
  );
  checkNumber(clockToleranceSeconds, "clockToleranceSeconds", 0, 300);
  checkInteger(maxTokenLength, "maxTokenLength", 1, 2 ** 20);
  checkInteger(cacheSize, "cacheSize", 0, 2 ** 24);
  return {
    lifetimeSeconds,
    tokenAudience:
      typeof tokenAudience === "string" ? tokenAudience : Object.freeze([...tokenAudience]),
    clockToleranceSeconds,
    maxTokenLength,
    cacheSize,
  };
}

function isAudience(value: unknown): value is string | readonly string[] {
  const audiences: readonly unknown[] = Array.isArray(value) ? Array.from<unknown>(value) : [value];
  return (
    audiences.length > 0 &&
    audiences.every((one) => typeof one === "string" && one !== "" && one.isWellFormed())
  );
}
