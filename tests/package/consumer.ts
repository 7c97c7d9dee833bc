// An app in TypeScript, as a user of the installed package writes it.
import { generateKeyPairSync } from "node:crypto";
import express, { type Request } from "express";
import { createJwtStrategy, dynamicStrategy, type AuthError } from "express-jwt-strategy";
import { describeStrategy, type OpenApi } from "express-jwt-strategy/openapi";

interface User {
  id: string;
  name: string;
  passwordHash: string;
}

declare global {
  namespace Express {
    interface Request {
      user?: User;
    }
  }
}

const users = new Map<string, User>([["1", { id: "1", name: "Ada", passwordHash: "-" }]]);

const auth = createJwtStrategy({
  secret: "0123456789abcdef0123456789abcdef",
  lifetimeSeconds: 3600,
  verifyCredentials: ({ username }, req: Request) =>
    req.hostname === "localhost" ? users.get(username) : null,
  findUser: (id) => users.get(id),
  onAuthError(error: AuthError, _req, _res, next) {
    next(error);
  },
});
const tenants = dynamicStrategy((req: Request) => (req.hostname === "localhost" ? auth : null));

const app = express();
app.use(express.json());
app.post("/login", auth.login);
app.post("/logout", auth.logout);
app.get("/users/:id", auth.authenticate({ optional: true }), (req, res) => {
  const asked: string | undefined = req.params.id;
  const name: string | undefined = auth.currentUser(req, { optional: true })?.name;
  res.json({ asked, name, same: name === req.user?.name });
});
app.get("/tenant", tenants.authenticate(), (req, res) => {
  res.json(tenants.currentUser(req).name);
});

const { components, paths }: OpenApi.Fragments = describeStrategy(auth, { loginPath: "/login" });
const schemas: Record<string, OpenApi.Schema> = components.schemas;
app.get("/openapi.json", (_req, res) => {
  res.json({ openapi: "3.1.1", info: { title: "App", version: "1" }, paths, schemas });
});

const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const jwk = publicKey.export({ format: "jwk" });
const withJwks = createJwtStrategy({
  algorithm: "ES256",
  secret: { ...privateKey.export({ format: "jwk" }), kid: "1" },
  publicKey: [jwk, { ...jwk, kid: "2", use: "sig" }],
  lifetimeSeconds: 60,
});

export { app, auth, withJwks };
