import { describeRun, toMarkdownSection } from "./markdown.js";
import { toDetailTables } from "./tables.js";
import { judgeTargets, nodeMajor } from "./targets.js";

/** bench/results/README.md: the targets of all Node versions side by side, then each version's tables. */
export function toReport(results) {
  const parts = [
    "# Results",
    "Made by `node bench/report.js` from the JSON files beside it. [How it is measured](../README.md).",
    "![What authentication costs a request](chart.svg)",
    toMarkdownSection(targetsSideBySide(results), 2),
    ...results.flatMap((result) => [
      `## Node.js ${nodeMajor(result)}`,
      describeRun(result),
      ...toDetailTables(result).map((table) => toMarkdownSection(table, 3)),
    ]),
  ];
  return `${parts.join("\n\n")}\n`;
}

function targetsSideBySide(results) {
  const judged = results.map((result) => {
    const rows = judgeTargets(result);
    return new Map(rows.map((row) => [row.name, row]));
  });
  const targets = new Map(
    judged.flatMap((byName) => [...byName.values()].map(({ name, target }) => [name, target])),
  );
  // In the order of the version that promises most.
  const [fullest] = judged.toSorted((a, b) => b.size - a.size);
  const names = [...new Set([...fullest.keys(), ...targets.keys()])];
  return {
    title: "What it must reach",
    note: "Ratios of one run. A dash: promised for other versions of Node.js only.",
    columns: ["case", "target", ...results.map((result) => `Node.js ${nodeMajor(result)}`)],
    rows: names.map((name) => [
      name,
      targets.get(name),
      ...judged.map((byName) => verdict(byName.get(name))),
    ]),
  };
}

function verdict(row) {
  if (row === undefined) return "–";
  return `${row.holds ? "pass" : "**miss**"}: ${row.figure}`;
}
