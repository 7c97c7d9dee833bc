// Measures everything and prints it. --full takes longer and writes bench/results/.
// --refusals=passed-on: who has called next(error) is done (see README.md); never written.
import { mkdirSync, writeFileSync } from "node:fs";
import { createSetup } from "./fixtures/setup.js";
import { createTokens } from "./fixtures/tokens.js";
import { describeEnvironment } from "./harness/environment.js";
import { measureHttp } from "./measure/http.js";
import { measureInProcess } from "./measure/in-process.js";
import { measureLogins } from "./measure/login.js";
import { measureMemory, measureStrategies } from "./measure/memory.js";
import { full, quick, ROTATING_TOKENS } from "./plans.js";
import { describeRun, toMarkdownTable } from "./report/markdown.js";
import { toTables } from "./report/tables.js";

const mode = process.argv.includes("--full") ? "full" : "quick";
const refusals = process.argv.includes("--refusals=passed-on") ? "passed on" : "answered";
const plan = { full, quick }[mode];
const begun = performance.now();

/** On stderr: the tables on stdout can be sent to a file. */
function say(what) {
  console.error(`${((performance.now() - begun) / 1000).toFixed(0).padStart(4)} s  ${what}`);
}

const setups = {
  HS256: await createSetup("HS256"),
  RS256: await createSetup("RS256"),
  ES256: await createSetup("ES256"),
  "RS256 2048": await createSetup("RS256", 2048),
  "RS256 4096": await createSetup("RS256", 4096),
};

const tokens = {};
const inProcess = {};
for (const algorithm of plan.algorithms) {
  say(`${algorithm}: tokens`);
  tokens[algorithm] = await createTokens(setups[algorithm], ROTATING_TOKENS);
  say(`${algorithm}: in-process, start-up`);
  inProcess[algorithm] = await measureInProcess(setups[algorithm], tokens[algorithm], {
    ...plan.inProcess,
    refusals,
  });
}

const http = {};
for (const algorithm of plan.http.algorithms) {
  say(`${algorithm}: over HTTP`);
  http[algorithm] = await measureHttp(setups[algorithm], tokens[algorithm].good[0], plan.http);
}

say("logins");
const login = await measureLogins(
  Object.fromEntries(plan.login.keys.map((name) => [name, setups[name]])),
  plan.login,
);

say("memory");
const memory = await measureMemory({ setup: setups.RS256, tokens: tokens.RS256 }, plan.memory);
const strategies = await measureStrategies(plan.strategies);
say("done");

const environment = describeEnvironment();
const result = { mode, refusals, environment, inProcess, http, login, memory, strategies };
console.log(describeRun(result));
for (const table of toTables(result)) {
  console.log(
    `\n${table.title}\n${table.note ? `${table.note}\n` : ""}\n${toMarkdownTable(table)}`,
  );
}

if (mode === "full" && refusals === "answered") {
  const major = Number.parseInt(process.versions.node, 10);
  const folder = new URL("./results/", import.meta.url);
  mkdirSync(folder, { recursive: true });
  writeFileSync(new URL(`node-${major}.json`, folder), `${JSON.stringify(result, null, 2)}\n`);
}
