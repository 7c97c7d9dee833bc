// Values that are not keys do not compile, with any version of @types/node, also with skipLibCheck.
import { createJwtStrategy } from "express-jwt-strategy";

const rsa = { algorithm: "RS256", lifetimeSeconds: 60 } as const;

export function makeMistakes(): void {
  // @ts-expect-error A secret is not a number
  createJwtStrategy({ secret: 12345, lifetimeSeconds: 60 });
  // @ts-expect-error A secret is not a function
  createJwtStrategy({ secret: () => "secret", lifetimeSeconds: 60 });
  // @ts-expect-error A private key is not a number
  createJwtStrategy({ ...rsa, secret: 12345 });
  // @ts-expect-error A public key is not a Date
  createJwtStrategy({ ...rsa, publicKey: new Date() });
}
