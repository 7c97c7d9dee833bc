/** A table as Markdown, its columns padded as Prettier pads them. */
export function toMarkdownTable({ columns, rows }) {
  const widths = columns.map((column, index) =>
    Math.max(3, ...[column, ...rows.map((row) => row[index])].map((cell) => cell.length)),
  );
  const line = (cells) =>
    `| ${cells.map((cell, index) => cell.padEnd(widths[index])).join(" | ")} |`;
  return [line(columns), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join(
    "\n",
  );
}

/** A title, a note and a table. */
export function toMarkdownSection(table, level) {
  return [`${"#".repeat(level)} ${table.title}`, table.note, toMarkdownTable(table)]
    .filter((part) => part !== undefined)
    .join("\n\n");
}

export function describeRun({ environment, mode }) {
  const { node, v8, openssl, platform, processor, cores, packages } = environment;
  const versions = Object.entries(packages).map(([name, version]) => `${name} ${version}`);
  return (
    `Node.js ${node} (V8 ${v8}, OpenSSL ${openssl}), ${platform}, ${processor}, ${cores} cores, ${mode} mode.\n` +
    `Packages: ${versions.join(", ")}.`
  );
}
