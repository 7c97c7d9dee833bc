import { fileURLToPath } from "node:url";
import { contenders } from "../contenders/index.js";
import { startChild } from "../harness/child.js";
import { summarize } from "../harness/statistics.js";

const serverScript = fileURLToPath(new URL("./http-server.child.js", import.meta.url));
const loadScript = fileURLToPath(new URL("./http-load.child.js", import.meta.url));

/**
 * The server's CPU time for a request with one hot token, as a multiple of the same route without
 * authentication in the same process. "no authentication" in the place of a contender shows how far
 * from 1 noise alone gets.
 */
export async function measureHttp(setup, token, plan) {
  const load = startChild(loadScript);
  const ids = plan.contenders ?? contenders.map(({ id }) => id);
  const windows = new Map(ids.map((id) => [id, []]));
  try {
    for (let round = 0; round < plan.rounds; round++) {
      for (const id of ids) {
        windows.get(id).push(...(await measureServer(id, setup, token, plan, load)));
      }
    }
  } finally {
    await load.stop();
  }
  return Object.fromEntries(
    [...windows].map(([id, pairs]) => [
      id,
      {
        ratio: summarize(pairs.map(({ open, guarded }) => guarded / open)),
        microseconds: summarize(pairs.map(({ guarded }) => guarded)),
        openMicroseconds: summarize(pairs.map(({ open }) => open)),
      },
    ]),
  );
}

/** Pairs of windows on the open route and the guarded one, each pair in the other order than the last. */
async function measureServer(id, setup, token, plan, load) {
  const server = startChild(serverScript);
  try {
    await load.ask({ type: "connect", port: await server.ask({ type: "start", id, setup }) });

    const cpuPerRequest = async (path, requests) => {
      const before = await server.ask({ type: "cpu" });
      await load.ask({ type: "load", path, token, requests });
      const after = await server.ask({ type: "cpu" });
      return (after.user + after.system - before.user - before.system) / requests;
    };

    await cpuPerRequest("/open", plan.warmUp);
    await cpuPerRequest("/guarded", plan.warmUp);
    const pairs = [];
    while (pairs.length < plan.pairs) {
      const order = pairs.length % 2 === 0 ? ["open", "guarded"] : ["guarded", "open"];
      const pair = {};
      for (const route of order) pair[route] = await cpuPerRequest(`/${route}`, plan.requests);
      pairs.push(pair);
    }
    return pairs;
  } finally {
    await server.stop();
  }
}
