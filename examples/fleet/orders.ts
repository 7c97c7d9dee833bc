// Another service, without a key and a database: it has only the URL of the public keys of the fleet.
import express from "express";
import { createJwtStrategy } from "express-jwt-strategy";
import { remoteJwks } from "express-jwt-strategy/remote-jwks";
import { listen } from "../listen.ts";

const auth = createJwtStrategy({
  algorithm: "ES256",
  publicKey: remoteJwks(process.env.JWKS_URL!),
  lifetimeSeconds: 900,
});

const app = express();
app.get("/orders", auth.authenticate(), (req, res) => {
  res.json({ ordersOf: auth.currentUser(req).sub });
});
listen(app, { variable: "ORDERS_PORT", defaultPort: 3001 });
