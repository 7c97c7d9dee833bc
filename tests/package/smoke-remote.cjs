const assert = require("node:assert/strict");
const { generateKeyPairSync } = require("node:crypto");
const { once } = require("node:events");

/** Publishes a key, verifies a token with it in another strategy, and expects an error if the issuer is unreachable. */
exports.smokeRemote = async function smokeRemote(express, strategy, { remoteJwks }) {
  const { createJwtStrategy, KeysUnavailableError } = strategy;
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const issuer = createJwtStrategy({
    algorithm: "ES256",
    secret: { ...privateKey.export({ format: "jwk" }), kid: "1" },
    lifetimeSeconds: 60,
  });
  const server = express().get("/jwks", issuer.jwks).listen(0);
  await once(server, "listening");
  const createVerifier = () =>
    createJwtStrategy({
      algorithm: "ES256",
      publicKey: remoteJwks(`http://localhost:${server.address().port}/jwks`),
      lifetimeSeconds: 60,
    });

  const token = await issuer.writeToken({ id: "1" });
  assert.equal((await createVerifier().readToken(token)).sub, "1");

  const verifier = createVerifier();
  server.closeAllConnections();
  server.close();
  await once(server, "close");
  await assert.rejects(verifier.readToken(token), (error) => {
    assert.ok(error instanceof KeysUnavailableError);
    assert.equal(error.status, 503);
    return true;
  });
};
