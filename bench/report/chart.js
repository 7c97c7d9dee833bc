// One chart as SVG, readable on light and dark pages: the CPU time of a known and of a new token.
import { formatNumber } from "./markdown.js";
import { nameNode } from "./tables.js";

const WIDTH = 760;
const PLOT = { left: 232, right: 590, top: 88 };
const COLUMNS = { known: 662, new: 740 };
const ROW = 24;

const STYLE = `
    text { font: 13px system-ui, "Segoe UI", Roboto, sans-serif; fill: #1f2328; }
    .page { fill: #ffffff; stroke: #d1d9e0; }
    .note { font-size: 11px; fill: #59636e; }
    .end { text-anchor: end; }
    .middle { text-anchor: middle; }
    .ours { font-weight: 700; }
    .line { stroke: #d1d9e0; }
    .known { fill: #0969da; }
    .new { fill: #bc4c00; }
    @media (prefers-color-scheme: dark) {
      text { fill: #f0f6fc; }
      .page { fill: #0d1117; stroke: #3d444d; }
      .note { fill: #9198a1; }
      .line { stroke: #3d444d; }
      .known { fill: #4493f8; }
      .new { fill: #db6d28; }
    }`;

export function createChart(result) {
  const { known, new: fresh } = result.inProcess.HS256;
  const rows = Object.keys(known)
    .map((name) => ({ name, known: known[name].median, new: fresh[name].median }))
    .sort((a, b) => a.known - b.known);
  const bottom = PLOT.top + rows.length * ROW;
  const { toX, ticks } = createScale(rows.flatMap((row) => [row.known, row.new]));
  const { processor, cores } = result.environment;
  const note = `Less is better. Logarithmic scale. Medians on ${nameNode(result)}, ${processor}, ${cores} cores`;
  const title = "Authentication of one request, microseconds of CPU (HS256)";
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${bottom + 36}" width="${WIDTH}" height="${bottom + 36}" role="img" aria-labelledby="title">
  <title id="title">${title}</title>
  <style>${STYLE}
  </style>
  <rect class="page" x="0.5" y="0.5" width="${WIDTH - 1}" height="${bottom + 35}" rx="6"/>
${text(20, 30, title, "ours")}
${text(20, 50, note, "note")}
${text(COLUMNS.known, 74, "known token", "known end")}
${text(COLUMNS.new, 74, "new token", "new end")}
${ticks.map((tick) => drawTick(toX(tick), tick, bottom)).join("\n")}
${rows.map((row, index) => drawRow(row, PLOT.top + index * ROW + ROW / 2, toX)).join("\n")}
</svg>
`;
}

function drawTick(x, value, bottom) {
  const line = `  <line class="line" x1="${x}" y1="${PLOT.top}" x2="${x}" y2="${bottom}"/>`;
  return `${line}\n${text(x, bottom + 16, `${value} µs`, "note middle")}`;
}

function drawRow(row, y, toX) {
  const style = row.name === "express-jwt-strategy" ? "end ours" : "end";
  return [
    text(PLOT.left - 14, y + 4.5, row.name, style),
    `  <line class="line" x1="${toX(row.known)}" y1="${y}" x2="${toX(row.new)}" y2="${y}"/>`,
    dot(toX(row.new), y, "new"),
    dot(toX(row.known), y, "known"),
    text(COLUMNS.known, y + 4.5, formatNumber(row.known), style),
    text(COLUMNS.new, y + 4.5, formatNumber(row.new), style),
  ].join("\n");
}

/** Each decade has the same length. */
function createScale(values) {
  const least = Math.log10(Math.min(...values) / 1.2);
  const span = Math.log10(Math.max(...values) * 1.2) - least;
  const toX = (value) =>
    (PLOT.left + ((Math.log10(value) - least) / span) * (PLOT.right - PLOT.left)).toFixed(1);
  const ticks = [0.1, 1, 10, 100, 1000].filter(
    (tick) => toX(tick) > PLOT.left && toX(tick) < PLOT.right,
  );
  return { toX, ticks };
}

function dot(x, y, className) {
  return `  <circle class="${className}" cx="${x}" cy="${y}" r="5"/>`;
}

function text(x, y, content, className) {
  return `  <text x="${x}" y="${y}" class="${className}">${content}</text>`;
}
