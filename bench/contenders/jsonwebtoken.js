import jsonwebtoken from "jsonwebtoken";
import { toKeyObject } from "./key-object.js";
import { minimalMiddleware } from "./minimal-middleware.js";

export function atBest(setup) {
  const key = toKeyObject(setup);
  const options = { algorithms: [setup.algorithm], audience: setup.audience };
  return minimalMiddleware((token) => jsonwebtoken.verify(token, key, options));
}
