import { contenders } from "../contenders/middleware.js";
import { cases } from "../fixtures/cases.js";
import { startChild } from "../harness/child.js";
import { mapValues, median, summarize } from "../harness/statistics.js";

const module = import.meta.resolve("./in-process.child.js");
const names = Object.keys(contenders).filter((name) => name !== "no authentication");

/**
 * Microseconds of CPU for each case and contender. In each round every contender has a new process.
 * When all are warm they take turns, sample by sample: a slow minute of the machine affects all.
 */
export async function measureInProcess(setup, tokens, { rounds, ...plan }) {
  const results = Object.fromEntries(cases.map(({ id }) => [id, {}]));
  for (let round = 0; round < rounds; round++) {
    const children = names.map((name) => ({ name, child: startChild(module), samples: [] }));
    try {
      for (const { name, child } of children) {
        await child.call("start", { name, setup, tokens, plan });
      }
      // New tokens come last: a middleware that is created again and again leaves traces in the
      // optimized code, which a server does not have.
      for (const group of [cases.filter(({ id }) => id !== "new"), [cases[1]]]) {
        for (const { child } of children) await child.call("warmUp", group);
        for (let turn = 0; turn < plan.samples; turn++) {
          for (const { child, samples } of children) samples.push(await child.call("sample"));
        }
      }
    } finally {
      await Promise.all(children.map(({ child }) => child.stop()));
    }
    for (const { name, samples } of children) {
      for (const { id } of cases) (results[id][name] ??= []).push(...subtractFloor(samples, id));
    }
  }
  return mapValues(results, (byName) => mapValues(byName, summarize));
}

/** The floor is small, and its median is steadier than that of each pair. */
function subtractFloor(samples, id) {
  const pairs = samples.filter((sample) => id in sample).map((sample) => sample[id]);
  const floor = median(pairs.map((pair) => pair.floor));
  return pairs.map((pair) => pair.total - floor);
}
