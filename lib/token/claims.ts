/**
 * The claims of a token whose signature and claims have been checked (RFC 7519 section 4).
 * Frozen all the way down, and shared by the requests that carry the same token.
 */
export interface VerifiedClaims {
  /** The user's id (RFC 7519 section 4.1.2). */
  readonly sub: string;
  /** Whom the token is for (section 4.1.3). */
  readonly aud: string | readonly string[];
  /** When the token stops being valid, in seconds since 1970 (section 4.1.4). */
  readonly exp?: number | undefined;
  /** When the token starts being valid, in seconds since 1970 (section 4.1.5). */
  readonly nbf?: number | undefined;
  /** When the token was issued, in seconds since 1970 (section 4.1.6). */
  readonly iat?: number | undefined;
  /** The token's own id (section 4.1.7). */
  readonly jti?: string | undefined;
  readonly [name: string]: unknown;
}
