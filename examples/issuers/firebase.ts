import { Router } from "express";
import { createJwtStrategy } from "express-jwt-strategy";
import { remoteJwks } from "express-jwt-strategy/remote-jwks";

export interface FirebaseOptions {
  readonly projectId: string;
  /** The keys that sign the ID tokens of all projects. */
  readonly keys?: string;
}

export function createFirebaseRouter({
  projectId,
  keys = "https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com",
}: FirebaseOptions): Router {
  const auth = createJwtStrategy({
    algorithm: "RS256",
    publicKey: remoteJwks(keys),
    issuer: `https://securetoken.google.com/${projectId}`, // other projects have the same keys
    tokenAudience: projectId,
    lifetimeSeconds: 3600,
  });

  const router = Router();
  router.get("/reports", auth.authenticate(), (req, res) => {
    res.json({ sub: auth.currentClaims(req).sub });
  });
  return router;
}
