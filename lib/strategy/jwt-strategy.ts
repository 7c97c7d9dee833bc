import type { IncomingMessage } from "node:http";
import type { VerifiedClaims } from "../token/claims.ts";
import { createSecurityStamp } from "../sessions/security-stamp.ts";
import { createLoginEligibility } from "../guards/login-eligibility.ts";
import type { Handler } from "../http/handler.ts";
import { createIdentify, createIdentifyToken } from "../authentication/identify.ts";
import { createJwks } from "../handlers/jwks.ts";
import type { KeySet } from "../keys/key-set.ts";
import { createLogin } from "../handlers/login.ts";
import { createLogout } from "../handlers/logout.ts";
import { resolveOptions } from "./resolve-options.ts";
import type {
  ClaimsStrategyOptions,
  UserWithId,
  JwtStrategyOptions,
  UserStrategyOptions,
} from "./options.ts";
import { createRefresh } from "../handlers/refresh.ts";
import { Refusal } from "../http/refusal.ts";
import { createRenewal } from "../handlers/sliding-renewal.ts";
import { createRequestStrategy, type RequestStrategy } from "./request-strategy.ts";
import { beginSession, resumeSession } from "../sessions/session.ts";
import { createRemoteTokenReader, createTokenReader } from "../token/reader.ts";
import { createTokenWriter, toSubject, type IssuedToken } from "../sessions/issue-token.ts";
import { createTokenCodec, type TokenCodec } from "../token/codec.ts";

/**
 * JWT authentication for Express, made by {@link createJwtStrategy}. Touching a handler throws a
 * TypeError where the strategy cannot have it: `login` without `verifyCredentials` or `secret`,
 * `refresh` without `findUser` or `secret`, `jwks` without public keys of its own.
 */
export interface JwtStrategy<User, LoginUser = User> extends RequestStrategy<User> {
  /**
   * The user of a token, or `null` where the token is refused. Rejects with what `findUser` or
   * `securityStamp` throws, and with a `KeysUnavailableError`.
   */
  readonly readToken: (
    token: string | null | undefined,
    req?: IncomingMessage,
  ) => Promise<User | null>;
  /**
   * A signed token for a user. Rejects with a TypeError where the user has no usable id or `claims`
   * returns what cannot be used, with an Error where the token is longer than `maxTokenLength`, and
   * with what `userId`, `claims` or `securityStamp` throws. Throws, at once, a TypeError where the
   * strategy has no `secret`.
   */
  readonly writeToken: Writer<LoginUser>["writeToken"];
}

/** As a method: a strategy of richer users may stand where one of plainer users is asked for. */
interface Writer<LoginUser> {
  writeToken(user: LoginUser): Promise<string>;
}

/**
 * Makes a strategy: how tokens are signed and verified, and whose they are. Keys are parsed and
 * options checked here, once. Throws a TypeError that names the option and the fix.
 */
export function createJwtStrategy<User, LoginUser = User>(
  options: UserStrategyOptions<User, LoginUser>,
): JwtStrategy<User, LoginUser>;
export function createJwtStrategy<LoginUser = UserWithId>(
  options: ClaimsStrategyOptions<LoginUser>,
): JwtStrategy<VerifiedClaims, LoginUser>;
export function createJwtStrategy<User, LoginUser>(
  options: JwtStrategyOptions<User, LoginUser>,
): JwtStrategy<User, LoginUser> {
  const config = resolveOptions<User, LoginUser>(options);
  const { keys, remoteKeys, terms, transport, findUser, verifyCredentials, userId } = config;

  const createCodec = (ring: KeySet): TokenCodec =>
    createTokenCodec(ring, {
      audiences: [config.tokenAudience].flat(),
      requireExpiry: config.lifetimeSeconds !== null,
      clockToleranceSeconds: config.clockToleranceSeconds,
    });
  const codec = createCodec(keys);
  const readToken =
    remoteKeys === undefined
      ? createTokenReader(codec, config)
      : createRemoteTokenReader(remoteKeys, keys.algorithm, createCodec, config);
  const securityStamp = config.securityStamp && createSecurityStamp(config.securityStamp);
  const issueToken = createTokenWriter<LoginUser | User>(codec, {
    ...config,
    writeSecurityStamp: securityStamp?.write,
  });
  const canSign = keys.signingKey !== undefined;

  async function issueFirstToken(user: LoginUser): Promise<IssuedToken & { userId: string }> {
    const sub = toSubject(userId(user));
    return { userId: sub, ...(await issueToken(user, sub, beginSession(config))) };
  }

  const renewalParts = {
    checkLoginEligibility: createLoginEligibility(config.requiresVerification),
    resumeSession: (claims: VerifiedClaims) => resumeSession(config, claims),
    issueToken,
  };
  const renew = config.renewal && createRenewal(config.renewal, renewalParts);
  const identifyToken = createIdentifyToken<User>({
    readToken,
    findUser,
    securityStamp,
    terms,
    renew,
  });
  const identify = createIdentify(transport, identifyToken, terms);
  const identifyChange = createIdentify(transport, identifyToken, terms, true);

  const login = verifyCredentials && createLogin({ ...config, verifyCredentials, issueFirstToken });
  const logout = createLogout(identifyChange, renewalParts.checkLoginEligibility, transport);
  const refresh = createRefresh({ ...renewalParts, identify: identifyChange, transport });
  let jwks: Handler | undefined;

  const handlers = {
    login() {
      if (login === undefined) {
        throw new TypeError("login needs verifyCredentials: give it to createJwtStrategy");
      }
      if (!canSign) throw cannotSign("login");
      return login;
    },
    logout: () => logout,
    refresh() {
      if (findUser === undefined) {
        throw new TypeError(
          "refresh needs findUser, or who is gone would be renewed: give it to createJwtStrategy",
        );
      }
      if (!canSign) throw cannotSign("refresh");
      return refresh;
    },
    jwks: () => (jwks ??= createJwks(keys)),
  };

  const loadsUsers = findUser !== undefined;
  const described = {
    realm: terms.realm,
    hasOnAuthError: terms.onAuthError !== undefined,
    transport,
    lifetimeSeconds: config.lifetimeSeconds,
    loadsUsers,
    requiresVerification: config.requiresVerification,
    maxSessionSeconds: config.maxSessionSeconds,
  };
  const strategy = createRequestStrategy({ identify, loadsUsers, described }, (name) =>
    handlers[name](),
  );
  return Object.assign(strategy, {
    async readToken(token: string | null | undefined, req?: IncomingMessage) {
      const verdict = await identifyToken(token, req);
      return verdict instanceof Refusal ? null : verdict.user;
    },
    writeToken(user: LoginUser) {
      if (!canSign) throw cannotSign("writeToken");
      return issueFirstToken(user).then(({ token }) => token);
    },
  });
}

function cannotSign(name: string): TypeError {
  return new TypeError(`${name} signs tokens: give createJwtStrategy the secret that signs`);
}
