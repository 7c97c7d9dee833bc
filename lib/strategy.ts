import type { IncomingMessage } from "node:http";
import type { VerifiedClaims } from "./claims.ts";
import { createFingerprint } from "./fingerprint.ts";
import { createMayLogIn } from "./guards/may-log-in.ts";
import type { Handler } from "./handler.ts";
import { createIdentify, createIdentifyToken } from "./identify.ts";
import { createJwks } from "./jwks.ts";
import type { KeyRing } from "./keys/key-ring.ts";
import { createLogin } from "./login.ts";
import { createLogout } from "./logout.ts";
import { resolveOptions } from "./config.ts";
import { createOpenApi, type OpenApi } from "./openapi/openapi.ts";
import type {
  ClaimsStrategyOptions,
  Identified,
  JwtStrategyOptions,
  UserStrategyOptions,
} from "./options.ts";
import { createRefresh } from "./refresh.ts";
import { Refusal } from "./refusal.ts";
import { createRenewal } from "./renewal.ts";
import { createRequestStrategy, type RequestStrategy } from "./request-strategy.ts";
import { beginSession, resumeSession } from "./session.ts";
import { createChangingTokenReader, createTokenReader } from "./token-reader.ts";
import { createTokenWriter, toSubject, type IssuedToken } from "./token-writer.ts";
import { createTokenCodec, type TokenCodec } from "./token.ts";

/**
 * JWT authentication for Express, made by {@link createJwtStrategy}. Touching a handler throws a
 * TypeError where the strategy cannot have it: `login` without `verifyCredentials` or `secret`,
 * `refresh` without `findUser` or `secret`, `jwks` without public keys of its own.
 */
export interface JwtStrategy<User, LoginUser = User> extends RequestStrategy<User> {
  /**
   * The user of a token, or `null` where the token is refused. Rejects with what `findUser` or
   * `fingerprint` throws, and with a `KeysUnavailableError`.
   */
  readonly readToken: (
    token: string | null | undefined,
    req?: IncomingMessage,
  ) => Promise<User | null>;
  /**
   * A signed token for a user. Rejects with a TypeError where the user has no usable id or `claims`
   * returns what cannot be used, with an Error where the token is longer than `maxTokenLength`, and
   * with what `userId`, `claims` or `fingerprint` throws. Throws, at once, a TypeError where the
   * strategy has no `secret`.
   */
  readonly writeToken: Writer<LoginUser>["writeToken"];
  /**
   * Describes the handlers, and what guarded operations ask and answer, as parts of an OpenAPI 3.1
   * document: plain data, made anew at each call, to be spread into the document of the app. Throws a
   * TypeError where an option is wrong, names a handler that the strategy does not have, or where the
   * transport does not describe itself.
   */
  readonly openapi: OpenApi;
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
  const { keys, changingKeys, terms, transport, findUser, verifyCredentials, userId } = config;

  const createCodec = (ring: KeyRing): TokenCodec =>
    createTokenCodec(ring, {
      audiences: [config.tokenAudience].flat(),
      requireExpiry: config.lifetimeSeconds !== null,
      clockToleranceSeconds: config.clockToleranceSeconds,
    });
  const codec = createCodec(keys);
  const readToken =
    changingKeys === undefined
      ? createTokenReader(codec, config)
      : createChangingTokenReader(changingKeys, (ring) =>
          createTokenReader(createCodec(ring), config),
        );
  const fingerprint = config.fingerprint && createFingerprint(config.fingerprint);
  const issueToken = createTokenWriter<LoginUser | User>(codec, {
    ...config,
    writeFingerprint: fingerprint?.write,
  });
  const canSign = keys.signingKey !== undefined;

  async function issueFirstToken(user: LoginUser): Promise<IssuedToken & { userId: string }> {
    const sub = toSubject(userId(user));
    return { userId: sub, ...(await issueToken(user, sub, beginSession(config))) };
  }

  const renewalParts = {
    mayLogIn: createMayLogIn(config.requiresVerification),
    resumeSession: (claims: VerifiedClaims) => resumeSession(config, claims),
    issueToken,
  };
  const renew = config.renewal && createRenewal(config.renewal, renewalParts);
  const identifyToken = createIdentifyToken<User>({
    readToken,
    findUser,
    fingerprint,
    terms,
    renew,
  });
  const identify = createIdentify(transport, identifyToken, terms);
  const identifyChange = createIdentify(transport, identifyToken, terms, true);

  const login = verifyCredentials && createLogin({ ...config, verifyCredentials, issueFirstToken });
  const logout = createLogout(identifyChange, renewalParts.mayLogIn, transport);
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

  const strategy = createRequestStrategy({ identify, hasUsers: findUser !== undefined }, (name) =>
    handlers[name](),
  );
  return Object.assign(strategy, {
    openapi: createOpenApi({
      ...config,
      hasUsers: findUser !== undefined,
      getHandler: (name) => handlers[name](),
    }),
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
