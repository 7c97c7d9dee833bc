import { Router } from "express";
import { createJwtStrategy } from "express-jwt-strategy";
import { remoteJwks } from "express-jwt-strategy/remote-jwks";
import { z } from "zod";

export interface CognitoOptions {
  /** The URL of the user pool: `https://cognito-idp.<region>.amazonaws.com/<user pool ID>`. */
  readonly issuer: string;
  /** The ID of the app client. */
  readonly clientId: string;
}

export function createCognitoRouter({ issuer, clientId }: CognitoOptions): Router {
  const auth = createJwtStrategy({
    algorithm: "RS256",
    publicKey: remoteJwks(`${issuer}/.well-known/jwks.json`),
    issuer,
    tokenAudience: null, // an access token has a client_id instead
    claimsSchema: z.looseObject({
      sub: z.string(),
      token_use: z.literal("access"), // an ID token has "id"
      client_id: z.literal(clientId),
    }),
    lifetimeSeconds: 3600,
  });

  const router = Router();
  router.get("/reports", auth.authenticate(), (req, res) => {
    res.json({ sub: auth.currentClaims(req).sub });
  });
  return router;
}
