import type { FindUserOptions } from "../authentication/identify.ts";
import type { LoginEligibilityOptions } from "../guards/login-eligibility.ts";
import type { LoginOptions } from "../handlers/login.ts";
import type { SlidingRenewalOptions } from "../handlers/sliding-renewal.ts";
import type { RefusalOptions } from "../http/refusal-options.ts";
import type { KeyOptions, VerifyOnlyKeyOptions } from "../keys/key-options.ts";
import type { UserIdOptions } from "../sessions/issue-token.ts";
import type { SecurityStampOptions } from "../sessions/security-stamp.ts";
import type { MaxSessionOptions } from "../sessions/session.ts";
import type { TokenOptions } from "../sessions/token-options.ts";
import type { ClaimsOptions } from "../sessions/user-claims.ts";
import type { ClaimsSchemaOptions } from "../token/claims-schema.ts";
import type { VerifiedClaims } from "../token/claims.ts";
import type { TransportOptions } from "../transports/transport.ts";

/** The option for HMAC secrets that are too short. */
interface WeakSecretOptions {
  /**
   * `true` accepts an HMAC secret shorter than the hash, for tokens shared with an old deployment. Such a
   * secret can be found offline from a single token (RFC 8725 section 3.5). Default `false`.
   */
  readonly dangerouslyAllowWeakSecret?: boolean | undefined;
}

/** Without a `secret`, tokens of an issuer are not accepted for every audience unless it is named. */
type AudienceOrIssuer =
  | { readonly tokenAudience?: string | readonly string[] | undefined }
  | { readonly tokenAudience: null; readonly issuer: string | readonly string[] };

/** The keys of a strategy, and what they require. */
type StrategyKeyOptions =
  Exclude<KeyOptions, VerifyOnlyKeyOptions> | (VerifyOnlyKeyOptions & AudienceOrIssuer);

/** The options of all strategies, except for their keys. */
interface CommonOptions<LoginUser, User, Claims>
  extends
    TokenOptions,
    WeakSecretOptions,
    RefusalOptions,
    TransportOptions,
    LoginEligibilityOptions,
    LoginOptions<LoginUser>,
    UserIdOptions<LoginUser>,
    ClaimsOptions<LoginUser | User>,
    ClaimsSchemaOptions<Claims> {}

/** The options that require users. */
interface UserOptions<User, LoginUser, Claims>
  extends
    FindUserOptions<User, NoInfer<Claims>>,
    MaxSessionOptions,
    SlidingRenewalOptions,
    SecurityStampOptions<LoginUser | User> {}

/** The options of a strategy that finds its users: `currentUser(req)` returns what `findUser` returns. */
export type UserStrategyOptions<
  User,
  LoginUser = User,
  Claims = VerifiedClaims,
> = StrategyKeyOptions &
  CommonOptions<LoginUser, User, Claims> &
  UserOptions<User, LoginUser, Claims>;

/**
 * The options of a strategy without users: `currentUser(req)` returns the claims, and the guards
 * `active`, `verified` and `superuser` throw a TypeError.
 */
export type ClaimsStrategyOptions<LoginUser, Claims = VerifiedClaims> = StrategyKeyOptions &
  CommonOptions<LoginUser, LoginUser, Claims> & {
    /** Not set: the user is the verified claims. */
    readonly findUser?: never;
  };

/** The options of `createJwtStrategy`. */
export type JwtStrategyOptions<User, LoginUser = User, Claims = VerifiedClaims> =
  UserStrategyOptions<User, LoginUser, Claims> | ClaimsStrategyOptions<LoginUser, Claims>;
