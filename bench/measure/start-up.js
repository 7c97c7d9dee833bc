import { loadContender } from "../contenders/index.js";
import { createAuthorization } from "../harness/exchange.js";
import "../harness/load-express.js";
import { serveOne } from "../harness/serve.js";

/** How long a process that has just begun waits: for the module, for the middleware, for the first request. Milliseconds. */
export async function measureStartUp(contender, setup, token) {
  const begun = performance.now();
  const make = await loadContender(contender);
  const loaded = performance.now();
  const middleware = make(setup);
  const made = performance.now();
  await serveOne(middleware, createAuthorization(token));
  const times = {
    load: loaded - begun,
    make: made - loaded,
    firstRequest: performance.now() - made,
  };
  return { times, middleware };
}
