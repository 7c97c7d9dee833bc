// Another service: it has no key and no database, only the address where the fleet publishes its public keys.
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
