// A request and a response without a socket between them.

/** What the contenders read of a request, in the shape that Express gives it. */
export class RequestLike {
  method = "GET";
  url = "/me";
  originalUrl = "/me";
  protocol = "http";
  query = {};
  body = undefined;

  constructor(authorization) {
    this.headers = { host: "localhost", "user-agent": "bench", accept: "*/*", authorization };
    this.rawHeaders = [
      ...["Host", "localhost", "User-Agent", "bench", "Accept", "*/*"],
      ...["Authorization", authorization],
    ];
    Object.setPrototypeOf(this, expressRequest);
  }

  get(name) {
    return this.headers[name.toLowerCase()];
  }

  is() {
    return false;
  }
}

/** Express gives each request and each response another prototype than Node has given it. */
const expressRequest = Object.create(RequestLike.prototype);

/** What the contenders call on a response. Its end is the end of the exchange. */
export class ResponseLike {
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
    this.#onEnd(this);
  }
}

/** A string of its own each time, as from a socket: nothing about it has been computed yet. */
export function createAuthorization(token) {
  return Buffer.from(`Bearer ${token}`, "latin1").toString("latin1");
}
