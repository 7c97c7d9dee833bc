// Keys that rotate without a restart: a login service publishes its public keys, another service reads them.
import { generateKeyPairSync, randomUUID } from "node:crypto";
import express from "express";
import { createJwtStrategy, dynamicStrategy } from "express-jwt-strategy";
import { remoteJwks } from "express-jwt-strategy/remote-jwks";
import { listen } from "./listen.ts";
import { users } from "./users.ts";

const port = process.env.PORT ?? "3000";
const ordersPort = process.env.ORDERS_PORT ?? "3001";

/** A private key and its public key, as JWKs. Other services select the key by its kid. */
function generateKey() {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const kid = randomUUID();
  return {
    secret: { ...privateKey.export({ format: "jwk" }), kid },
    publicKey: { ...publicKey.export({ format: "jwk" }), kid },
  };
}

// In production: from your secret store, the same for all processes of this service.
let [next, current, previous] = [generateKey(), generateKey(), generateKey()];
let issuer = createIssuer();

function createIssuer() {
  return createJwtStrategy({
    algorithm: "ES256",
    secret: current.secret,
    // The first is the public key of secret. All verify, and all are published.
    publicKey: [current.publicKey, next.publicKey, previous.publicKey],
    lifetimeSeconds: 900,
    tokenAudience: "shop",
    verifyCredentials: ({ username, password }) => users.checkPassword(username, password),
    findUser: (id) => users.findById(id),
  });
}

/**
 * A key is published before it signs, and stays published for a while afterwards. Once a day is enough.
 * Before a key signs, wait until other services have fetched it (max-age=300 here, 600 seconds in
 * remoteJwks). Before a key is removed, wait until its last token has expired.
 */
function rotate(): void {
  [next, current, previous] = [generateKey(), next, current];
  issuer = createIssuer(); // running requests keep their keys
}

const auth = dynamicStrategy(() => issuer); // called for each request

const loginService = express();
loginService.post("/login", auth.login);
loginService.get("/.well-known/jwks.json", auth.jwks);
loginService.get("/me", auth.authenticate(), (req, res) => {
  res.json({ email: auth.currentUser(req).email });
});
loginService.post("/admin/rotate", auth.authenticate({ superuser: true }), (_req, res) => {
  rotate();
  res.sendStatus(204);
});

// The other service has no key, only a URL: https://login.example/.well-known/jwks.json
const verifier = createJwtStrategy({
  algorithm: "ES256",
  publicKey: remoteJwks(`http://localhost:${port}/.well-known/jwks.json`),
  lifetimeSeconds: 900,
  tokenAudience: "shop",
});

const orderService = express();
orderService.get("/orders", verifier.authenticate(), (req, res) => {
  res.json({ ordersOf: verifier.currentUser(req).sub });
});

listen(orderService, { variable: "ORDERS_PORT", defaultPort: 3001 });
listen(loginService, { onListening: printCommands });

function printCommands(): void {
  const url = `http://localhost:${port}`;
  const logIn = (user: string) =>
    `$(curl -s ${url}/login ${user} | sed 's/.*"access_token":"\\([^"]*\\).*/\\1/')`;

  console.log(`Listening on ${url} and http://localhost:${ordersPort}

Paste into another terminal:

  # a token of today's key, and the keys that are published: today's, tomorrow's, yesterday's
  TOKEN=${logIn("-d username=ada@example.com -d password=analytical-engine")}
  curl -i ${url}/.well-known/jwks.json

  # the other service verifies it with them
  curl -i http://localhost:${ordersPort}/orders -H "Authorization: Bearer $TOKEN"

  # tomorrow
  ADMIN=${logIn("-d username=grace@example.com -d password=nanosecond-wire")}
  curl -i -X POST ${url}/admin/rotate -H "Authorization: Bearer $ADMIN"

  # the token of yesterday's key is still good, and the other service knows the new key already
  curl -i ${url}/me -H "Authorization: Bearer $TOKEN"
  NEWER=${logIn("-d username=ada@example.com -d password=analytical-engine")}
  curl -i http://localhost:${ordersPort}/orders -H "Authorization: Bearer $NEWER"

  # the day after: the first token's key is gone
  curl -i -X POST ${url}/admin/rotate -H "Authorization: Bearer $ADMIN"
  curl -i ${url}/me -H "Authorization: Bearer $TOKEN"

Ctrl+C stops both.`);
}
