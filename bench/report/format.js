// How figures are written. No locale of the machine is asked: a report is the same everywhere.

/** Three significant digits, thousands with a comma. */
export function number(value) {
  const rounded = Number(value.toPrecision(3));
  return Math.abs(rounded) >= 1000
    ? rounded.toLocaleString("en")
    : rounded
        .toFixed(Math.max(0, 2 - Math.floor(Math.log10(Math.abs(rounded) || 1))))
        .replace(/(\.\d*?)0+$/, "$1")
        .replace(/\.$/, "");
}

export function times(value) {
  return `${value.toFixed(value < 10 ? 2 : 0)}×`;
}

export function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}

/** The median, and how far the samples went. */
export function spread({ median, min, max }, format = number) {
  return `${format(median)} (${format(min)}–${format(max)})`;
}
