const assert = require("node:assert/strict");
const { generateKeyPairSync, verify } = require("node:crypto");
const { once } = require("node:events");

/** Logs in, reads the user and logs out with the installed package. */
exports.smoke = async function smoke(express, { createJwtStrategy, AuthError }) {
  const user = { id: "1", name: "Ada" };
  const auth = createJwtStrategy({
    secret: "0123456789abcdef0123456789abcdef",
    lifetimeSeconds: 60,
    verifyCredentials: ({ password }) => (password === "right" ? user : null),
    findUser: (id) => (id === user.id ? user : null),
    onAuthError: (error, _req, _res, next) => next(error),
  });
  const app = express();
  app.post("/login", auth.login);
  app.post("/logout", auth.logout);
  app.get("/me", auth.authenticate(), (req, res) => res.json(auth.currentUser(req)));
  app.use((error, _req, res, _next) => {
    res.status(error.status).json({ refused: error instanceof AuthError });
  });

  const server = app.listen(0);
  await once(server, "listening");
  const url = `http://localhost:${server.address().port}`;
  const post = (path, init) => fetch(url + path, { method: "POST", ...init });

  const wrong = await post("/login", {
    body: new URLSearchParams({ username: "a", password: "wrong" }),
  });
  assert.equal(wrong.status, 400);
  assert.deepEqual(await wrong.json(), { refused: true });

  const login = await post("/login", {
    body: new URLSearchParams({ username: "a", password: "right" }),
  });
  const { access_token: token } = await login.json();
  const headers = { Authorization: `Bearer ${token}` };
  assert.deepEqual(await (await fetch(`${url}/me`, { headers })).json(), user);
  assert.equal((await fetch(`${url}/me`)).status, 401);
  assert.equal((await post("/logout", { headers })).status, 204);

  server.closeAllConnections();
  server.close();
};

/**
 * Signs with keys that sign on the thread pool of Node.js. The process must not exit before the signatures are
 * complete, although nothing else keeps it running.
 */
exports.signAside = async function signAside({ createJwtStrategy }) {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 4096 });
  const auth = createJwtStrategy({ secret: privateKey, algorithm: "RS256", lifetimeSeconds: 60 });
  const tokens = await Promise.all(["1", "2"].map((id) => auth.writeToken({ id })));
  for (const token of tokens) {
    const dot = token.lastIndexOf(".");
    const signature = Buffer.from(token.slice(dot + 1), "base64url");
    assert.ok(verify("sha256", Buffer.from(token.slice(0, dot)), publicKey, signature));
  }
};
