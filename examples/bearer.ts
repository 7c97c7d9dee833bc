import express from "express";
import { createJwtStrategy } from "express-jwt-strategy";
import { users } from "./users.ts"; // your database: checkPassword(email, password), findById(id)

const auth = createJwtStrategy({
  secret: process.env.JWT_SECRET!,
  lifetimeSeconds: 3600,
  verifyCredentials: ({ username, password }) => users.checkPassword(username, password), // User | null
  findUser: (id) => users.findById(id), // User | null
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
