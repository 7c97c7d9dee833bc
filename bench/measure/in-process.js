import { fileURLToPath } from "node:url";
import { contenders } from "../contenders/index.js";
import { caseGroups, cases } from "../fixtures/cases.js";
import { startChild } from "../harness/child.js";
import { median, summarize } from "../harness/statistics.js";

const script = fileURLToPath(new URL("./in-process.child.js", import.meta.url));
const everybody = contenders.filter(({ kind }) => kind !== "baseline").map(({ id }) => id);

/**
 * In each round every contender gets a fresh process. Once they are warm they take turns, sample by
 * sample: what slows the machine down for a while slows all of them down.
 */
export async function measureInProcess(setup, tokens, plan) {
  const ids = plan.contenders?.[setup.algorithm] ?? everybody;
  const rounds = [];
  while (rounds.length < plan.rounds) rounds.push(await measureRound(ids, setup, tokens, plan));

  const floors = (testCase, id) => rounds.map((round) => round[id].floor[testCase.id]);
  const nets = (testCase, id) => rounds.flatMap((round) => round[id].net[testCase.id]);
  const startUps = (step, id) => rounds.map((round) => round[id].startUp[step.id]);
  return {
    cases: toTable(cases, ids, (testCase, id) => summarize(nets(testCase, id))),
    floor: Object.fromEntries(
      cases.map((testCase) => [testCase.id, summarize(ids.flatMap((id) => floors(testCase, id)))]),
    ),
    startUp: toTable(START_UP_STEPS, ids, (step, id) => summarize(startUps(step, id))),
  };
}

const START_UP_STEPS = [{ id: "load" }, { id: "make" }, { id: "firstRequest" }];

async function measureRound(ids, setup, tokens, plan) {
  const children = ids.map((id) => ({ id, ...startChild(script, ["--expose-gc"]), samples: [] }));
  const inTurn = async (question, use = () => {}) => {
    for (const child of children) use(child, await child.ask(question(child)));
  };
  try {
    await inTurn(
      ({ id }) => ({ type: "start", id, setup, tokens, plan }),
      (child, startUp) => (child.startUp = startUp),
    );
    for (const group of Object.keys(caseGroups)) {
      await inTurn(() => ({ type: "warmUp", group }));
      for (let turn = 0; turn < plan.samples; turn++) {
        await inTurn(
          () => ({ type: "sample" }),
          (child, samples) => child.samples.push(samples),
        );
      }
    }
  } finally {
    await Promise.all(children.map((child) => child.stop()));
  }
  return Object.fromEntries(children.map((child) => [child.id, subtractFloor(child)]));
}

/** A floor is small, and the median of several is steadier than the one of each pair. */
function subtractFloor({ startUp, samples }) {
  const floor = {};
  const net = {};
  for (const { id } of cases) {
    const pairs = samples.filter((sample) => id in sample).map((sample) => sample[id]);
    floor[id] = median(pairs.map((pair) => pair.floor));
    net[id] = pairs.map((pair) => pair.total - floor[id]);
  }
  return { startUp, floor, net };
}

function toTable(rows, ids, cell) {
  return Object.fromEntries(
    rows.map((row) => [row.id, Object.fromEntries(ids.map((id) => [id, cell(row, id)]))]),
  );
}
