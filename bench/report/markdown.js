/** Three significant digits. No locale of the machine is used: a report is the same everywhere. */
export function formatNumber(value) {
  const decimals = 2 - Math.floor(Math.log10(Math.abs(value) || 1));
  return value.toFixed(Math.min(Math.max(decimals, 0), 2));
}

/** A Markdown table, padded as Prettier pads it. */
export function createTable(rows) {
  const widths = rows[0].map((_, index) => Math.max(3, ...rows.map((row) => row[index].length)));
  const lines = [rows[0], widths.map((width) => "-".repeat(width)), ...rows.slice(1)].map(
    (cells) => `| ${cells.map((cell, index) => cell.padEnd(widths[index])).join(" | ")} |`,
  );
  return lines.join("\n");
}

const BEGIN = "<!-- bench -->";
const END = "<!-- /bench -->";

/** Replaces the text between the two markers of a document. */
export function replaceBlock(text, block) {
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END, begin);
  if (begin === -1 || end === -1) throw new Error(`no ${BEGIN} and ${END}`);
  return `${text.slice(0, begin + BEGIN.length)}\n\n${block}\n\n${text.slice(end)}`;
}
