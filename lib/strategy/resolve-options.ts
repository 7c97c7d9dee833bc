import type { SecurityStampConfig } from "../sessions/security-stamp.ts";
import { ALGORITHM_NAMES, isHmacAlgorithm, isJwtAlgorithm, type JwtAlgorithm } from "../keys/algorithms.ts";
import { createKeySet, type KeySet } from "../keys/key-set.ts";
import { openRemoteKeySet, type RemoteKeys } from "../keys/remote-key-set.ts";
import {
  check,
  checkBoolean,
  checkFunction,
  checkInteger,
  checkNumber,
  ONE_HUNDRED_YEARS,
  readOptions,
} from "../util/option-checks.ts";
import type {
  GetClaims,
  FindUser,
  JwtStrategyOptions,
  OnAfterLogin,
  OnLoginFailed,
  UserId,
  VerifyCredentials,
} from "./options.ts";
import { DEFAULT_TERMS, type OnAuthError, type RefusalTerms } from "../http/refusal.ts";
import { bearerTransport } from "../transports/bearer.ts";
import {
  resolveSecurityStamp,
  resolveSession,
  type SessionConfig,
} from "./resolve-session-options.ts";
import { bindTransport, type BoundTransport } from "../transports/transport.ts";

/** The options, complete, checked and copied: later code never asks whether one was given. */
export interface JwtStrategyConfig<User, LoginUser> extends SessionConfig {
  readonly keys: KeySet;
  /** The keys that verify where they change: `keys` has none then. */
  readonly remoteKeys: RemoteKeys | undefined;
  readonly lifetimeSeconds: number | null;
  readonly tokenAudience: string | readonly string[];
  readonly clockToleranceSeconds: number;
  readonly maxTokenLength: number;
  readonly cacheSize: number;
  readonly requiresVerification: boolean;
  readonly terms: RefusalTerms;
  readonly verifyCredentials: VerifyCredentials<LoginUser> | undefined;
  readonly findUser: FindUser<User> | undefined;
  readonly userId: (user: LoginUser) => UserId;
  readonly claims: GetClaims<LoginUser | User> | undefined;
  readonly securityStamp: SecurityStampConfig<LoginUser | User> | undefined;
  readonly onAfterLogin: OnAfterLogin<LoginUser> | undefined;
  readonly onLoginFailed: OnLoginFailed | undefined;
  readonly transport: BoundTransport;
}

const CALLBACK_NAMES = [
  "verifyCredentials",
  "findUser",
  "userId",
  "claims",
  "securityStamp",
  "onAfterLogin",
  "onLoginFailed",
  "onAuthError",
] as const;

const OPTION_NAMES = [
  "secret",
  "lifetimeSeconds",
  "tokenAudience",
  "algorithm",
  "publicKey",
  ...CALLBACK_NAMES,
  "requiresVerification",
  "clockToleranceSeconds",
  "maxTokenLength",
  "cacheSize",
  "realm",
  "transport",
  "maxSessionSeconds",
  "renewAfterFraction",
  "securityStampKey",
  "dangerouslyAllowWeakSecret",
] as const;

const DEFAULT_AUDIENCE: readonly string[] = Object.freeze(["fastapi-users:auth"]);
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
    realm = DEFAULT_TERMS.realm,
    transport = bearerTransport(),
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
    `exactly one of ${ALGORITHM_NAMES}`,
  );
  check(
    isAudience(tokenAudience),
    "tokenAudience",
    "a non-empty string, or a non-empty list of such",
  );
  checkNumber(clockToleranceSeconds, "clockToleranceSeconds", 0, 300);
  checkInteger(maxTokenLength, "maxTokenLength", 1, 2 ** 20);
  checkInteger(cacheSize, "cacheSize", 0, 2 ** 24);
  check(
    typeof realm === "string" && REALM.test(realm),
    "realm",
    "printable ASCII without quotes and backslashes",
  );
  checkBoolean(requiresVerification, "requiresVerification");
  checkBoolean(dangerouslyAllowWeakSecret, "dangerouslyAllowWeakSecret");
  for (const name of CALLBACK_NAMES) checkFunction(given[name], name);

  const remoteKeys = openRemoteKeys(algorithm, secret, publicKey);
  const keys =
    remoteKeys === undefined
      ? createKeySet(algorithm, secret, publicKey, dangerouslyAllowWeakSecret)
      : { algorithm, signingKey: undefined, verificationKeys: [] };
  const boundTransport = bindTransport(transport);
  const loadsUsers = given.findUser !== undefined;
  const context = { lifetimeSeconds, keys, transport: boundTransport, loadsUsers };

  return Object.freeze({
    keys,
    remoteKeys,
    ...resolveSession(given.maxSessionSeconds, given.renewAfterFraction, context),
    securityStamp: resolveSecurityStamp<LoginUser | User>(
      given.securityStamp,
      given.securityStampKey,
      context,
    ),
    lifetimeSeconds,
    tokenAudience:
      typeof tokenAudience === "string" ? tokenAudience : Object.freeze([...tokenAudience]),
    clockToleranceSeconds,
    maxTokenLength,
    cacheSize,
    requiresVerification,
    terms: Object.freeze({ realm, onAuthError: given.onAuthError as OnAuthError | undefined }),
    verifyCredentials: given.verifyCredentials as VerifyCredentials<LoginUser> | undefined,
    findUser: given.findUser as FindUser<User> | undefined,
    userId: (given.userId ?? defaultUserId) as (user: LoginUser) => UserId,
    claims: given.claims as GetClaims<LoginUser | User> | undefined,
    onAfterLogin: given.onAfterLogin as OnAfterLogin<LoginUser> | undefined,
    onLoginFailed: given.onLoginFailed as OnLoginFailed | undefined,
    transport: boundTransport,
  });
}

/** Keys of a source that may change, where `publicKey` is one. */
function openRemoteKeys(
  algorithm: JwtAlgorithm,
  secret: unknown,
  publicKey: unknown,
): RemoteKeys | undefined {
  if (isHmacAlgorithm(algorithm)) return undefined;
  const keys = openRemoteKeySet(publicKey, algorithm);
  check(
    keys === undefined || secret === undefined,
    "secret",
    "left out where publicKey is remoteJwks(): the issuer signs",
  );
  return keys;
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
