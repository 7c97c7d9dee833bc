import type { FindUser } from "../authentication/identify.ts";
import { resolveRequiresVerification } from "../guards/login-eligibility.ts";
import { resolveLoginOptions, type LoginConfig } from "../handlers/login.ts";
import { resolveSlidingRenewal, type SlidingRenewalConfig } from "../handlers/sliding-renewal.ts";
import { resolveRefusalOptions, type RefusalConfig } from "../http/refusal-options.ts";
import {
  ALGORITHM_NAMES,
  isHmacAlgorithm,
  isJwtAlgorithm,
  type JwtAlgorithm,
} from "../keys/algorithms.ts";
import { createKeySet, type KeySet } from "../keys/key-set.ts";
import { openRemoteKeySet, type RemoteKeys } from "../keys/remote-key-set.ts";
import { resolveUserId, type UserId } from "../sessions/issue-token.ts";
import { resolveSecurityStamp, type SecurityStampConfig } from "../sessions/security-stamp.ts";
import { resolveMaxSession, type SessionConfig } from "../sessions/session.ts";
import { resolveTokenOptions, type TokenConfig } from "../sessions/token-options.ts";
import { resolveClaims, type GetClaims } from "../sessions/user-claims.ts";
import { resolveClaimsSchema, type ValidateClaims } from "../token/claims-schema.ts";
import { bearerTransport } from "../transports/bearer.ts";
import { bindTransport, type BoundTransport } from "../transports/transport.ts";
import type { Awaitable } from "../util/awaitable.ts";
import {
  check,
  checkBoolean,
  checkDefined,
  checkFunction,
  readOptions,
} from "../util/option-checks.ts";
import type { JwtStrategyOptions } from "./options.ts";

/** The checked and copied options, with their defaults. */
export interface JwtStrategyConfig<User, LoginUser> extends TokenConfig, SessionConfig {
  readonly keys: KeySet;
  /** The verification keys of an issuer: `keys` is empty then. */
  readonly remoteKeys: RemoteKeys | undefined;
  readonly refusal: RefusalConfig;
  readonly transport: BoundTransport;
  readonly findUser: FindUser<User> | undefined;
  readonly validateClaims: ValidateClaims | undefined;
  readonly userId: (user: LoginUser) => Awaitable<UserId>;
  readonly claims: GetClaims<LoginUser | User> | undefined;
  readonly requiresVerification: boolean;
  readonly login: LoginConfig<LoginUser>;
  readonly slidingRenewal: SlidingRenewalConfig | undefined;
  readonly securityStamp: SecurityStampConfig<LoginUser | User> | undefined;
}

const OPTION_NAMES = [
  "secret",
  "lifetimeSeconds",
  "tokenAudience",
  "issuer",
  "tokenType",
  "maxTokenAgeSeconds",
  "algorithm",
  "publicKey",
  "verifyCredentials",
  "findUser",
  "userId",
  "claims",
  "claimsSchema",
  "securityStamp",
  "onAfterLogin",
  "onLoginFailed",
  "onAuthError",
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

/** The options that restrict who is admitted. */
const RESTRICTIONS = [
  "issuer",
  "maxTokenAgeSeconds",
  "claimsSchema",
  "findUser",
  "securityStamp",
  "requiresVerification",
  "maxSessionSeconds",
] as const;

/** Checks the options and adds the defaults. Throws a TypeError that names the option, but not its value. */
export function resolveOptions<User, LoginUser, Claims>(
  options: JwtStrategyOptions<User, LoginUser, Claims>,
): JwtStrategyConfig<User, LoginUser> {
  const given = readOptions("createJwtStrategy", options, OPTION_NAMES);
  checkDefined(given, RESTRICTIONS);
  const token = resolveTokenOptions(given);
  const { keys, remoteKeys } = resolveKeys(given);
  const transport = bindTransport(
    given.transport === undefined ? bearerTransport() : given.transport,
  );
  checkIssuer(token, keys.signingKey !== undefined);
  checkFunction(given.findUser, "findUser");
  const loadsUsers = given.findUser !== undefined;
  const requirements = {
    lifetimeSeconds: token.lifetimeSeconds,
    loadsUsers,
    canSign: keys.signingKey !== undefined,
  };

  return Object.freeze({
    ...token,
    keys,
    remoteKeys,
    refusal: Object.freeze(resolveRefusalOptions(given)),
    transport,
    findUser: given.findUser as FindUser<User> | undefined,
    validateClaims: resolveClaimsSchema(given.claimsSchema),
    userId: resolveUserId(given.userId) as (user: LoginUser) => Awaitable<UserId>,
    claims: resolveClaims<LoginUser | User>(given.claims),
    requiresVerification: resolveRequiresVerification(given.requiresVerification),
    login: resolveLoginOptions<LoginUser>(given),
    maxSessionSeconds: resolveMaxSession(given.maxSessionSeconds, requirements),
    slidingRenewal: resolveSlidingRenewal(given.renewAfterFraction, requirements, transport),
    securityStamp: resolveSecurityStamp<LoginUser | User>(given, keys, loadsUsers),
  });
}

function checkIssuer({ issuers, tokenAudience }: TokenConfig, canSign: boolean): void {
  check(
    !canSign || issuers === undefined || issuers.length === 1,
    "issuer",
    "a single string if secret is set: a token has one issuer",
  );
  // Otherwise a token for any other app of the issuer would be accepted.
  check(
    canSign || tokenAudience !== null || issuers !== undefined,
    "issuer",
    "set if tokenAudience is null and secret is not set",
  );
}

type KeyOptionName = "secret" | "publicKey" | "algorithm" | "dangerouslyAllowWeakSecret";

function resolveKeys({
  secret,
  publicKey,
  algorithm = "HS256",
  dangerouslyAllowWeakSecret = false,
}: Readonly<Partial<Record<KeyOptionName, unknown>>>): Pick<
  JwtStrategyConfig<never, never>,
  "keys" | "remoteKeys"
> {
  check(isJwtAlgorithm(algorithm), "algorithm", `exactly one of ${ALGORITHM_NAMES}`);
  checkBoolean(dangerouslyAllowWeakSecret, "dangerouslyAllowWeakSecret");
  const remoteKeys = openRemoteKeys(algorithm, secret, publicKey);
  const keys =
    remoteKeys === undefined
      ? createKeySet(algorithm, secret, publicKey, dangerouslyAllowWeakSecret)
      : { algorithm, signingKey: undefined, verificationKeys: [] };
  return { keys, remoteKeys };
}

/** Opens the key set of `remoteJwks()`, if `publicKey` is one. */
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
    "left out if publicKey is remoteJwks(): the issuer signs",
  );
  return keys;
}
