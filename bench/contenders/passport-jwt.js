import passport from "passport";
import { ExtractJwt, Strategy } from "passport-jwt";
import { toKeyObject } from "./key-object.js";

function withSecret(secretOrKey, { algorithm, audience }) {
  const strategy = new Strategy(
    {
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKey,
      audience,
      algorithms: [algorithm],
    },
    // As everywhere here: the user is the claims, no database is asked.
    (claims, done) => done(null, claims),
  );
  // An instance of its own, since the process may make more than one.
  return new passport.Passport().use(strategy).authenticate("jwt", { session: false });
}

/** A string or a PEM, as the README shows. */
export function asDocumented(setup) {
  return withSecret(setup.verificationKey, setup);
}

/** The README does not mention KeyObjects; jsonwebtoken underneath takes them. */
export function atBest(setup) {
  return withSecret(toKeyObject(setup), setup);
}
