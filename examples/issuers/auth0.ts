import { Router } from "express";
import { createJwtStrategy } from "express-jwt-strategy";
import { remoteJwks } from "express-jwt-strategy/remote-jwks";

export interface Auth0Options {
  /** The domain of the tenant, with the slash at the end, such as `https://tenant.eu.auth0.com/`. */
  readonly issuer: string;
  /** The identifier of the API, such as `https://api.example/`. */
  readonly audience: string;
}

export function createAuth0Router({ issuer, audience }: Auth0Options): Router {
  const auth = createJwtStrategy({
    algorithm: "RS256",
    publicKey: remoteJwks(new URL(".well-known/jwks.json", issuer)),
    issuer,
    tokenAudience: audience,
    tokenType: ["JWT", "at+jwt"], // "at+jwt" with the RFC 9068 profile
    lifetimeSeconds: 86_400,
  });

  const router = Router();
  router.get("/reports", auth.authenticate({ scopes: ["read:reports"] }), (req, res) => {
    res.json({ sub: auth.currentClaims(req).sub });
  });
  return router;
}
