// Makes from bench/results/*.json what people read: tables, a picture, a few lines of the README.
// With --check it says whether they are in step.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { toChart } from "./report/chart.js";
import { replaceBlock } from "./report/block.js";
import { headlines } from "./report/headlines.js";
import { toMarkdownTable } from "./report/markdown.js";
import { toReport } from "./report/report.js";

const folder = new URL("./results/", import.meta.url);
const readme = new URL("../README.md", import.meta.url);

/** Newest Node.js first: the picture is of that one. */
function readResults() {
  const major = (name) => Number(/^node-(\d+)\.json$/.exec(name)?.[1]);
  return (existsSync(folder) ? readdirSync(folder) : [])
    .filter((name) => major(name) > 0)
    .sort((a, b) => major(b) - major(a))
    .map((name) => JSON.parse(readFileSync(new URL(name, folder), "utf8")));
}

function read(file) {
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

function fail(message) {
  console.error(message);
  process.exit(1);
}

const results = readResults();
if (results.length === 0) fail("No results yet: node bench/run.js --full makes them");

const readmeInStep = replaceBlock(read(readme), toMarkdownTable(headlines(results)));
if (readmeInStep === undefined) fail("README.md has no <!-- bench --> and <!-- /bench -->");

const files = new Map([
  [new URL("README.md", folder), toReport(results)],
  [new URL("chart.svg", folder), toChart(results[0])],
  [readme, readmeInStep],
]);
const stale = [...files].filter(([file, content]) => read(file) !== content);

for (const [file, content] of stale) {
  const name = file.href.slice(new URL("..", import.meta.url).href.length);
  if (process.argv.includes("--check")) {
    console.error(`${name} is out of step: node bench/report.js`);
    process.exitCode = 1;
  } else {
    writeFileSync(file, content);
    console.log(`${name} written`);
  }
}
if (stale.length === 0) console.log("All is in step");
