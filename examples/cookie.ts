// A page that logs in with a cookie: http://localhost:3000, ada@example.com / analytical-engine.
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import express from "express";
import { cookieTransport, createJwtStrategy } from "express-jwt-strategy";
import { listen } from "./listen.ts";
import { users } from "./users.ts";

const auth = createJwtStrategy({
  secret: randomBytes(64), // in production: process.env.JWT_SECRET, or everyone is logged out by a restart
  lifetimeSeconds: 3600,
  // Secure, HttpOnly and SameSite=lax, and with __Host- no sub-domain can set it. In production the
  // page comes over HTTPS; browsers make an exception for http://localhost.
  transport: cookieTransport({ cookieName: "__Host-session", cookieMaxAge: 3600 }),
  verifyCredentials: ({ username, password }) => users.checkPassword(username, password),
  findUser: (id) => users.findById(id),
});

const app = express();

// A page of another site can log nobody in or out: its requests are refused with 403.
app.post("/login", auth.login);
app.post("/logout", auth.logout);

app.get("/me", auth.authenticate({ active: true }), (req, res) => {
  const { email } = auth.currentUser(req);
  res.set("Cache-Control", "no-store").json({ email });
});

const page = fileURLToPath(new URL("cookie.html", import.meta.url));
app.get("/", (_req, res) => {
  // In production: helmet, and scripts in files of their own. No other site may put the page into a frame.
  res.set("Content-Security-Policy", "frame-ancestors 'none'").sendFile(page);
});

listen(app);
