// The demo: npm start
import { randomBytes } from "node:crypto";
import express from "express";
import { createJwtStrategy } from "express-jwt-strategy";
import { loginRouter } from "./login-router.ts";
import { users } from "./users.ts";

const port = process.env.PORT ?? "3000";
const secret = process.env.JWT_SECRET ?? randomBytes(64);

const auth = createJwtStrategy({
  secret,
  lifetimeSeconds: 3600,
  verifyCredentials: ({ username, password }) => users.checkPassword(username, password),
  findUser: (id) => users.findById(id),
});

const app = express();

app.use("/auth", loginRouter(auth));

app.get("/me", auth.authenticate(), (req, res) => {
  const { id, email, name } = auth.currentUser(req);
  res.json({ id, email, name });
});

app.get("/admin", auth.authenticate({ active: true, superuser: true }), (req, res) => {
  res.json({ message: `Welcome to the engine room, ${auth.currentUser(req).name}` });
});

app.listen(port, () => {
  const url = `http://localhost:${port}`;
  console.log(`Listening on ${url}

${
  typeof secret === "string"
    ? "Tokens are signed with JWT_SECRET."
    : "JWT_SECRET is not set: a random secret was made, and tokens die with this process."
}
Users: ada@example.com / analytical-engine, and grace@example.com / nanosecond-wire, who is a superuser.

Paste into another terminal:

  # log in, with a form or with JSON
  TOKEN=$(curl -s ${url}/auth/login -d username=ada@example.com -d password=analytical-engine | sed 's/.*"access_token":"\\([^"]*\\).*/\\1/')
  curl -i ${url}/auth/login -H 'Content-Type: application/json' -d '{"username":"ada@example.com","password":"analytical-engine"}'

  # who am I
  curl -i ${url}/me -H "Authorization: Bearer $TOKEN"
  curl -i ${url}/me

  # not for Ada
  curl -i ${url}/admin -H "Authorization: Bearer $TOKEN"

  # a new token before this one expires
  curl -i -X POST ${url}/auth/refresh -H "Authorization: Bearer $TOKEN"

  # log out: 204, and the token goes on working until it expires, as every JWT does
  curl -i -X POST ${url}/auth/logout -H "Authorization: Bearer $TOKEN"
  curl -i ${url}/me -H "Authorization: Bearer $TOKEN"

Ctrl+C stops the server.`);
});
