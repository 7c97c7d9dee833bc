import { randomBytes, scryptSync, timingSafeEqual } from "node:crypto";
import express from "express";
import { createJwtStrategy } from "express-jwt-strategy";

// Your database. Here it is one user with the password "l0velace".
const salt = randomBytes(16);
const hash = (password) => scryptSync(password, salt, 32);
const ada = { id: "1", email: "ada@example.com", passwordHash: hash("l0velace") };

const auth = createJwtStrategy({
  secret: process.env.JWT_SECRET,
  lifetimeSeconds: 3600,
  // Returns the user who logs in, or null.
  verifyCredentials({ username, password }) {
    const isPassword = timingSafeEqual(hash(password), ada.passwordHash);
    return isPassword && username === ada.email ? ada : null;
  },
  // Returns the user with an ID, or null. The ID is always a string.
  findUser: (id) => (id === ada.id ? ada : null),
});

const app = express();
app.post("/auth/login", auth.login);
app.post("/auth/logout", auth.logout);
app.get("/me", auth.authenticate(), (req, res) => {
  const { id, email } = auth.currentUser(req); // not the whole user: it contains the password hash
  res.json({ id, email });
});

app.listen(process.env.PORT ?? 3000, (error) => {
  if (error) throw new Error("PORT cannot be used: set another one", { cause: error });
});
