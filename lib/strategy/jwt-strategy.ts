import type { IncomingMessage, ServerResponse } from "node:http";
import {
  createIdentify,
  createIdentifyToken,
  type AuthenticationConfig,
} from "../authentication/identify.ts";
import { createLoginEligibility } from "../guards/login-eligibility.ts";
import { createJwks } from "../handlers/jwks.ts";
import { createCompleteLogin, createLoginResponse } from "../handlers/complete-login.ts";
import { createLogin } from "../handlers/login.ts";
import { createLogout } from "../handlers/logout.ts";
import { createRefresh } from "../handlers/refresh.ts";
import { createSlidingRenewal } from "../handlers/sliding-renewal.ts";
import type { Handler } from "../http/handler.ts";
import { Refusal } from "../http/refusal.ts";
import type { UserWithId } from "../sessions/issue-token.ts";
import { resumeSession } from "../sessions/session.ts";
import type { VerifiedClaims } from "../token/claims.ts";
import type { ClaimsStrategyOptions, JwtStrategyOptions, UserStrategyOptions } from "./options.ts";
import {
  createRequestStrategy,
  type HandlerName,
  type RequestStrategy,
} from "./request-strategy.ts";
import { resolveOptions } from "./resolve-options.ts";
import { createTokenDeps } from "./tokens.ts";

/**
 * JWT authentication for Express, made by {@link createJwtStrategy}. Reading a handler throws a TypeError
 * if the strategy does not have it: `login` without `verifyCredentials` or `secret`, `refresh` without
 * `findUser` or `secret`, `jwks` without public keys of its own.
 */
export interface JwtStrategy<
  User,
  LoginUser = User,
  Claims = VerifiedClaims,
> extends RequestStrategy<User, Claims> {
  /**
   * Returns the user of a token, or `null` if the token is refused. Rejects with what `findUser` or
   * `securityStamp` throws, and with a `KeysUnavailableError`.
   */
  readonly readToken: (
    token: string | null | undefined,
    req?: IncomingMessage,
  ) => Promise<User | null>;
  /**
   * Returns a signed token for a user. Rejects with a TypeError if the user has no valid id or `claims`
   * returns invalid claims, with an Error if the token is longer than `maxTokenLength`, and with what
   * `userId`, `claims` or `securityStamp` throws. Without `secret`, it throws a TypeError synchronously.
   */
  readonly writeToken: TokenWriter<LoginUser>["writeToken"];
  /**
   * Logs in a user whom the app has authenticated itself: one who has just signed up, came back from an
   * OAuth provider or passed a second factor. Does what `login` does after it has verified the
   * credentials: checks the flags, issues a token, calls `onAfterLogin`, sends the response and publishes
   * the event. Rejects with a `LoginError` (400) if the user may not log in, and with another error if
   * the code of the app fails; nothing is sent then, and neither `onLoginFailed` nor `onAuthError` is
   * called. Rejects with a TypeError without a user. Without `secret`, it throws a TypeError
   * synchronously.
   *
   * Does not check which site the request comes from: the response of an OAuth provider comes from
   * another one. The app must check its `state` (RFC 6749 section 10.12).
   */
  readonly completeLogin: TokenWriter<LoginUser>["completeLogin"];
}

/** As methods: a strategy is assignable to one whose users have fewer properties. */
interface TokenWriter<LoginUser> {
  writeToken(user: LoginUser): Promise<string>;
  completeLogin(user: LoginUser, req: IncomingMessage, res: ServerResponse): Promise<void>;
}

/**
 * Makes a strategy: signs and verifies tokens, and finds their users. Parses the keys and checks the
 * options once. Throws a TypeError that names the option and the fix.
 */
export function createJwtStrategy<User, LoginUser = User, Claims = VerifiedClaims>(
  options: UserStrategyOptions<User, LoginUser, Claims>,
): JwtStrategy<User, LoginUser, NoInfer<Claims>>;
export function createJwtStrategy<LoginUser = UserWithId, Claims = VerifiedClaims>(
  options: ClaimsStrategyOptions<LoginUser, Claims>,
): JwtStrategy<NoInfer<Claims>, LoginUser, NoInfer<Claims>>;
export function createJwtStrategy<User, LoginUser, Claims>(
  options: JwtStrategyOptions<User, LoginUser, Claims>,
): JwtStrategy<User, LoginUser, Claims> {
  const config = resolveOptions<User, LoginUser, Claims>(options);
  const { keys, findUser, transport } = config;
  const { readToken, checkUser, issueToken, issueFirstToken } = createTokenDeps(config);
  const canSign = keys.signingKey !== undefined;
  const loadsUsers = findUser !== undefined;
  const eligibility = createLoginEligibility(config.requiresVerification);
  const renewalDeps = {
    resumeSession: (claims: VerifiedClaims) => resumeSession(config, claims),
    issueToken,
  };
  const authentication: AuthenticationConfig = Object.freeze({
    ...config.refusal,
    challenge: transport.challenge,
    loadsUsers,
    renewIfDue:
      config.slidingRenewal &&
      createSlidingRenewal(config.slidingRenewal, {
        ...renewalDeps,
        checkEligibility: eligibility.guard,
      }),
  });
  const identifyToken = createIdentifyToken({ readToken, findUser, checkUser }, authentication);
  const identify = createIdentify(transport, identifyToken, authentication);

  const { verifyCredentials, onAfterLogin, onLoginFailed } = config.login;
  const issueLoginResponse = createLoginResponse({ issueFirstToken, transport, onAfterLogin });
  const completeLogin = createCompleteLogin(
    authentication,
    eligibility.checkLogin,
    issueLoginResponse,
  );
  const login =
    verifyCredentials &&
    createLogin(authentication, {
      verifyCredentials,
      onLoginFailed,
      checkLogin: eligibility.checkLogin,
      issueLoginResponse,
      transport,
    });
  const guarded = { identify, guards: [eligibility.guard], transport };
  const logoutMembers = [{ strategy: authentication, guard: eligibility.guard, transport }];
  const logout = createLogout(identify, logoutMembers);
  const refresh = createRefresh({ ...guarded, ...renewalDeps });
  let jwks: Handler | undefined;

  const getHandler: Readonly<Record<HandlerName, () => Handler>> = {
    login() {
      if (login === undefined) {
        throw new TypeError("login requires the verifyCredentials option");
      }
      if (!canSign) throw createMissingSecretError("login");
      return login;
    },
    logout: () => logout,
    refresh() {
      if (!loadsUsers) {
        throw new TypeError(
          "refresh requires the findUser option; without it, tokens of deleted users could be renewed",
        );
      }
      if (!canSign) throw createMissingSecretError("refresh");
      return refresh;
    },
    jwks: () => (jwks ??= createJwks(keys)),
  };

  const tokenHeaders = transport.requestHeader === undefined ? [] : [transport.requestHeader];
  const described = {
    realm: config.refusal.realm,
    challenge: transport.challenge,
    hasOnAuthError: config.refusal.onAuthError !== undefined,
    transport,
    lifetimeSeconds: config.lifetimeSeconds,
    loadsUsers,
    requiresVerification: config.requiresVerification,
    maxSessionSeconds: config.maxSessionSeconds,
  };
  const strategy = createRequestStrategy<User, Claims>(
    {
      identify,
      getTokenHeaders: () => tokenHeaders,
      loadsUsers,
      renews: config.slidingRenewal !== undefined,
      logoutMembers,
      reader: { extractToken: transport.extractToken, maxTokenLength: config.maxTokenLength },
      described,
    },
    (name) => getHandler[name](),
  );
  return Object.assign(strategy, {
    async readToken(token: string | null | undefined, req?: IncomingMessage) {
      const result = await identifyToken(token, req);
      return result instanceof Refusal ? null : result.user;
    },
    writeToken(user: LoginUser) {
      if (!canSign) throw createMissingSecretError("writeToken");
      return issueFirstToken(user).then(({ token }) => token);
    },
    completeLogin(user: LoginUser, req: IncomingMessage, res: ServerResponse) {
      if (!canSign) throw createMissingSecretError("completeLogin");
      return completeLogin(user, req, res);
    },
  });
}

function createMissingSecretError(name: string): TypeError {
  return new TypeError(`${name} signs tokens: it requires the secret option`);
}
