import { Router } from "express";
import { createJwtStrategy } from "express-jwt-strategy";
import { remoteJwks } from "express-jwt-strategy/remote-jwks";
import { z } from "zod";

export interface KeycloakOptions {
  /** The URL of the realm, such as `https://keycloak.example/realms/shop`. */
  readonly issuer: string;
  /** The client ID of this service in the realm, such as `shop-api`. */
  readonly audience: string;
}

const accessToken = z.looseObject({
  sub: z.string(),
  typ: z.literal("Bearer"), // an ID token has "ID"
  realm_access: z.object({ roles: z.array(z.string()) }).optional(),
});

export function createKeycloakRouter({ issuer, audience }: KeycloakOptions): Router {
  const auth = createJwtStrategy({
    algorithm: "RS256",
    publicKey: remoteJwks(`${issuer}/protocol/openid-connect/certs`),
    issuer,
    tokenAudience: audience,
    tokenType: ["JWT", "at+jwt"], // "at+jwt" if the client is set to it
    claimsSchema: accessToken,
    lifetimeSeconds: 300,
  });
  const isAnalyst = auth.authenticate({
    allow: ({ realm_access }) => realm_access?.roles.includes("analyst") ?? false,
  });

  const router = Router();
  router.get("/reports", isAnalyst, (req, res) => {
    res.json({ sub: auth.currentClaims(req).sub });
  });
  return router;
}
