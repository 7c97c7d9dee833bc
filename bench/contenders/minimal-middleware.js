// What someone writes by hand around a library: take the token, verify it, say 401.
import { refuse } from "../harness/refuse.js";

const PREFIX = "Bearer ";

function bearerToken(req) {
  const { authorization } = req.headers;
  return authorization?.startsWith(PREFIX) ? authorization.slice(PREFIX.length) : undefined;
}

/** `verify(token)` gives the claims or throws. */
export function minimalMiddleware(verify) {
  return function minimal(req, res, next) {
    const token = bearerToken(req);
    if (token === undefined) return refuse(res);
    try {
      req.user = verify(token);
    } catch {
      return refuse(res);
    }
    next();
  };
}

/** The same where `verify(token)` gives a promise. */
export function minimalAsyncMiddleware(verify) {
  return async function minimal(req, res, next) {
    const token = bearerToken(req);
    if (token === undefined) return refuse(res);
    try {
      req.user = await verify(token);
    } catch {
      return refuse(res);
    }
    next();
  };
}
