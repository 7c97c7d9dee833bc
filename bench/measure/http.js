import { contenders } from "../contenders/middleware.js";
import { startChild } from "../harness/child.js";
import { openConnection } from "../harness/connection.js";
import { mapValues, summarize } from "../harness/statistics.js";

const serverModule = import.meta.resolve("./server.child.js");
const CONNECTIONS = 16;

/**
 * The server's CPU for a request with a known token, as a multiple of the same route without
 * authentication in the same process. The contender "no authentication" shows the noise.
 */
export async function measureHttp(setup, token, plan) {
  const ratios = mapValues(contenders, () => []);
  for (let round = 0; round < plan.rounds; round++) {
    for (const [name, list] of Object.entries(ratios)) {
      list.push(...(await measureServer(name, setup, token, plan)));
    }
  }
  return mapValues(ratios, summarize);
}

async function measureServer(name, setup, token, plan) {
  const server = startChild(serverModule);
  try {
    const port = await server.call("startGuarded", { name, setup });
    const connections = await Promise.all(
      Array.from({ length: CONNECTIONS }, () => openConnection(port)),
    );
    const cpuOf = async (path, requests) => {
      const before = await server.call("readCpu");
      let left = requests;
      await Promise.all(
        connections.map(async (send) => {
          while (left-- > 0) await send("GET", path, `Authorization: Bearer ${token}`);
        }),
      );
      return (await server.call("readCpu")) - before;
    };

    await cpuOf("/open", plan.warmUp);
    await cpuOf("/guarded", plan.warmUp);
    const ratios = [];
    while (ratios.length < plan.pairs) {
      const open = await cpuOf("/open", plan.requests);
      ratios.push((await cpuOf("/guarded", plan.requests)) / open);
    }
    return ratios;
  } finally {
    await server.stop();
  }
}
