import type { IncomingMessage } from "node:http";
import { createAuthenticate, type AuthenticateOptions } from "./authenticate.ts";
import { createAuthenticator, type Authenticated } from "./authenticator.ts";
import type { VerifiedClaims } from "./claims.ts";
import { createCurrentUser, createRequestSlot, type CurrentUser } from "./current-user.ts";
import { AuthError } from "./errors.ts";
import { noGuard } from "./guards.ts";
import type { Handler } from "./handler.ts";
import { createLogin } from "./login.ts";
import { createLogout, createLogoutGuard } from "./logout.ts";
import {
  resolveOptions,
  type ClaimsStrategyOptions,
  type Identified,
  type JwtStrategyOptions,
  type UserStrategyOptions,
} from "./options.ts";
import { createRefuse } from "./refuse.ts";
import { createTokenReader } from "./token-reader.ts";
import { createTokenWriter } from "./token-writer.ts";
import { createTokenCodec } from "./token.ts";
import { bearerTransport } from "./transports/bearer.ts";

/** JWT authentication for Express, made by {@link createJwtStrategy}. */
export interface JwtStrategy<User, LoginUser = User> {
  /** Makes the middleware that lets a request go on only with a valid token and the user it names. */
  authenticate(options?: AuthenticateOptions): Handler;
  /** Exchanges a username and a password for a token. Touching it without `verifyCredentials` or `secret` throws a TypeError. */
  readonly login: Handler;
  /** Answers 204 to a valid token and revokes nothing: a JWT stays valid until it expires. */
  readonly logout: Handler;
  /** The user of a request that `authenticate()` has let through. Throws a TypeError where there is none. */
  readonly currentUser: CurrentUser<User>;
  /** The user of a token, or `null` where the token is refused. Rejects with what `findUser` throws. */
  readToken(token: string | null | undefined, req?: IncomingMessage): Promise<User | null>;
  /**
   * A signed token for a user. Rejects with a TypeError where the user has no usable id. Throws a
   * TypeError where the strategy has no `secret`.
   */
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
  const { keys, lifetimeSeconds, tokenAudience, clockToleranceSeconds, maxTokenLength } = config;
  const { findUser, verifyCredentials, requiresVerification } = config;

  const codec = createTokenCodec(keys, {
    audiences: [tokenAudience].flat(),
    requireExpiry: lifetimeSeconds !== null,
    clockToleranceSeconds,
  });
  const readToken = createTokenReader(
    codec,
    maxTokenLength,
    config.cacheSize,
    clockToleranceSeconds,
  );
  const signToken = createTokenWriter(codec, config.userId, config);

  const transport = bearerTransport();
  const refuse = createRefuse(config.realm, config.onAuthError);
  const hasUsers = findUser !== undefined;
  const authenticator = createAuthenticator<User>(
    transport,
    readToken,
    // Without findUser, the types of createJwtStrategy make User the claims.
    findUser ?? ((_id, claims) => claims as User),
  );
  const slot = createRequestSlot<Authenticated<User>>();

  const login =
    verifyCredentials &&
    createLogin({
      verifyCredentials,
      requiresVerification,
      writeToken,
      lifetimeSeconds,
      transport,
      refuse,
    });
  const logout = createLogout(
    authenticator,
    hasUsers ? createLogoutGuard(requiresVerification) : noGuard,
    transport,
    refuse,
  );

  function writeToken(user: LoginUser): Promise<string> {
    if (keys.signingKey === undefined) throw cannotSign("writeToken");
    return Promise.resolve(user).then(signToken);
  }

  return Object.defineProperties(
    {
      authenticate: createAuthenticate(authenticator, slot, refuse, hasUsers),
      currentUser: createCurrentUser((req) => slot.get(req)),
      async readToken(token: string | null | undefined, req?: IncomingMessage) {
        const outcome = await authenticator.authenticateToken(token, req, noGuard);
        return outcome instanceof AuthError ? null : outcome.user;
      },
      writeToken,
    } as JwtStrategy<User, LoginUser>,
    {
      // Not enumerable: who spreads or prints a strategy without login must not be told off for it.
      login: {
        get() {
          if (login === undefined) {
            throw new TypeError("login needs verifyCredentials: give it to createJwtStrategy");
          }
          if (keys.signingKey === undefined) throw cannotSign("login");
          return login;
        },
      },
      logout: { get: () => logout },
    },
  );
}

function cannotSign(name: string): TypeError {
  return new TypeError(`${name} signs tokens: give createJwtStrategy the secret that signs`);
}
