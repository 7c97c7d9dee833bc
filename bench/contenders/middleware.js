// The Express middleware that are compared. A package is loaded only in the process that uses it.
import { createPublicKey, createSecretKey, hash, webcrypto } from "node:crypto";
import { refuse } from "../harness/exchange.js";

/** Each function creates a middleware from a setup (fixtures/setup.js). */
export const contenders = {
  async "express-jwt-strategy"({ algorithm, verificationKey, audience }) {
    const { createJwtStrategy } = await import("express-jwt-strategy");
    return createJwtStrategy({
      [algorithm === "HS256" ? "secret" : "publicKey"]: verificationKey,
      algorithm,
      tokenAudience: audience,
      lifetimeSeconds: 3600,
    }).authenticate();
  },

  // With a string or a PEM, as the READMEs of express-jwt and passport-jwt show. They do not mention
  // KeyObjects, but jsonwebtoken underneath accepts them and need not parse the key each time.
  "express-jwt, string": createExpressJwt,
  "express-jwt, KeyObject": tuned(createExpressJwt),
  "passport-jwt, string": createPassportJwt,
  "passport-jwt, KeyObject": tuned(createPassportJwt),

  /** With a fixed key: no discovery, no network. It imports the key once by itself. */
  async "express-oauth2-jwt-bearer"({ algorithm, verificationKey, audience, issuer }) {
    const { auth } = await import("express-oauth2-jwt-bearer");
    const key = { [algorithm === "HS256" ? "secret" : "publicKey"]: verificationKey };
    return auth({ ...key, issuer, audience, tokenSigningAlg: algorithm });
  },

  async "jsonwebtoken, KeyObject"(setup) {
    return minimalMiddleware(await createJsonwebtokenVerify(setup));
  },

  async "jose, imported key"({ algorithm, verificationKey, audience }) {
    const { importSPKI, jwtVerify } = await import("jose");
    const hmac = { name: "HMAC", hash: "SHA-256" };
    const key = await (algorithm === "HS256"
      ? webcrypto.subtle.importKey("raw", Buffer.from(verificationKey), hmac, false, ["verify"])
      : importSPKI(verificationKey, algorithm));
    const options = { algorithms: [algorithm], audience };
    return minimalMiddleware(async (token) => (await jwtVerify(token, key, options)).payload);
  },

  "fast-jwt, no cache": (setup) => createFastJwt(setup, false),
  /** Its cache is keyed by a digest of the token, and holds as many as that of express-jwt-strategy. */
  "fast-jwt, cache": (setup) => createFastJwt(setup, 10_000),

  /** The least that a cache keyed by a digest can cost. Not fit for use: it grows without bound. */
  async "Map keyed by digest"(setup) {
    const verify = await createJsonwebtokenVerify(setup);
    const verified = new Map();
    return minimalMiddleware((token) => {
      const digest = hash("sha256", token, "binary");
      let claims = verified.get(digest);
      if (claims === undefined) verified.set(digest, (claims = verify(token)));
      if (claims.exp * 1000 <= Date.now()) throw new Error("expired");
      return claims;
    });
  },

  "no authentication": () => noAuth,
};

export const expressPeers = Object.keys(contenders).filter((name) =>
  /^(express-jwt,|passport|express-oauth2)/.test(name),
);

export function noAuth(req, res, next) {
  next();
}

function tuned(create) {
  return (setup) => create({ ...setup, verificationKey: toKeyObject(setup) });
}

function toKeyObject({ algorithm, verificationKey }) {
  return algorithm === "HS256"
    ? createSecretKey(verificationKey, "utf8")
    : createPublicKey(verificationKey);
}

async function createExpressJwt({ algorithm, verificationKey, audience }) {
  const { expressjwt } = await import("express-jwt");
  return expressjwt({ secret: verificationKey, audience, algorithms: [algorithm] });
}

async function createPassportJwt({ algorithm, verificationKey: secretOrKey, audience }) {
  const { default: passport } = await import("passport");
  const { ExtractJwt, Strategy } = await import("passport-jwt");
  const jwtFromRequest = ExtractJwt.fromAuthHeaderAsBearerToken();
  const strategy = new Strategy(
    { jwtFromRequest, secretOrKey, audience, algorithms: [algorithm] },
    (claims, done) => done(null, claims), // no contender loads a user
  );
  return new passport.Passport().use(strategy).authenticate("jwt", { session: false });
}

async function createFastJwt({ algorithm, verificationKey, audience }, cache) {
  const { createVerifier } = await import("fast-jwt");
  const options = { algorithms: [algorithm], allowedAud: audience, cache };
  return minimalMiddleware(createVerifier({ key: verificationKey, ...options }));
}

async function createJsonwebtokenVerify(setup) {
  const { default: jsonwebtoken } = await import("jsonwebtoken");
  const key = toKeyObject(setup);
  const options = { algorithms: [setup.algorithm], audience: setup.audience };
  return (token) => jsonwebtoken.verify(token, key, options);
}

/** The code that an app needs with a library. `verify(token)` returns the claims, or a promise of them. */
function minimalMiddleware(verify) {
  return function minimal(req, res, next) {
    const { authorization } = req.headers;
    if (!authorization?.startsWith("Bearer ")) return refuse(res);
    const accept = (claims) => {
      req.user = claims;
      next();
    };
    try {
      const claims = verify(authorization.slice("Bearer ".length));
      if (claims instanceof Promise) claims.then(accept, () => refuse(res));
      else accept(claims);
    } catch {
      refuse(res);
    }
  };
}
