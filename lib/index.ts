export { createJwtStrategy, type JwtStrategy } from "./strategy/jwt-strategy.ts";
export { dynamicStrategy, type GetStrategy } from "./strategy/dynamic-strategy.ts";
export { anyOf, type InferUser } from "./strategy/any-of.ts";
export type { RequestStrategy } from "./strategy/request-strategy.ts";
export { bearerTransport } from "./transports/bearer.ts";
export { cookieTransport } from "./transports/cookie.ts";
export type { CookieTransportOptions } from "./transports/cookie-options.ts";
export type { Transport } from "./transports/transport.ts";
export type { TransportResponse } from "./http/response.ts";
export type { TransportDescription } from "./transports/transport-description.ts";
export type {
  ClaimsStrategyOptions,
  JwtStrategyOptions,
  UserStrategyOptions,
} from "./strategy/options.ts";
export type { UserId, UserWithId } from "./sessions/issue-token.ts";
export type { GetClaims } from "./sessions/user-claims.ts";
export type { Credentials } from "./http/credentials.ts";
export type { TokenOptions } from "./sessions/token-options.ts";
export type {
  LoginFailure,
  LoginOptions,
  OnAfterLogin,
  OnLoginFailed,
  VerifyCredentials,
} from "./handlers/login.ts";
export type { AuthenticateOptions } from "./handlers/authenticate-options.ts";
export type { RequestGetter } from "./strategy/current.ts";
export type { AuthenticatedUser, FindUser } from "./authentication/identify.ts";
export type { AuthenticateEvent, LoginEvent } from "./authentication/events.ts";
export type { AllowOptions } from "./guards/allow.ts";
export type { FlagOptions } from "./guards/flags.ts";
export type { ScopeOptions } from "./guards/scopes.ts";
export type { GetSecurityStamp } from "./sessions/security-stamp.ts";
export type { VerifiedClaims } from "./token/claims.ts";
export type { AsymmetricAlgorithm, HmacAlgorithm, JwtAlgorithm } from "./keys/algorithms.ts";
export type {
  HmacKeyOptions,
  KeyOptions,
  KeyPairOptions,
  VerifyOnlyKeyOptions,
} from "./keys/key-options.ts";
export type { RemoteKeySet } from "./keys/remote-key-set.ts";
export {
  KeysUnavailableError,
  type KeysUnavailableReason,
} from "./errors/keys-unavailable-error.ts";
export type { EncryptedPem, PrivateKey, PublicKey } from "./keys/key-pair.ts";
export type { HmacSecret } from "./keys/secret-key.ts";
export type { Jwk } from "./keys/jwk.ts";
export type { Awaitable } from "./util/awaitable.ts";
export type { Handler, Next } from "./http/handler.ts";
export type { OnAuthError } from "./http/refusal-options.ts";
export {
  BadCredentialsError,
  InvalidLoginRequestError,
  LoginError,
  UnsupportedGrantTypeError,
  UserNotVerifiedError,
} from "./errors/login-errors.ts";
export {
  AuthError,
  CredentialsRequiredError,
  CrossSiteRequestError,
  InsufficientScopeError,
  InvalidRequestError,
  InvalidTokenError,
  SessionExpiredError,
  TokenExpiredError,
  type AuthErrorBody,
  type AuthErrorReason,
  type TokenRefusalReason,
} from "./errors/auth-errors.ts";
