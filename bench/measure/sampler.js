import { letEverybodyIn } from "../contenders/none.js";
import { createAuthorization } from "../harness/exchange.js";
import { answerError, passErrorOn, serve } from "../harness/serve.js";

/** How many headers are prepared at a time. More would measure the processor's caches. */
const MOST_CALLS = 5_000;
const MOST_CHARACTERS = 2_000_000;

/**
 * Measures the microseconds of CPU that a request takes of this process, all its threads included:
 * unlike the clock, CPU time does not count what other processes do meanwhile. One middleware sees
 * all cases, as that of a server does. Only for new tokens those who remember need another one,
 * again and again.
 */
export function createSampler(contender, middleware, makeMiddleware, tokens, plan) {
  const clock = createClock(plan.refusals);
  const none = letEverybodyIn();
  // Where refusals push out good tokens, the cases would disturb each other.
  const refusing = contender.storesRefusals ? makeMiddleware() : middleware;
  let runs = [];

  function createRun(testCase) {
    const target = testCase.accepted ? middleware : refusing;
    const makeAnew = testCase.isNew && contender.remembers ? makeMiddleware : undefined;
    return { testCase, arrivals: createArrivals(testCase.tokens(tokens), target, makeAnew) };
  }

  /** What the requests took, and what the same took without authentication. */
  async function sendPair({ testCase, arrivals }, calls) {
    const { target, authorizations } = arrivals.take(calls);
    const floor = await clock(none, authorizations);
    const total = await clock(target, authorizations);
    if (total.passed !== (testCase.accepted ? calls : 0)) {
      throw new Error(`${contender.name}, ${testCase.id}: ${total.passed} of ${calls} were let in`);
    }
    return { floor: floor.microseconds / calls, total: total.microseconds / calls };
  }

  /** Sends until `warmUpMs` are spent, and says how many calls take `sampleMs`. */
  async function warmUpOne(run) {
    let calls = 32;
    let spent = 0;
    for (;;) {
      const { total } = await sendPair(run, calls);
      spent += total * calls;
      if (spent >= plan.warmUpMs * 1000) {
        const wanted = Math.ceil((plan.sampleMs * 1000) / Math.max(total, 0.1));
        return Math.min(Math.max(wanted, 8), run.arrivals.most);
      }
      calls = Math.min(calls * 2, run.arrivals.most);
    }
  }

  return {
    /** Warms up all of these cases before any is measured: the optimizer has then seen good and bad tokens. */
    async warmUp(cases) {
      runs = cases.map(createRun);
      for (const run of runs) {
        if (run.testCase.fill && contender.remembers) await sendPair(run, run.arrivals.distinct);
        await warmUpOne(run);
      }
      for (const run of runs) run.calls = await warmUpOne(run);
    },

    /** One sample of each case. */
    async sample() {
      const samples = {};
      for (const run of runs) samples[run.testCase.id] = await sendPair(run, run.calls);
      return samples;
    },
  };
}

/** Gives the function that serves requests and says what CPU time that took. */
function createClock(refusals) {
  const onError = refusals === "passed on" ? passErrorOn : answerError;

  return async function clock(middleware, authorizations) {
    settleHeap();
    const before = process.cpuUsage();
    const passed = await serve(middleware, authorizations, onError);
    const { user, system } = process.cpuUsage(before);
    return { microseconds: user + system, passed };
  };
}

/** `take(calls)` gives the next headers, and the middleware that they go to. */
function createArrivals(tokens, middleware, makeAnew) {
  let target = middleware;
  let position = makeAnew === undefined ? 0 : tokens.length;
  return {
    distinct: tokens.length,
    most: Math.min(MOST_CALLS, Math.ceil(MOST_CHARACTERS / tokens[0].length)),
    take(calls) {
      if (makeAnew !== undefined && position + calls > tokens.length) {
        target = makeAnew();
        position = 0;
      }
      const authorizations = Array.from({ length: calls }, () =>
        createAuthorization(tokens[position++ % tokens.length]),
      );
      return { target, authorizations };
    },
  };
}

/**
 * Two young collections make the prepared headers old. Otherwise those that happen to run while the
 * clock does would copy them.
 */
function settleHeap() {
  globalThis.gc({ type: "minor" });
  globalThis.gc({ type: "minor" });
}
