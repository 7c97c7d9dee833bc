// The picture: horizontal bars as SVG, readable on light and dark pages, without a font of its own.
import { contenders } from "../contenders/index.js";
import { number, times } from "./format.js";

const WIDTH = 880;
const MARGIN = 20;
const BARS = { left: 256, right: WIDTH - 84, height: 18, step: 25 };
const SHOWN = contenders.filter(({ kind }) => kind !== "baseline");

// The colours are those of GitHub's own pages. A picture has no access to the page's theme, only to
// that of the system.
const STYLE = `
    .page { fill: #ffffff; stroke: #d1d9e0; }
    text { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif; fill: #1f2328; }
    .label { stroke: #ffffff; stroke-width: 4px; paint-order: stroke; stroke-linejoin: round; }
    .title { font-size: 18px; font-weight: 600; }
    .panel { font-size: 14px; font-weight: 600; }
    .note, .tick { fill: #59636e; }
    .tick { font-size: 11px; }
    .ours { font-weight: 700; }
    .grid { stroke: #d1d9e0; }
    .mark { stroke: #59636e; stroke-dasharray: 3 3; }
    .bar { fill: #8c959f; }
    .bar.ours { fill: #0969da; }
    .bar.limit { fill: #c8d1da; }
    @media (prefers-color-scheme: dark) {
      .page { fill: #0d1117; stroke: #3d444d; }
      text { fill: #f0f6fc; }
      .label { stroke: #0d1117; }
      .note, .tick { fill: #9198a1; }
      .grid { stroke: #2a313c; }
      .mark { stroke: #9198a1; }
      .bar { fill: #656c76; }
      .bar.ours { fill: #4493f8; }
      .bar.limit { fill: #3d444d; }
    }`;

export function toChart(result) {
  const { HS256 } = result.inProcess;
  const { node, processor } = result.environment;
  const panels = [
    {
      title: "A token seen before",
      note: "HS256, in-process: microseconds of CPU, logarithmic scale",
      values: (id) => HS256.cases.hot[id]?.median,
      format: (value) => `${number(value)} µs`,
      scale: logarithmic,
    },
    {
      title: "A token seen for the first time",
      note: "HS256, in-process: microseconds of CPU, logarithmic scale",
      values: (id) => HS256.cases.new[id]?.median,
      format: (value) => `${number(value)} µs`,
      scale: logarithmic,
    },
    {
      title: "A whole request over HTTP, with a token seen before",
      note: "HS256: the server's CPU, as a multiple of the same route without authentication (dashed line)",
      values: (id) => result.http.HS256[id]?.ratio.median,
      format: times,
      scale: linear,
    },
  ];

  let y = 76;
  const drawn = panels.map((panel) => {
    const { svg, height } = drawPanel(panel, y);
    y += height;
    return svg;
  });
  const title = `What authentication costs a request on Node.js ${node.slice(1)}`;
  const description = `Shorter is better. Medians, measured on: ${processor}, ${result.environment.cores} cores.`;
  const ours = HS256.cases.hot.ours.median;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y}" viewBox="0 0 ${WIDTH} ${y}" role="img" aria-labelledby="title desc">
  <title id="title">${escape(title)}</title>
  <desc id="desc">${escape(`${description} Three bar charts. A token seen before costs express-jwt-strategy ${number(ours)} microseconds.`)}</desc>
  <style>${STYLE}
  </style>
  <rect class="page" x="0.5" y="0.5" width="${WIDTH - 1}" height="${y - 1}" rx="6"/>
${text(MARGIN, 34, title, "title")}
${text(MARGIN, 55, `${description} Faint bars: limits, no packages.`, "note")}
${drawn.join("\n")}
</svg>
`;
}

function drawPanel({ title, note, values, format, scale }, top) {
  const bars = SHOWN.map(({ id, name, kind }) => ({ name, kind, value: values(id) }))
    .filter(({ value }) => value !== undefined)
    .sort((a, b) => a.value - b.value);
  const { toX, ticks, mark } = scale(bars.map(({ value }) => value));
  const barsTop = top + 48;
  const bottom = barsTop + bars.length * BARS.step - (BARS.step - BARS.height) + 4;
  const lines = [
    ...ticks.map((value) => line(toX(value), barsTop - 4, bottom, "grid")),
    ...ticks.map((value) =>
      text(toX(value), bottom + 14, number(value), "tick", ' text-anchor="middle"'),
    ),
    ...bars.map(({ name, kind, value }, index) => {
      const y = barsTop + index * BARS.step;
      return drawBar({ name, kind, y, end: toX(value), label: format(value) });
    }),
    ...(mark === undefined ? [] : [line(toX(mark), barsTop - 4, bottom, "mark")]),
  ];
  return {
    svg: [
      text(MARGIN, top + 18, title, "panel"),
      text(MARGIN, top + 36, note, "note"),
      ...lines,
    ].join("\n"),
    height: bottom - top + 34,
  };
}

function drawBar({ name, kind, y, end, label }) {
  const baseline = y + BARS.height / 2 + 4.5;
  const width = (end - BARS.left).toFixed(1);
  return [
    text(BARS.left - 10, baseline, name, kind, ' text-anchor="end"'),
    `  <rect class="bar ${kind}" x="${BARS.left}" y="${y}" width="${width}" height="${BARS.height}" rx="2"/>`,
    text((end + 7).toFixed(1), baseline, label, `label ${kind}`),
  ].join("\n");
}

/** Each decade has the same length. It begins below the least value, so that the shortest bar can be seen. */
function logarithmic(values) {
  const least = Math.min(...values) / 2;
  const most = Math.max(...values);
  const span = Math.log(most / least);
  const ticks = [0.1, 1, 10, 100, 1_000, 10_000].filter((tick) => tick >= least && tick <= most);
  const toX = (value) => BARS.left + (Math.log(value / least) / span) * (BARS.right - BARS.left);
  return { toX, ticks };
}

function linear(values) {
  const most = Math.max(...values);
  const ticks = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].filter((tick) => tick <= most);
  return { toX: (value) => BARS.left + (value / most) * (BARS.right - BARS.left), ticks, mark: 1 };
}

function text(x, y, content, className, attributes = "") {
  return `  <text x="${x}" y="${y}" class="${className}"${attributes}>${escape(content)}</text>`;
}

function line(x, top, bottom, className) {
  const at = x.toFixed(1);
  return `  <line class="${className}" x1="${at}" y1="${top}" x2="${at}" y2="${bottom}"/>`;
}

function escape(content) {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
