import { Router } from "express";
import { createJwtStrategy } from "express-jwt-strategy";
import { remoteJwks } from "express-jwt-strategy/remote-jwks";

export interface EntraOptions {
  /** The directory (tenant) ID. */
  readonly tenantId: string;
  /** The application (client) ID of the API. */
  readonly clientId: string;
  /** Another host for a national cloud. */
  readonly authority?: string;
}

export function createEntraRouter({
  tenantId,
  clientId,
  authority = "https://login.microsoftonline.com",
}: EntraOptions): Router {
  const auth = createJwtStrategy({
    algorithm: "RS256",
    publicKey: remoteJwks(`${authority}/${tenantId}/discovery/v2.0/keys`),
    issuer: `${authority}/${tenantId}/v2.0`, // other tenants have the same keys
    tokenAudience: clientId,
    lifetimeSeconds: 3600,
  });

  const router = Router();
  // Read from scp, which an ID token does not have.
  router.get("/reports", auth.authenticate({ scopes: ["Reports.Read"] }), (req, res) => {
    res.json({ sub: auth.currentClaims(req).sub });
  });
  return router;
}
