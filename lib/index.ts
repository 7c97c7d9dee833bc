export { createJwtStrategy, type JwtStrategy } from "./strategy.ts";
export { dynamicStrategy, type GetStrategy } from "./dynamic-strategy.ts";
export { anyOf, type UserOf } from "./any-of.ts";
export type { RequestStrategy } from "./request-strategy.ts";
export { bearerTransport } from "./transports/bearer.ts";
export { cookieTransport } from "./transports/cookie.ts";
export type { CookieTransportOptions } from "./transports/cookie-options.ts";
export type { Transport } from "./transports/transport.ts";
export type { Answer } from "./answer.ts";
export type { OpenApi } from "./openapi/openapi.ts";
export type { OpenApiOptions } from "./openapi/openapi-options.ts";
export type { TransportDescription } from "./openapi/transport-description.ts";
export type {
  OpenApiApiKeySecurityScheme,
  OpenApiComponents,
  OpenApiExample,
  OpenApiExtension,
  OpenApiFragments,
  OpenApiHeader,
  OpenApiHttpSecurityScheme,
  OpenApiMediaType,
  OpenApiOperation,
  OpenApiPasswordFlow,
  OpenApiPasswordSecurityScheme,
  OpenApiPathItem,
  OpenApiRequestBody,
  OpenApiResponse,
  OpenApiSchema,
  OpenApiSecurityRequirement,
  OpenApiSecurityScheme,
} from "./openapi/document.ts";
export type {
  ClaimsOf,
  ClaimsStrategyOptions,
  Credentials,
  FindUser,
  Identified,
  JwtStrategyOptions,
  LoginFailure,
  LoginOptions,
  OnAfterLogin,
  OnLoginFailed,
  SessionOptions,
  TokenOptions,
  UserId,
  UserStrategyOptions,
  VerifyCredentials,
} from "./options.ts";
export type { AuthenticateOptions } from "./authenticate-options.ts";
export type { Current } from "./current.ts";
export type { Identity } from "./identify.ts";
export type { AuthenticateEvent, LoginEvent } from "./events.ts";
export type { AuthorizeOptions } from "./guards/authorize.ts";
export type { FlagOptions } from "./guards/flags.ts";
export type { ScopeOptions } from "./guards/scopes.ts";
export type { FingerprintOf } from "./fingerprint.ts";
export type { VerifiedClaims } from "./claims.ts";
export type { AsymmetricAlgorithm, HmacAlgorithm, JwtAlgorithm } from "./keys/algorithms.ts";
export type {
  HmacKeyOptions,
  KeyOptions,
  KeyPairOptions,
  VerifyOnlyKeyOptions,
} from "./keys/key-options.ts";
export type { KeySource } from "./keys/key-source.ts";
export { KeysUnavailableError, type KeysUnavailableReason } from "./keys/keys-unavailable-error.ts";
export type { EncryptedPem, PrivateKey, PublicKey } from "./keys/key-pair.ts";
export type { HmacSecret } from "./keys/secret-key.ts";
export type { Jwk } from "./keys/jwk.ts";
export type { Awaitable } from "./awaitable.ts";
export type { Handler, Next } from "./handler.ts";
export type { OnAuthError } from "./refusal.ts";
export {
  BadCredentialsError,
  InvalidLoginRequestError,
  LoginError,
  UnsupportedGrantTypeError,
  UserNotVerifiedError,
} from "./login-errors.ts";
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
} from "./errors.ts";
