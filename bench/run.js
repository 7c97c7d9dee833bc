// Measures everything and prints the tables. Writes results/node-<major>.json, unless --smoke.
import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { createSetup } from "./fixtures/setup.js";
import { createTokens } from "./fixtures/tokens.js";
import { measureHttp } from "./measure/http.js";
import { measureInProcess } from "./measure/in-process.js";
import { measureLoading } from "./measure/loading.js";
import { measureLogins } from "./measure/logins.js";
import { measureMemory } from "./measure/memory.js";
import { full, smoke } from "./plans.js";
import { computeRatios } from "./report/ratios.js";
import { createTables } from "./report/tables.js";

const mode = process.argv.includes("--smoke") ? "smoke" : "full";
const plan = { full, smoke }[mode];

/** To stderr, so that stdout has the tables alone. */
function log(message) {
  console.error(`${performance.now().toFixed(0).padStart(7)} ms  ${message}`);
}

const measured = { inProcess: {}, http: {} };
for (const algorithm of ["HS256", "RS256", "ES256"]) {
  log(`${algorithm}, in-process`);
  const setup = createSetup(algorithm);
  const tokens = await createTokens(setup, plan.tokens);
  measured.inProcess[algorithm] = await measureInProcess(setup, tokens, plan.inProcess);
  if (algorithm === "HS256") measured.memory = await measureMemory(setup, tokens.new);
  if (!plan.http.algorithms.includes(algorithm)) continue;
  log(`${algorithm}, over HTTP`);
  measured.http[algorithm] = await measureHttp(setup, tokens.known[0], plan.http);
}
log("logins");
const setups = { HS256: createSetup("HS256"), "RS256, 4096 bits": createSetup("RS256", 4096) };
measured.bystanderP99 = await measureLogins(setups, plan.logins);
log("loading");
measured.loading = await measureLoading(plan.loading);
log("done");

const manifest = new URL("./package.json", import.meta.url);
const environment = {
  node: process.version,
  openssl: process.versions.openssl,
  platform: `${process.platform} ${process.arch}`,
  processor: cpus()[0].model.trim(),
  cores: cpus().length,
  packages: JSON.parse(readFileSync(manifest, "utf8")).dependencies,
};
const result = { mode, environment, ratios: computeRatios(measured), ...measured };
console.log(createTables([result]));
if (mode === "full") {
  const major = Number.parseInt(process.versions.node, 10);
  const file = new URL(`./results/node-${major}.json`, import.meta.url);
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
}
