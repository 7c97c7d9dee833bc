/** The value below which the given share (0 to 1) of all values lies. */
export function quantile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)];
  return below + (sorted[Math.ceil(position)] - below) * (position % 1);
}

export const median = (values) => quantile(values, 0.5);

/** The median, and the quartiles as a measure of the noise. */
export function summarize(values) {
  return {
    median: round(median(values)),
    quartile1: round(quantile(values, 0.25)),
    quartile3: round(quantile(values, 0.75)),
  };
}

/** Four significant digits: more would be noise. */
export const round = (value) => Number(value.toPrecision(4));

export function mapValues(object, change) {
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => [name, change(value, name)]),
  );
}
