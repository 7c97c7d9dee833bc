import type { IncomingMessage, ServerResponse } from "node:http";
import type { Awaitable } from "../util/awaitable.ts";
import type { VerifiedClaims } from "../token/claims.ts";
import type { GetSecurityStamp } from "../sessions/security-stamp.ts";
import type { KeyOptions } from "../keys/key-options.ts";
import type { HmacSecret } from "../keys/secret-key.ts";
import type { OnAuthError } from "../http/refusal.ts";
import type { Transport } from "../transports/transport.ts";

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
export interface UserWithId {
  /** Becomes the token's `sub`. */
  readonly id: UserId;
}

/** The options that say what a token is like and how a client is answered. */
export interface TokenOptions {
  /**
   * How long a token is valid, in whole seconds from when it is signed, at most 100 years (`exp`,
   * RFC 7519 section 4.1.4); less where its session ends sooner (`maxSessionSeconds`). A token
   * without `exp` is then refused. `null`: tokens have no `exp` and are valid for as long as the
   * key is.
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
  /**
   * The longest token that is read or issued, in characters, 1 to 1,048,576. A longer one is
   * refused unread. Default 8192.
   */
  readonly maxTokenLength?: number | undefined;
  /**
   * How many verified tokens are remembered, so that the next request with the same one costs one
   * to two microseconds. Their total length is bounded as well, to 1,024 characters for each. 0
   * remembers none; at most 16,777,216. Default 10000.
   */
  readonly cacheSize?: number | undefined;
  /**
   * The `realm` of the challenges (RFC 9110 section 11.5): printable ASCII without quotes and
   * backslashes. Default `"api"`.
   */
  readonly realm?: string | undefined;
  /** How a token travels. Default `bearerTransport()`. */
  readonly transport?: Transport | undefined;
  /**
   * `true`: login (else 400), logout and refresh (else 403) also demand `user.isVerified === true`,
   * and `renewAfterFraction` renews no one else. Logout asks nothing where there is no `findUser`. Default
   * `false`.
   */
  readonly requiresVerification?: boolean | undefined;
  /**
   * Answers refusals (400, 401, 403) in place of the package. Status, challenge and `Cache-Control`
   * are set already, on `res` and on the error. `(error, req, res, next) => next(error)` hands them
   * to the app's own error handler. Failures (500) never come here. What it throws goes to `next`:
   * an `Error` unchanged, its own status included, anything else as a 500. Default: the package
   * answers.
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
  onAfterLogin(user: LoginUser, req: IncomingMessage, res: ServerResponse): Awaitable<unknown>;
  onLoginFailed(failure: LoginFailure, req: IncomingMessage): Awaitable<unknown>;
}

/** A username and a password that were refused. */
export interface LoginFailure {
  /** Who it was meant to be. The password is not kept. */
  readonly username: string;
  /** Why the client was told `LOGIN_BAD_CREDENTIALS` or `LOGIN_USER_NOT_VERIFIED`. */
  readonly reason: "credentials_invalid" | "user_inactive" | "user_not_verified";
}

/** Checks a username and a password. */
export type VerifyCredentials<LoginUser> = Callbacks<never, LoginUser>["verifyCredentials"];

/** Finds the user of a token. */
export type FindUser<User> = Callbacks<User, never>["findUser"];

/** Sees a login before it is answered. */
export type OnAfterLogin<LoginUser> = Callbacks<never, LoginUser>["onAfterLogin"];

/** Sees a login that is refused. */
export type OnLoginFailed = Callbacks<never, never>["onLoginFailed"];

/** Says what a token tells of a user, beyond who they are. */
export type GetClaims<LoginUser> = (
  user: LoginUser,
) => Awaitable<Readonly<Record<string, unknown>> | undefined>;

/**
 * The options that log users in, and renew their tokens.
 *
 * @typeParam User what a renewal hands to `claims`: the user that `findUser` has found.
 */
export interface LoginOptions<LoginUser, User = LoginUser> {
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
  /**
   * More claims for a user's tokens, as `{ scope: "read" }`; they follow `sub`, `aud` and `exp`,
   * which cannot be among them, nor `auth_time` and `securityStamp` where `maxSessionSeconds` and
   * `securityStamp` write them: a plain object, or `undefined` for none; `nbf`, `iat` and `jti` must
   * have the types of RFC 7519. Anyone who has a token can read them. What it throws is a 500.
   * Asked again at a renewal, for the user that `findUser` has found. Default: none.
   */
  readonly claims?: GetClaims<LoginUser | User> | undefined;
  /**
   * Runs when a login has succeeded, before the answer is sent, and is waited for. May set headers.
   * What it throws is a 500, and no token leaves. Default: none.
   */
  readonly onAfterLogin?: OnAfterLogin<LoginUser> | undefined;
  /**
   * Runs when a username and a password are refused, before the answer is sent, and is waited for: for
   * counters and lock-outs. What it throws is a 500. Default: none.
   */
  readonly onLoginFailed?: OnLoginFailed | undefined;
}

/**
 * The options that let tokens be renewed while they are valid, and end all of a user's tokens at
 * once.
 */
export interface SessionOptions<User> {
  /**
   * How long a session may last that `refresh` and `renewAfterFraction` prolong, in whole seconds from its
   * login, from `lifetimeSeconds` to 100 years. The login's time travels in the claim `auth_time`
   * (OpenID Connect Core 1.0 section 2), and no token outlives its session; a token without that
   * claim cannot be renewed. Needs `findUser`, `secret` and a number for `lifetimeSeconds`.
   * Default: sessions have no end of their own.
   */
  readonly maxSessionSeconds?: number | undefined;
  /**
   * The fraction of a token's life, between 0 and 1 (both excluded), after which `authenticate()`
   * renews it on its own: `0.5` in the second half. For a transport that can hand over a token
   * along with any answer, as `cookieTransport()`. Default: only `refresh` renews.
   */
  readonly renewAfterFraction?: number | undefined;
  /**
   * A string of a user whose change ends all tokens that were issued before, as the hash of the
   * password. Tokens carry a keyed digest of 128 bits of it in the claim `securityStamp`; one with
   * another digest, or without any, is a 401. A non-empty string; anything else is a 500, and so is
   * what it throws. Default: none.
   */
  readonly securityStamp?: GetSecurityStamp<User> | undefined;
  /**
   * What keys the digests of `securityStamp` with RS*, PS* and ES*: at least 32 bytes, the same in
   * all services that verify. Of a list the first keys new digests and all are accepted. With HS*
   * the secret does it, and giving this is a TypeError. Default: none; `securityStamp` needs it with
   * RS*, PS* and ES*.
   */
  readonly securityStampKey?: HmacSecret | readonly HmacSecret[] | undefined;
}

/**
 * The options of a strategy that finds its users: `currentUser(req)` gives what `findUser` returns.
 */
export type UserStrategyOptions<User, LoginUser = User> = TokenOptions &
  KeyOptions &
  LoginOptions<LoginUser, User> &
  SessionOptions<LoginUser | User> & {
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
