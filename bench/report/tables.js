import { cases } from "../fixtures/cases.js";
import { createTable, formatNumber } from "./markdown.js";

/** The tables of docs/benchmarks.md. The first result is that of the newest Node.js. */
export function createTables(results) {
  return [
    "### Ratios",
    createSideBySide(results, getRatioRows),
    "### Absolute figures",
    createSideBySide(results, getAbsoluteRows),
    `### Each package, HS256, ${nameNode(results[0])}`,
    createContenderTable(results[0]),
    `Measured on ${results.map(describe).join("; ")}.`,
  ].join("\n\n");
}

const SUMMARY =
  /^(Known token|New token|Bad signature) ÷ the cheapest Express peer|^Known token over HTTP/;

/** The README's four rows. */
export function createSummary(results) {
  return createSideBySide(results, (result) =>
    getRatioRows(result).filter(([name]) => SUMMARY.test(name)),
  );
}

function describe(result) {
  const { openssl, platform, processor, cores } = result.environment;
  return `${nameNode(result)}, OpenSSL ${openssl}, ${platform}, ${processor}, ${cores} cores`;
}

export function nameNode({ mode, environment }) {
  return `Node.js ${environment.node.slice(1)}${mode === "full" ? "" : " (smoke run, not to be kept)"}`;
}

function getRatioRows({ ratios }) {
  return Object.entries(ratios).map(([name, values]) => [
    `${name} (${Object.keys(values).join(" / ")})`,
    Object.values(values).map(formatNumber).join(" / "),
  ]);
}

function getAbsoluteRows({ memory, bystanderP99, loading }) {
  const createRows = (title, values, pick) =>
    Object.entries(values).map(([name, value]) => [`${title}: ${name}`, formatNumber(pick(value))]);
  return [
    ...createRows("Memory of 10,000 known tokens, MB", memory, (bytes) => bytes / 1e6),
    ...createRows(
      "Bystander's p99 with RS256, 4096 bits, ms",
      bystanderP99["RS256, 4096 bits"],
      ({ median }) => median,
    ),
    ...createRows("Loading with import, ms of CPU", loading.import, ({ median }) => median),
  ];
}

/** A column for each Node.js. `getRows(result)` returns pairs of a name and a cell. */
function createSideBySide(results, getRows) {
  const columns = results.map((result) => new Map(getRows(result)));
  const names = [...columns[0].keys()];
  return createTable([
    ["", ...results.map(nameNode)],
    ...names.map((name) => [name, ...columns.map((column) => column.get(name))]),
  ]);
}

function createContenderTable({ inProcess: { HS256 }, http }) {
  const rows = Object.entries(http.HS256).map(([name, { median }]) => [
    name,
    ...cases.map(({ id }) => formatNumber(HS256[id][name]?.median ?? 0)),
    `${formatNumber(median)}×`,
  ]);
  return createTable([["", ...cases.map(({ title }) => title), "Over HTTP"], ...rows]);
}
