import { fileURLToPath } from "node:url";
import { contenders } from "../contenders/index.js";
import { askFresh } from "../harness/child.js";
import { round, summarize } from "../harness/statistics.js";

const script = fileURLToPath(new URL("./memory.child.js", import.meta.url));
const ask = (question) => askFresh(script, question, ["--expose-gc"]);

const PACKAGES_THAT_REMEMBER = contenders
  .filter(({ remembers, kind }) => remembers && kind !== "limit")
  .map(({ id }) => id);

/** What remembering costs, and whether anybody can make it cost more by sending tokens. */
export async function measureMemory({ setup, tokens }, plan) {
  const memory = { rememberedTokens: tokens.good.length, floodTokens: plan.floodTokens };
  memory.contenders = await forEach(plan.contenders ?? PACKAGES_THAT_REMEMBER, async (id) => ({
    remembered: await repeat(plan.rounds, () =>
      ask({ type: "remembered", id, setup, tokens: tokens.good }),
    ),
    flood: describeFlood(await ask({ type: "flood", id, tokenCount: plan.floodTokens })),
  }));
  return memory;
}

/** A thousand tenants in one process. */
export async function measureStrategies(plan) {
  return {
    count: plan.count,
    contenders: await forEach(plan.contenders, async (id) => {
      const { bytesEach, microsecondsEach } = await ask({ type: "many", id, count: plan.count });
      return { bytesEach: round(bytesEach), microsecondsEach: round(microsecondsEach) };
    }),
  };
}

/** By the third of the ten points every cache here is full: what comes on top would be a leak. */
function describeFlood(kept) {
  const [full, ...later] = kept.slice(2);
  return { full: round(full), growth: round(Math.max(...later) - full) };
}

async function repeat(times, measure) {
  const values = [];
  while (values.length < times) values.push(await measure());
  return summarize(values);
}

async function forEach(ids, measure) {
  const results = {};
  for (const id of ids) results[id] = await measure(id);
  return results;
}
