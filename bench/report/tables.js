// A result as tables: each a title, a note, column names and rows of text.
import { contenders } from "../contenders/index.js";
import { cases } from "../fixtures/cases.js";
import { logins } from "../measure/logins.js";
import { megabytes, number, spread, times } from "./format.js";
import { judgeTargets } from "./targets.js";

/** All of a run. */
export function toTables(result) {
  return [targets(result), ...toDetailTables(result)];
}

/** All but the targets, which a report shows side by side for several Node versions. */
export function toDetailTables(result) {
  return [
    ...Object.entries(result.inProcess).map(([algorithm, measured]) =>
      inProcess(algorithm, measured, result.refusals),
    ),
    http(result.http),
    login(result.login),
    startUp(result.inProcess),
    memory(result.memory),
    strategies(result.strategies),
  ];
}

function targets(result) {
  return {
    title: "What it must reach",
    columns: ["case", "target", "measured", ""],
    rows: judgeTargets(result).map(({ name, target, figure, holds }) => [
      name,
      target,
      figure,
      holds ? "pass" : "**miss**",
    ]),
  };
}

function inProcess(algorithm, { cases: byCase, floor }, refusals) {
  return {
    title: `${algorithm}, in-process`,
    note:
      `Microseconds of CPU a request, without what it takes to make one: median (minimum–maximum). ` +
      `What is subtracted is in the last row. Refusals are ${refusals}.`,
    columns: ["", ...cases.map(({ title }) => title)],
    rows: [
      ...measured(contenders, byCase.hot).map(({ id, name }) => [
        name,
        ...cases.map((testCase) => spread(byCase[testCase.id][id])),
      ]),
      ["no authentication", ...cases.map((testCase) => spread(floor[testCase.id]))],
    ],
  };
}

function http(byAlgorithm) {
  const algorithms = Object.keys(byAlgorithm);
  return {
    title: "Over HTTP, one hot token",
    note:
      "CPU of the server a request, as a multiple of the same route without authentication, and in " +
      "microseconds.",
    columns: ["", ...algorithms.flatMap((algorithm) => [algorithm, `${algorithm}, µs`])],
    rows: measured(contenders, byAlgorithm[algorithms[0]]).map(({ id, name }) => [
      name,
      ...algorithms.flatMap((algorithm) => {
        const { ratio, microseconds } = byAlgorithm[algorithm][id];
        return [spread(ratio, times), number(microseconds.median)];
      }),
    ]),
  };
}

function login(byKey) {
  const keys = Object.keys(byKey);
  return {
    title: "What others wait while 100 users a second log in",
    note:
      "Milliseconds until a request that has nothing to do with logins is answered (p50, p99), and " +
      "until a login is (own p50).",
    columns: ["", ...keys.flatMap((key) => [`${key}, p50`, `${key}, p99`, `${key}, own p50`])],
    rows: measured(logins, byKey[keys[0]]).map(({ id, name }) => [
      name,
      ...keys.flatMap((key) => {
        const { p50, p99, loginP50 } = byKey[key][id];
        return [number(p50.median), spread(p99), number(loginP50.median)];
      }),
    ]),
  };
}

function startUp({ HS256 }) {
  const steps = ["load", "make", "firstRequest"];
  return {
    title: "Start-up",
    note:
      "Milliseconds in a fresh process, HS256: to load the package, to make the middleware, to " +
      "answer the first request.",
    columns: ["", "load", "make", "first request"],
    rows: measured(contenders, HS256.startUp.load).map(({ id, name }) => [
      name,
      ...steps.map((step) => spread(HS256.startUp[step][id])),
    ]),
  };
}

function memory({ rememberedTokens, floodTokens, contenders: byContender }) {
  return {
    title: "Memory",
    note:
      `Kept after a full collection: for ${number(rememberedTokens)} RS256 tokens; and under a flood of ` +
      `${number(floodTokens)} distinct tokens, half of them forged, once the cache is full.`,
    columns: ["", "remembered tokens", "a token", "growth under the flood"],
    rows: measured(contenders, byContender).map(({ id, name }) => {
      const { remembered, flood } = byContender[id];
      const each = `${number(remembered.median / rememberedTokens)} bytes`;
      return [name, spread(remembered, megabytes), each, megabytes(flood.growth)];
    }),
  };
}

function strategies({ count, contenders: byContender }) {
  return {
    title: `${number(count)} strategies in one process`,
    note: "Each with a secret of its own, of which none lets in another's token.",
    columns: ["", "kB each", "µs to make each"],
    rows: measured(contenders, byContender).map(({ id, name }) => {
      const { bytesEach, microsecondsEach } = byContender[id];
      return [name, number(bytesEach / 1000), number(microsecondsEach)];
    }),
  };
}

/** Those of a list that have figures: a quick run leaves some out. */
function measured(list, byId) {
  return list.filter(({ id }) => Object.hasOwn(byId, id));
}
