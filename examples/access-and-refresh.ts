// A short access token for the API, and a long refresh token in a cookie that no script can read.
import { randomBytes } from "node:crypto";
import express from "express";
import { cookieTransport, createJwtStrategy } from "express-jwt-strategy";
import { listen } from "./listen.ts";
import { users, type User } from "./users.ts";

const secret = randomBytes(64); // in production: process.env.JWT_SECRET, because a new secret logs all users out
const DAY = 24 * 60 * 60;
const ACCESS_TOKEN_SECONDS = 5 * 60;

const shared = {
  secret,
  findUser: (id: string) => users.findById(id),
  // A change of the password revokes the user's sessions and access tokens.
  securityStamp: (user: User) => user.hashedPassword,
};

const session = createJwtStrategy({
  ...shared,
  tokenAudience: "session",
  lifetimeSeconds: 7 * DAY,
  maxSessionSeconds: 30 * DAY,
  renewAfterFraction: 0.5,
  transport: cookieTransport({
    cookieName: "__Host-refresh",
    cookieMaxAge: 7 * DAY,
    cookieSameSite: "strict",
  }),
  verifyCredentials: ({ username, password }) => users.checkPassword(username, password),
});

const api = createJwtStrategy({
  ...shared,
  tokenAudience: "api",
  lifetimeSeconds: ACCESS_TOKEN_SECONDS,
});

const app = express();

app.post("/auth/login", session.login);
app.post("/auth/logout", session.logout);

// Returns an access token for the cookie. In the second half of the cookie's lifetime, it also renews the cookie.
app.post("/auth/token", session.authenticate(), async (req, res) => {
  const token = await api.writeToken(session.currentUser(req));
  res.set("Cache-Control", "no-store"); // RFC 6749 section 5.1
  res.json({ access_token: token, token_type: "bearer", expires_in: ACCESS_TOKEN_SECONDS });
});

app.get("/me", api.authenticate(), (req, res) => {
  const { id, email } = api.currentUser(req);
  res.json({ id, email });
});

listen(app);
