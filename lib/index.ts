export { createJwtStrategy, type JwtStrategy } from "./strategy/jwt-strategy.ts";
export { dynamicStrategy } from "./strategy/dynamic-strategy.ts";
export { anyOf, type InferUser } from "./strategy/any-of.ts";
export { byIssuer } from "./strategy/by-issuer.ts";
export type { RequestStrategy } from "./strategy/request-strategy.ts";
export type {
  ClaimsStrategyOptions,
  JwtStrategyOptions,
  UserStrategyOptions,
} from "./strategy/options.ts";
export type { AuthenticateOptions } from "./handlers/authenticate-options.ts";
export type { LoginFailure, VerifyCredentials } from "./handlers/login.ts";
export type { AuthenticatedUser, FindUser } from "./authentication/identify.ts";
export type { AuthenticateEvent, LoginEvent } from "./authentication/events.ts";
export type { GetClaims } from "./sessions/user-claims.ts";
export type { GetSecurityStamp } from "./sessions/security-stamp.ts";
export { bearerTransport } from "./transports/bearer.ts";
export { cookieTransport } from "./transports/cookie.ts";
export type { CookieTransportOptions } from "./transports/cookie-options.ts";
export type { Transport } from "./transports/transport.ts";
export type { VerifiedClaims } from "./token/claims.ts";
export type { OnAuthError } from "./http/refusal-options.ts";
export type { TransportResponse } from "./http/response.ts";
export type { Handler } from "./http/handler.ts";
export type { JwtAlgorithm } from "./keys/algorithms.ts";
export type { KeyOptions } from "./keys/key-options.ts";
export type { RemoteKeySet } from "./keys/remote-key-set.ts";
export {
  AuthError,
  CredentialsRequiredError,
  CrossSiteRequestError,
  InsufficientScopeError,
  InvalidRequestError,
  InvalidTokenError,
  SessionExpiredError,
  TokenExpiredError,
} from "./errors/auth-errors.ts";
export type { AuthErrorReason } from "./errors/reasons.ts";
export {
  BadCredentialsError,
  InvalidLoginRequestError,
  LoginError,
  UnsupportedGrantTypeError,
  UserNotVerifiedError,
} from "./errors/login-errors.ts";
export { KeysUnavailableError } from "./errors/keys-unavailable-error.ts";
