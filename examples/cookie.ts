// A page that logs in with a cookie: http://localhost:3000, ada@example.com / analytical-engine.
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import express from "express";
import { cookieTransport, createJwtStrategy } from "express-jwt-strategy";
import { listen } from "./listen.ts";
import { users } from "./users.ts";

const auth = createJwtStrategy({
  secret: randomBytes(64), // in production: process.env.JWT_SECRET, because a new secret logs all users out
  lifetimeSeconds: 3600,
  // Secure, HttpOnly and SameSite=lax. Sub-domains cannot set a cookie with the prefix __Host-. In
  // production the page is served over HTTPS; browsers make an exception for http://localhost.
  transport: cookieTransport({ cookieName: "__Host-session", cookieMaxAge: 3600 }),
  verifyCredentials: ({ username, password }) => users.checkPassword(username, password),
  findUser: (id) => users.findById(id),
});

const app = express();

// Requests to log in or out from pages of other sites are refused with 403.
app.post("/login", auth.login);
app.post("/logout", auth.logout);

app.get("/me", auth.authenticate({ active: true }), (req, res) => {
  const { email } = auth.currentUser(req);
  res.set("Cache-Control", "no-store").json({ email });
});

const page = fileURLToPath(new URL("cookie.html", import.meta.url));
app.get("/", (_req, res) => {
  // In production: helmet, and scripts in separate files. Other sites must not embed the page in a frame.
  res.set("Content-Security-Policy", "frame-ancestors 'none'").sendFile(page);
});

listen(app);
