import { RequestLike, ResponseLike } from "./exchange.js";
import { refuse } from "./refuse.js";

/** A busy server has several requests under way. Who waits for nothing finishes them one by one. */
const AT_A_TIME = 32;

/**
 * What is under way can be reached from outside. Otherwise the optimizer would find out that without
 * authentication nobody needs the requests, and would not make them.
 */
const underWay = Array.from({ length: AT_A_TIME }, () => ({ req: undefined, res: undefined }));

/** How an error given to `next` ends: the app's error handler answers it. */
export function answerError(error, res) {
  refuse(res);
}

/** The other way to count: whoever has called `next(error)` is done. */
export function passErrorOn(error, res) {
  res.end();
}

/**
 * Sends requests through a middleware and says how many were let in. A request and its response are
 * made here, one by one, because a server's are young when middleware sees them: a write to an old
 * object costs more.
 */
export async function serve(middleware, authorizations, onError = answerError) {
  let passed = 0;
  for (let start = 0; start < authorizations.length; start += AT_A_TIME) {
    const end = Math.min(start + AT_A_TIME, authorizations.length);
    await new Promise((resolve) => {
      let open = end - start;
      const finish = () => {
        open -= 1;
        if (open === 0) resolve();
      };
      for (let index = start; index < end; index++) {
        const req = new RequestLike(authorizations[index]);
        const res = new ResponseLike(finish);
        const slot = underWay[index - start];
        slot.req = req;
        slot.res = res;
        middleware(req, res, (error) => {
          if (error) {
            onError(error, res);
          } else {
            passed += 1;
            finish();
          }
        });
      }
    });
  }
  for (const slot of underWay) slot.req = slot.res = undefined; // who counts memory must not find them
  return passed;
}

/** Sends one request and says how it ends: let in, answered with a status, or given to `next` as an error. */
export function serveOne(middleware, authorization) {
  return new Promise((resolve) => {
    const res = new ResponseLike(({ statusCode }) => resolve({ status: statusCode }));
    middleware(new RequestLike(authorization), res, (error) =>
      resolve(error ? { status: error.status, error } : { letIn: true }),
    );
  });
}
