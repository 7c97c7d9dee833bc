// Ways to answer a login with a token. The password is always right.
import { createPrivateKey, createSecretKey } from "node:crypto";
import express from "express";
import { createJwtStrategy } from "express-jwt-strategy";
import jsonwebtoken from "jsonwebtoken";

/** Each returns the handlers of the login route. */
export const logins = {
  "express-jwt-strategy"({ algorithm, signingKey, audience }) {
    const auth = createJwtStrategy({
      secret: signingKey,
      algorithm,
      tokenAudience: audience,
      lifetimeSeconds: 3600,
      verifyCredentials: ({ username }) => ({ id: username }),
    });
    return [auth.login];
  },

  jsonwebtoken({ algorithm, signingKey, audience }) {
    const key =
      algorithm === "HS256" ? createSecretKey(signingKey, "utf8") : createPrivateKey(signingKey);
    const options = { algorithm, audience, expiresIn: 3600 };
    function login(req, res) {
      const access_token = jsonwebtoken.sign({ sub: req.body.username }, key, options);
      res.json({ access_token, token_type: "bearer" });
    }
    return [express.json(), login];
  },
};
