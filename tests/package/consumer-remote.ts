// A service in TypeScript that verifies with the keys an issuer publishes.
import express, { type ErrorRequestHandler } from "express";
import { createJwtStrategy, KeysUnavailableError, type RemoteKeySet } from "express-jwt-strategy";
import { remoteJwks, type RemoteJwksOptions } from "express-jwt-strategy/remote-jwks";

const options: RemoteJwksOptions = { cacheMaxAgeSeconds: 300 };
const publicKey: RemoteKeySet = remoteJwks("https://issuer.example/jwks", options);
const auth = createJwtStrategy({ algorithm: "RS256", publicKey, lifetimeSeconds: 900 });

const answerError: ErrorRequestHandler = (error: unknown, _req, res, next) => {
  if (error instanceof KeysUnavailableError) res.status(error.status).json(error.reason);
  else next(error);
};

const app = express();
app.get("/me", auth.authenticate(), (req, res) => {
  const sub: string = auth.currentUser(req).sub;
  res.json(sub);
});
app.use(answerError);

export { app };
