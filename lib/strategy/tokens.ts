import type { CheckUser } from "../authentication/identify.ts";
import {
  createIssueToken,
  toSubject,
  type IssuedToken,
  type IssueToken,
} from "../sessions/issue-token.ts";
import { createSecurityStamp } from "../sessions/security-stamp.ts";
import { beginSession } from "../sessions/session.ts";
import type { TokenConfig } from "../sessions/token-options.ts";
import { createUserClaims } from "../sessions/user-claims.ts";
import { validateAfter } from "../token/claims-schema.ts";
import { createTokenCodec, type ReadResult, type TokenCodec } from "../token/codec.ts";
import type { KeySet } from "../keys/key-set.ts";
import { createRemoteTokenReader, createTokenReader, type ReadToken } from "../token/reader.ts";
import { checkAwaited, type Awaitable } from "../util/awaitable.ts";
import type { JwtStrategyConfig } from "./resolve-options.ts";

/** The functions of a strategy that read and issue tokens. */
export interface TokenDeps<User, LoginUser> {
  readonly readToken: ReadToken;
  /** `undefined` without `securityStamp`. */
  readonly checkUser: CheckUser<User> | undefined;
  readonly issueToken: IssueToken<User | LoginUser>;
  /** Issues the token of a login. */
  readonly issueFirstToken: (user: LoginUser) => Promise<IssuedToken & { readonly userId: string }>;
}

export function createTokenDeps<User, LoginUser>(
  config: JwtStrategyConfig<User, LoginUser>,
): TokenDeps<User, LoginUser> {
  const { keys, remoteKeys, claims, userId, validateClaims } = config;
  const codec = createCodec(keys, config);
  const stamp = config.securityStamp && createSecurityStamp(config.securityStamp);
  const userClaims = createUserClaims(claims);
  const issueToken = createIssueToken<User | LoginUser>(config, {
    sign: codec.sign,
    createUserClaims: stamp === undefined ? userClaims : stamp.addStamp(userClaims),
  });

  function createVerifier({ verify }: TokenCodec): {
    readonly verify: (token: string) => Awaitable<ReadResult>;
  } {
    return {
      verify: validateClaims === undefined ? verify : validateAfter(verify, validateClaims),
    };
  }

  return {
    readToken:
      remoteKeys === undefined
        ? createTokenReader(createVerifier(codec), config)
        : createRemoteTokenReader(
            remoteKeys,
            keys.algorithm,
            (keySet) => createVerifier(createCodec(keySet, config)),
            config,
          ),
    checkUser: stamp?.checkStamp,
    issueToken,

    async issueFirstToken(user) {
      checkAwaited(user, "A token requires a user, not a promise: await it");
      const sub = toSubject(await userId(user));
      return { userId: sub, ...(await issueToken(user, sub, beginSession(config))) };
    },
  };
}

function createCodec(keys: KeySet, config: TokenConfig): TokenCodec {
  const { tokenAudience, lifetimeSeconds } = config;
  return createTokenCodec(keys, {
    ...config,
    audiences: tokenAudience === null ? null : [tokenAudience].flat(),
    requireExpiry: lifetimeSeconds !== null,
  });
}
