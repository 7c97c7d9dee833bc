// Requests and responses without a socket between them.

/** The properties of a request that the contenders read, as Express sets them. */
class RequestLike {
  method = "GET";
  url = "/me";
  originalUrl = "/me";
  protocol = "http";
  query = {};
  body = undefined;

  constructor(authorization) {
    this.headers = { host: "localhost", "user-agent": "bench", accept: "*/*" };
    this.rawHeaders = ["Host", "localhost", "User-Agent", "bench", "Accept", "*/*"];
    if (authorization !== undefined) {
      this.headers.authorization = authorization;
      this.rawHeaders.push("Authorization", authorization);
    }
    Object.setPrototypeOf(this, expressRequest);
  }

  get(name) {
    return this.headers[name.toLowerCase()];
  }

  is() {
    return false;
  }
}

/** Express replaces the prototype of each request. V8 then gives each object its own hidden class. */
const expressRequest = Object.create(RequestLike.prototype);

/** The methods of a response that the contenders call. */
class ResponseLike {
  statusCode = 200;
  headersSent = false;
  writableEnded = false;
  #headers = {};
  #onEnd;

  constructor(onEnd) {
    this.#onEnd = onEnd;
  }

  getHeader(name) {
    return this.#headers[name.toLowerCase()];
  }

  setHeader(name, value) {
    this.#headers[name.toLowerCase()] = value;
    return this;
  }

  end() {
    this.headersSent = true;
    this.writableEnded = true;
    this.#onEnd();
  }
}

/** A new string each time, as from a socket: V8 has computed nothing about it yet. */
export function createAuthorization(token) {
  return token && Buffer.from(`Bearer ${token}`, "latin1").toString("latin1");
}

const BODY = JSON.stringify({ error: "invalid_token" });

/** The least that RFC 6750 requires of a refusal, and a JSON body. */
export function refuse(res) {
  res.statusCode = 401;
  res.setHeader("WWW-Authenticate", 'Bearer error="invalid_token"');
  res.setHeader("Content-Type", "application/json");
  res.end(BODY);
}

const CONCURRENCY = 32;

/** Reachable from outside, so that the optimizer cannot leave out unused requests. */
const pending = Array.from({ length: CONCURRENCY }, () => ({ req: undefined, res: undefined }));

/**
 * Sends requests through a middleware, 32 at a time, and returns how many were accepted. A refusal
 * that is passed to `next` is answered, as an app's error handler does. Requests are created here and
 * not in advance: a server's are young objects, and writes to old ones cost more.
 */
export async function serve(middleware, authorizations) {
  let accepted = 0;
  for (let start = 0; start < authorizations.length; start += CONCURRENCY) {
    const end = Math.min(start + CONCURRENCY, authorizations.length);
    await new Promise((resolve, reject) => {
      let open = end - start;
      const finish = () => {
        open -= 1;
        if (open === 0) resolve();
      };
      for (let index = start; index < end; index++) {
        const req = new RequestLike(authorizations[index]);
        const res = new ResponseLike(finish);
        Object.assign(pending[index - start], { req, res });
        middleware(req, res, (error) => {
          if (error && error.status !== 400 && error.status !== 401) return reject(error);
          if (error) return refuse(res);
          accepted += 1;
          finish();
        });
      }
    });
  }
  for (const slot of pending) slot.req = slot.res = undefined; // not to be counted as kept memory
  return accepted;
}
