import { fileURLToPath } from "node:url";
import { askFresh, startChild } from "../harness/child.js";
import { quantile, summarize } from "../harness/statistics.js";
import { logins } from "./logins.js";

const serverScript = fileURLToPath(new URL("./login-server.child.js", import.meta.url));
const loadScript = fileURLToPath(new URL("./login-load.child.js", import.meta.url));

/** How long a request that has nothing to do with logins waits while others log in, in milliseconds. */
export async function measureLogins(setups, plan) {
  const ids = logins.map(({ id }) => id).filter((id) => plan.contenders?.includes(id) ?? true);
  const results = {};
  for (let turn = 0; turn < plan.rounds; turn++) {
    for (const [keyName, setup] of Object.entries(setups)) {
      for (const id of ids) {
        const list = ((results[keyName] ??= {})[id] ??= []);
        list.push(await measureBystander(id, setup, plan));
      }
    }
  }
  return mapValues(results, (byLogin) => mapValues(byLogin, describe));
}

async function measureBystander(id, setup, { seconds, loginsPerSecond }) {
  const server = startChild(serverScript);
  try {
    const port = await server.ask({ id, setup });
    return await askFresh(loadScript, { port, seconds, loginsPerSecond });
  } finally {
    await server.stop();
  }
}

function describe(rounds) {
  const percentile = (list, share) => summarize(rounds.map((one) => quantile(one[list], share)));
  return {
    p50: percentile("bystanderDelays", 0.5),
    p99: percentile("bystanderDelays", 0.99),
    loginP50: percentile("loginDelays", 0.5),
  };
}

function mapValues(object, change) {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value)]));
}
