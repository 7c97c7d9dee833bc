export { createJwtStrategy, type JwtStrategy } from "./strategy.ts";
export { dynamicStrategy, type GetStrategy, type RequestStrategy } from "./dynamic-strategy.ts";
export type {
  ClaimsStrategyOptions,
  Credentials,
  FindUser,
  Identified,
  JwtStrategyOptions,
  LoginOptions,
  TokenOptions,
  UserId,
  UserStrategyOptions,
  VerifyCredentials,
} from "./options.ts";
export type { AuthenticateOptions } from "./authenticate.ts";
export type { CurrentUser } from "./current-user.ts";
export type { VerifiedClaims } from "./claims.ts";
export type { AsymmetricAlgorithm, HmacAlgorithm, JwtAlgorithm } from "./keys/algorithms.ts";
export type {
  HmacKeyOptions,
  KeyOptions,
  KeyPairOptions,
  VerifyOnlyKeyOptions,
} from "./keys/key-ring.ts";
export type { EncryptedPem, PrivateKey, PublicKey } from "./keys/key-pair.ts";
export type { HmacSecret } from "./keys/secret-key.ts";
export type { Jwk } from "./keys/jwk.ts";
export type { Awaitable } from "./awaitable.ts";
export type { Handler, Next } from "./handler.ts";
export type { OnAuthError } from "./refuse.ts";
export {
  AuthError,
  BadCredentialsError,
  CredentialsRequiredError,
  InsufficientScopeError,
  InvalidLoginRequestError,
  InvalidRequestError,
  InvalidTokenError,
  LoginError,
  TokenExpiredError,
  UnsupportedGrantTypeError,
  UserNotVerifiedError,
  type AuthErrorBody,
  type AuthErrorReason,
  type TokenRefusalReason,
} from "./errors.ts";
