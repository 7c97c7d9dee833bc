import type { IncomingMessage } from "node:http";
import type { VerifiedClaims } from "./claims.ts";
import { createIdentify, createIdentifyToken } from "./identify.ts";
import { createLogin } from "./login.ts";
import { createLogout } from "./logout.ts";
import { resolveOptions } from "./config.ts";
import type {
  ClaimsStrategyOptions,
  Identified,
  JwtStrategyOptions,
  UserStrategyOptions,
} from "./options.ts";
import { Refusal } from "./refusal.ts";
import { createRequestStrategy, type RequestStrategy } from "./request-strategy.ts";
import { createTokenReader } from "./token-reader.ts";
import { createTokenWriter } from "./token-writer.ts";
import { createTokenCodec } from "./token.ts";

/**
 * JWT authentication for Express, made by {@link createJwtStrategy}. Touching `login` throws a
 * TypeError where the strategy has no `verifyCredentials` or no `secret`.
 */
export interface JwtStrategy<User, LoginUser = User> extends RequestStrategy<User> {
  /** The user of a token, or `null` where the token is refused. Rejects with what `findUser` throws. */
  readonly readToken: (
    token: string | null | undefined,
    req?: IncomingMessage,
  ) => Promise<User | null>;
  /**
   * A signed token for a user. Rejects with a TypeError where the user has no usable id or `claims`
   * returns what cannot be used, with an Error where the token is longer than `maxTokenLength`, and
   * with what `userId` or `claims` throws. Throws, at once, a TypeError where the strategy has no `secret`.
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
export function createJwtStrategy<LoginUser = Identified>(
  options: ClaimsStrategyOptions<LoginUser>,
): JwtStrategy<VerifiedClaims, LoginUser>;
export function createJwtStrategy<User, LoginUser>(
  options: JwtStrategyOptions<User, LoginUser>,
): JwtStrategy<User, LoginUser> {
  const config = resolveOptions<User, LoginUser>(options);
  const { keys, terms, transport, findUser, verifyCredentials, requiresVerification } = config;
  const canSign = keys.signingKey !== undefined;

  const codec = createTokenCodec(keys, {
    audiences: [config.tokenAudience].flat(),
    requireExpiry: config.lifetimeSeconds !== null,
    clockToleranceSeconds: config.clockToleranceSeconds,
  });
  const readToken = createTokenReader(codec, config);
  const issueToken = createTokenWriter(codec, config);

  const identifyToken = createIdentifyToken(readToken, findUser, terms);
  const identify = createIdentify(transport, identifyToken, terms);
  const logout = createLogout(
    createIdentify(transport, identifyToken, terms, true),
    transport,
    requiresVerification,
  );
  const login = verifyCredentials && createLogin({ ...config, verifyCredentials, issueToken });

  const handlers = {
    login() {
      if (login === undefined) {
        throw new TypeError("login needs verifyCredentials: give it to createJwtStrategy");
      }
      if (!canSign) throw cannotSign("login");
      return login;
    },
    logout: () => logout,
  };

  const strategy = createRequestStrategy({ identify, hasUsers: findUser !== undefined }, handlers);
  return Object.assign(strategy, {
    async readToken(token: string | null | undefined, req?: IncomingMessage) {
      const verdict = await identifyToken(token, req);
      return verdict instanceof Refusal ? null : verdict.user;
    },
    writeToken(user: LoginUser) {
      if (!canSign) throw cannotSign("writeToken");
      return issueToken(user).then(({ token }) => token);
    },
  });
}

function cannotSign(name: string): TypeError {
  return new TypeError(`${name} signs tokens: give createJwtStrategy the secret that signs`);
}
