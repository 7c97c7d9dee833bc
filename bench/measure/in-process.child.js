import { contenders, noAuth } from "../contenders/middleware.js";
import { createAuthorization, serve } from "../harness/exchange.js";

/** How many headers are prepared at a time. More would measure the processor's caches. */
const MAX_CALLS = 5_000;
const MAX_CHARACTERS = 2_000_000;

let name, setup, tokens, plan, middleware, runs;

export async function start(question) {
  ({ name, setup, tokens, plan } = question);
  middleware = await contenders[name](setup);
}

/** Warms up all the given cases before any is measured: a server, too, sees them mixed. */
export async function warmUp(cases) {
  runs = cases.map(createRun);
  for (const run of runs) await warmUpOne(run);
  for (const run of runs) run.calls = await warmUpOne(run);
}

/** One sample of each case. */
export async function sample() {
  const samples = {};
  for (const run of runs) samples[run.id] = await sendPair(run, run.calls);
  return samples;
}

function createRun({ id, accepted = false }) {
  const list = tokens[id];
  const maxCalls = Math.min(MAX_CALLS, Math.ceil(MAX_CHARACTERS / (list[0]?.length ?? 1)));
  return { id, accepted, list, maxCalls, target: middleware, position: 0 };
}

/** Sends until `warmUpMs` are spent, and returns how many calls take `sampleMs`. */
async function warmUpOne(run) {
  let calls = 32;
  for (let spent = 0; ; calls = Math.min(calls * 2, run.maxCalls)) {
    const { total } = await sendPair(run, calls);
    spent += total * calls;
    if (spent >= plan.warmUpMs * 1000) {
      const wanted = Math.ceil((plan.sampleMs * 1000) / Math.max(total, 0.1));
      return Math.min(Math.max(wanted, 8), run.maxCalls);
    }
  }
}

/** Microseconds of CPU for a request, with the contender and without authentication. */
async function sendPair(run, calls) {
  // No middleware sees a new token twice.
  if (run.id === "new" && run.position + calls > run.list.length) {
    run.target = await contenders[name](setup);
    run.position = 0;
  }
  const authorizations = Array.from({ length: calls }, () =>
    createAuthorization(run.list[run.position++ % run.list.length]),
  );
  const floor = await measureCpu(noAuth, authorizations);
  const total = await measureCpu(run.target, authorizations);
  if (total.accepted !== (run.accepted ? calls : 0)) {
    throw new Error(`${name}, ${run.id}: ${total.accepted} of ${calls} were accepted`);
  }
  return { floor: floor.microseconds / calls, total: total.microseconds / calls };
}

/** CPU time of all threads. Unlike the clock, it does not count what other processes do. */
async function measureCpu(target, authorizations) {
  // Two young collections make the headers old; otherwise a collection during the sample copies them.
  globalThis.gc({ type: "minor" });
  globalThis.gc({ type: "minor" });
  const before = process.cpuUsage();
  const accepted = await serve(target, authorizations);
  const { user, system } = process.cpuUsage(before);
  return { microseconds: user + system, accepted };
}
