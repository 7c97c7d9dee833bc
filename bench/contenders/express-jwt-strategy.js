import { createJwtStrategy } from "express-jwt-strategy";

export function asDocumented({ algorithm, verificationKey, audience }) {
  const key = algorithm === "HS256" ? { secret: verificationKey } : { publicKey: verificationKey };
  return createJwtStrategy({
    ...key,
    algorithm,
    tokenAudience: audience,
    lifetimeSeconds: 3600,
  }).authenticate();
}
