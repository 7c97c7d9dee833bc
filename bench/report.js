// Writes the chart and the tables from results/node-*.json. With --check, fails if they are stale.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createChart } from "./report/chart.js";
import { replaceBlock } from "./report/markdown.js";
import { createSummary, createTables } from "./report/tables.js";

const root = new URL("..", import.meta.url);
const read = (path) => readFileSync(new URL(path, root), "utf8");

/** Newest Node.js first. */
const results = readdirSync(new URL("bench/results/", root))
  .map((name) => /^node-(\d+)\.json$/.exec(name))
  .filter((match) => match !== null)
  .sort((a, b) => b[1] - a[1])
  .map(([name]) => JSON.parse(read(`bench/results/${name}`)));

const CHART = "bench/results/chart.svg";
const image = (path) => `![CPU time of a known and of a new token, for each package](${path})`;
const summary = `${image(CHART)}\n\n${createSummary(results)}`;
const tables = `${image(`../${CHART}`)}\n\n${createTables(results)}`;

const files = {
  [CHART]: createChart(results[0]),
  "README.md": replaceBlock(read("README.md"), summary),
  "docs/benchmarks.md": replaceBlock(read("docs/benchmarks.md"), tables),
};
const stale = Object.keys(files).filter((path) => read(path) !== files[path]);
for (const path of stale) {
  if (process.argv.includes("--check")) {
    console.error(`${path} is stale: run npm run bench:report`);
    process.exitCode = 1;
  } else {
    writeFileSync(new URL(path, root), files[path]);
    console.log(`${path} written`);
  }
}
