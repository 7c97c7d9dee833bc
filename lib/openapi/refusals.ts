import {
  CredentialsRequiredError,
  InsufficientScopeError,
  InvalidTokenError,
  SessionExpiredError,
  TokenExpiredError,
  type AuthError,
} from "../errors/auth-errors.ts";
import {
  BadCredentialsError,
  InvalidLoginRequestError,
  UnsupportedGrantTypeError,
  UserNotVerifiedError,
} from "../errors/login-errors.ts";
import type { TransportDescription } from "../transports/transport-description.ts";

/** The settings that decide which refusals a strategy has. */
export interface RefusalConfig {
  readonly loadsUsers: boolean;
  readonly requiresVerification: boolean;
  readonly maxSessionSeconds: number | undefined;
}

/** An error and the name of its example. */
export type NamedRefusal = readonly [name: string, error: AuthError];

/** One error of each kind that a client can distinguish, by handler. */
export interface Refusals {
  readonly login: readonly NamedRefusal[];
  readonly logout: readonly NamedRefusal[];
  readonly refresh: readonly NamedRefusal[];
  /** An operation of the app behind `authenticate()`. */
  readonly authenticate: readonly NamedRefusal[];
}

/** Lists the refusals of the handlers of a strategy. */
export function listRefusals(
  { protectErrors = [], extractTokenErrors = [] }: TransportDescription,
  { loadsUsers, requiresVerification, maxSessionSeconds }: RefusalConfig,
): Refusals {
  const ofProtect = protectErrors.map(nameByCode);
  const ofToken: readonly NamedRefusal[] = [
    ...ofProtect,
    ...extractTokenErrors.map(nameByCode),
    ["credentials_required", new CredentialsRequiredError()],
    ["invalid_token", new InvalidTokenError("signature_invalid")],
    ["token_expired", new TokenExpiredError()],
  ];
  const notAllowed: NamedRefusal = [
    "insufficient_scope",
    new InsufficientScopeError("user_not_verified"),
  ];
  const logout = requiresVerification && loadsUsers ? [...ofToken, notAllowed] : ofToken;

  return {
    login: [
      ...ofProtect,
      ["LOGIN_BAD_CREDENTIALS", new BadCredentialsError("credentials_invalid")],
      ...(requiresVerification ? [notVerified()] : []),
      ["invalid_request", new InvalidLoginRequestError("body_invalid")],
      ["unsupported_grant_type", new UnsupportedGrantTypeError()],
    ],
    logout,
    refresh:
      maxSessionSeconds === undefined
        ? logout
        : [...logout, ["session_expired", new SessionExpiredError()]],
    authenticate: [...ofToken, notAllowed],
  };
}

function notVerified(): NamedRefusal {
  return ["LOGIN_USER_NOT_VERIFIED", new UserNotVerifiedError()];
}

function nameByCode(error: AuthError): NamedRefusal {
  return [error.code, error];
}
