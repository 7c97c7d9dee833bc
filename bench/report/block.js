const BEGIN = "<!-- bench -->";
const END = "<!-- /bench -->";

/** A text with new lines between the two markers, or `undefined` where it does not have both. */
export function replaceBlock(text, lines) {
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END, begin);
  if (begin === -1 || end === -1) return undefined;
  return `${text.slice(0, begin + BEGIN.length)}\n\n${lines}\n\n${text.slice(end)}`;
}
