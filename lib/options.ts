import type { IncomingMessage } from "node:http";
import type { Awaitable } from "./awaitable.ts";
import type { VerifiedClaims } from "./claims.ts";
import { isJwtAlgorithm } from "./keys/algorithms.ts";
import { createKeyRing, type KeyOptions, type KeyRing } from "./keys/key-ring.ts";
import { check, checkBoolean, checkFunction, checkInteger, readOptions } from "./option-checks.ts";
import type { OnAuthError } from "./refuse.ts";

/** What a client logs in with: two non-empty strings of at most 1,024 characters. */
export interface Credentials {
  /** Without control characters. */
  readonly username: string;
  /** Without NUL. */
  readonly password: string;
}

/** What a user's id may be: it becomes the token's `sub`, as a string. */
export type UserId = string | number | bigint;

/** What has an id where the `userId` option does not look for another. */
export interface Identified {
  /** Becomes the token's `sub`. */
  readonly id: UserId;
}

/** The options that say what a token is like and how a client is answered. */
export interface TokenOptions {
  /**
   * How long a token is valid, in whole seconds from its login, at most 100 years (`exp`, RFC 7519
   * section 4.1.4). A token without `exp` is then refused. `null`: tokens have no `exp` and are
   * valid for as long as the key is.
   */
  readonly lifetimeSeconds: number | null;
  /**
   * Whom tokens are for: written to `aud` as it is given; on reading, any overlap is accepted and a
   * token without `aud` is refused (RFC 7519 section 4.1.3). Give each service that shares a key an
   * audience of its own. Default `["fastapi-users:auth"]`.
   */
  readonly tokenAudience?: string | readonly string[] | undefined;
  /** How far the clocks of signer and verifier may differ, in seconds, 0 to 300. Default 0. */
  readonly clockToleranceSeconds?: number | undefined;
  /** A longer token is refused unread, in characters. Default 8192. */
  readonly maxTokenLength?: number | undefined;
  /**
   * How many verified tokens are remembered, so that the next request with the same one costs about
   * a microsecond. Their total length is bounded as well, to 1,024 characters for each. 0 remembers none. Default 10000.
   */
  readonly cacheSize?: number | undefined;
  /** The `realm` of the challenges (RFC 9110 section 11.5). Default `"api"`. */
  readonly realm?: string | undefined;
  /** `true`: login and logout also demand `user.isVerified === true`. Default `false`. */
  readonly requiresVerification?: boolean | undefined;
  /**
   * Answers refusals (400, 401, 403) in place of the package. Status, challenge and `Cache-Control`
   * are set already, on `res` and on the error. `(error, req, res, next) => next(error)` hands them
   * to the app's own error handler. Failures (500) never come here. Default: the package answers.
   */
  readonly onAuthError?: OnAuthError | undefined;
  /**
   * `true` accepts an HMAC secret shorter than the hash, for tokens shared with an old deployment.
   * Such a secret can be guessed from a single token, offline (RFC 8725 section 3.5). Default `false`.
   */
  readonly dangerouslyAllowWeakSecret?: boolean | undefined;
}

/**
 * The application's own code, as methods: TypeScript then lets `req` be annotated with Express's
 * `Request`, which it is wherever Express calls.
 */
interface Callbacks<User, LoginUser> {
  verifyCredentials(
    credentials: Credentials,
    req: IncomingMessage,
  ): Awaitable<LoginUser | null | undefined | false>;
  findUser(
    id: string,
    claims: VerifiedClaims,
    req: IncomingMessage | undefined,
  ): Awaitable<User | null | undefined | false>;
}

/** Checks a username and a password. */
export type VerifyCredentials<LoginUser> = Callbacks<never, LoginUser>["verifyCredentials"];

/** Finds the user of a token. */
export type FindUser<User> = Callbacks<User, never>["findUser"];

/** The options that log users in. */
export interface LoginOptions<LoginUser> {
  /**
   * Checks a username and a password: the user, or `null` where they do not fit. What it throws is
   * a 500. Let it take as long for an unknown user as for a wrong password. Default: none, and
   * touching `login` throws a TypeError.
   */
  readonly verifyCredentials?: VerifyCredentials<LoginUser> | undefined;
  /**
   * The id that becomes a token's `sub`. Default `user.id`, which must be a non-empty well-formed
   * string, a safe integer or a bigint; anything else is a 500, never a token.
   */
  readonly userId?: ((user: LoginUser) => UserId) | undefined;
}

/** The options of a strategy that finds its users: `currentUser(req)` gives what `findUser` returns. */
export type UserStrategyOptions<User, LoginUser = User> = TokenOptions &
  KeyOptions &
  LoginOptions<LoginUser> & {
    /**
     * The user of an id (a token's `sub`), asked at every request; `null`, `undefined` or `false`
     * where there is none (any more), which is a 401. What it throws is a 500. `req` is `undefined`
     * under `readToken(token)`.
     */
    readonly findUser: FindUser<User>;
  };

/**
 * The options of a strategy without users: `currentUser(req)` gives the verified claims, and the
 * guards `active`, `verified` and `superuser` are a TypeError.
 */
export type ClaimsStrategyOptions<LoginUser> = TokenOptions &
  KeyOptions &
  LoginOptions<LoginUser> & {
    /** Left out: the user is the verified claims. */
    readonly findUser?: undefined;
  };

/** The options of `createJwtStrategy`. */
export type JwtStrategyOptions<User, LoginUser = User> =
  UserStrategyOptions<User, LoginUser> | ClaimsStrategyOptions<LoginUser>;

/** The options, complete, checked and copied: later code never asks whether one was given. */
export interface JwtStrategyConfig<User, LoginUser> {
  readonly keys: KeyRing;
  readonly lifetimeSeconds: number | null;
  readonly tokenAudience: string | readonly string[];
  readonly clockToleranceSeconds: number;
  readonly maxTokenLength: number;
  readonly cacheSize: number;
  readonly realm: string;
  readonly requiresVerification: boolean;
  readonly onAuthError: OnAuthError | undefined;
  readonly verifyCredentials: VerifyCredentials<LoginUser> | undefined;
  readonly findUser: FindUser<User> | undefined;
  readonly userId: (user: LoginUser) => UserId;
}

const OPTION_NAMES = [
  "secret",
  "lifetimeSeconds",
  "tokenAudience",
  "algorithm",
  "publicKey",
  "verifyCredentials",
  "findUser",
  "userId",
  "requiresVerification",
  "clockToleranceSeconds",
  "maxTokenLength",
  "cacheSize",
  "realm",
  "onAuthError",
  "dangerouslyAllowWeakSecret",
] as const;

export const DEFAULT_REALM = "api";
const DEFAULT_AUDIENCE: readonly string[] = Object.freeze(["fastapi-users:auth"]);
const ONE_HUNDRED_YEARS = 100 * 365 * 24 * 60 * 60;
/** The characters that RFC 6750 section 3 and RFC 9110 section 5.6.4 let stand between quotes without escape. */
const REALM = /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/;

/** Checks the options and fills in the defaults. Throws a TypeError that names the option and never shows its value. */
export function resolveOptions<User, LoginUser>(
  options: JwtStrategyOptions<User, LoginUser>,
): JwtStrategyConfig<User, LoginUser> {
  const given = readOptions("createJwtStrategy", options, OPTION_NAMES);
  const {
    secret,
    publicKey,
    algorithm = "HS256",
    lifetimeSeconds,
    tokenAudience = DEFAULT_AUDIENCE,
    clockToleranceSeconds = 0,
    maxTokenLength = 8192,
    cacheSize = 10_000,
    realm = DEFAULT_REALM,
    requiresVerification = false,
    dangerouslyAllowWeakSecret = false,
  } = given;

  check(
    lifetimeSeconds !== undefined,
    "lifetimeSeconds",
    "given: a number of seconds, or null for tokens that never expire",
  );
  if (lifetimeSeconds !== null) {
    checkInteger(lifetimeSeconds, "lifetimeSeconds", 1, ONE_HUNDRED_YEARS);
  }
  check(
    isJwtAlgorithm(algorithm),
    "algorithm",
    "exactly one of HS256, HS384, HS512, RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512",
  );
  check(
    isAudience(tokenAudience),
    "tokenAudience",
    "a non-empty string, or a non-empty list of such",
  );
  check(
    typeof clockToleranceSeconds === "number" &&
      clockToleranceSeconds >= 0 &&
      clockToleranceSeconds <= 300,
    "clockToleranceSeconds",
    "a number from 0 to 300",
  );
  checkInteger(maxTokenLength, "maxTokenLength", 1, 2 ** 20);
  checkInteger(cacheSize, "cacheSize", 0, 2 ** 24);
  check(
    typeof realm === "string" && REALM.test(realm),
    "realm",
    "printable ASCII without quotes and backslashes",
  );
  checkBoolean(requiresVerification, "requiresVerification");
  checkBoolean(dangerouslyAllowWeakSecret, "dangerouslyAllowWeakSecret");
  for (const name of ["verifyCredentials", "findUser", "userId", "onAuthError"] as const) {
    checkFunction(given[name], name);
  }

  return Object.freeze({
    keys: createKeyRing(algorithm, secret, publicKey, dangerouslyAllowWeakSecret),
    lifetimeSeconds,
    tokenAudience:
      typeof tokenAudience === "string" ? tokenAudience : Object.freeze([...tokenAudience]),
    clockToleranceSeconds,
    maxTokenLength,
    cacheSize,
    realm,
    requiresVerification,
    onAuthError: given.onAuthError as OnAuthError | undefined,
    verifyCredentials: given.verifyCredentials as VerifyCredentials<LoginUser> | undefined,
    findUser: given.findUser as FindUser<User> | undefined,
    userId: (given.userId ?? defaultUserId) as (user: LoginUser) => UserId,
  });
}

/** Whatever stands in `user.id`: the token's writer judges it. */
function defaultUserId(user: { readonly id?: unknown }): unknown {
  return user.id;
}

function isAudience(value: unknown): value is string | readonly string[] {
  const audiences: readonly unknown[] = Array.isArray(value) ? Array.from<unknown>(value) : [value];
  return (
    audiences.length > 0 &&
    audiences.every((one) => typeof one === "string" && one !== "" && one.isWellFormed())
  );
}
