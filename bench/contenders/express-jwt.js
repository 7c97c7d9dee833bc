import { expressjwt } from "express-jwt";
import { toKeyObject } from "./key-object.js";

function withSecret(secret, { algorithm, audience }) {
  return expressjwt({ secret, audience, algorithms: [algorithm] });
}

/** A string or a PEM, as the README shows. */
export function asDocumented(setup) {
  return withSecret(setup.verificationKey, setup);
}

/** The README does not mention KeyObjects; jsonwebtoken underneath takes them. */
export function atBest(setup) {
  return withSecret(toKeyObject(setup), setup);
}
