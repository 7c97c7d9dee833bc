import type { IncomingMessage } from "node:http";
import { chain, type Awaitable } from "./awaitable.ts";
import type { VerifiedClaims } from "./claims.ts";
import { AuthError, CredentialsRequiredError, InvalidTokenError } from "./errors.ts";
import type { Guard } from "./guards.ts";
import type { FindUser } from "./options.ts";
import type { ReadToken } from "./token-reader.ts";
import type { Transport } from "./transports/transport.ts";

/** Who makes a request, and by which token. */
export interface Authenticated<User> {
  readonly user: User;
  readonly claims: VerifiedClaims;
}

/** A refusal is a value here; what is thrown is always a failure of the application's own code. */
export interface Authenticator<User> {
  authenticateToken(
    token: string | null | undefined,
    req: IncomingMessage | undefined,
    guard: Guard,
  ): Awaitable<Authenticated<User> | AuthError>;
  authenticateRequest(
    req: IncomingMessage,
    guard: Guard,
  ): Awaitable<Authenticated<User> | AuthError>;
}

/** Joins the steps: request → token → claims → user → guard. */
export function createAuthenticator<User>(
  transport: Transport,
  readToken: ReadToken,
  findUser: FindUser<User>,
): Authenticator<User> {
  const authenticator: Authenticator<User> = {
    authenticateToken(token, req, guard) {
      const claims = readToken(token);
      if (claims instanceof AuthError) return claims;
      return chain(findUser(claims.sub, claims, req), (user) => {
        if (user === null || user === undefined || user === false) {
          return new InvalidTokenError("user_not_found");
        }
        return guard(user) ?? { user, claims };
      });
    },

    authenticateRequest(req, guard) {
      const token = transport.extractToken(req);
      if (token === undefined) return new CredentialsRequiredError();
      if (token instanceof AuthError) return token;
      return authenticator.authenticateToken(token, req, guard);
    },
  };
  return authenticator;
}
