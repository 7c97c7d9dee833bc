/** In seconds: a bound against mistakes such as milliseconds. */
export const ONE_HUNDRED_YEARS: number = 100 * 365 * 24 * 60 * 60;

/** Throws a TypeError that names the option and what it must be. The value is never shown: it may be a secret. */
export function check(valid: boolean, name: string, mustBe: string): asserts valid {
  if (!valid) throw new TypeError(`${name} must be ${mustBe}`);
}

/** The own members of an options object, each read once. An unknown name is a TypeError. */
export function readOptions<Names extends string>(
  caller: string,
  options: unknown,
  names: readonly Names[],
): Partial<Record<Names, unknown>> {
  check(
    typeof options === "object" && options !== null && !Array.isArray(options),
    `${caller}'s options`,
    "an object",
  );
  const unknown = Object.keys(options).find((name) => !(names as readonly string[]).includes(name));
  if (unknown !== undefined) {
    throw new TypeError(
      `${caller} has no option ${JSON.stringify(unknown)}; it has ${names.join(", ")}`,
    );
  }
  // Without a prototype, so that a polluted Object.prototype cannot add options.
  return { __proto__: null, ...options } as Partial<Record<Names, unknown>>;
}

export function checkBoolean(value: unknown, name: string): asserts value is boolean {
  check(
    typeof value === "boolean",
    name,
    `true or false${typeof value === "string" ? ', not text: convert it with value === "true"' : ""}`,
  );
}

export function checkNumber(
  value: unknown,
  name: string,
  min: number,
  max: number,
): asserts value is number {
  check(
    typeof value === "number" && value >= min && value <= max,
    name,
    `a number from ${min} to ${max}${getTextHint(value, name)}`,
  );
}

export function checkInteger(
  value: unknown,
  name: string,
  min: number,
  max: number,
): asserts value is number {
  check(
    Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max,
    name,
    `a whole number from ${min} to ${max}${getTextHint(value, name)}`,
  );
}

/** The fix for a number that is given as text, such as the value of an environment variable. */
function getTextHint(value: unknown, name: string): string {
  if (typeof value !== "string") return "";
  if (value.trim() !== "" && Number.isFinite(Number(value))) {
    return ", not text: convert it with Number()";
  }
  return name.endsWith("Seconds") ? ", not text: 3600 is one hour" : ", not text";
}

/** Throws a TypeError for an option that is set to `undefined`: a misspelled variable must not remove a restriction. */
export function checkDefined<Name extends string>(
  options: Readonly<Partial<Record<Name, unknown>>>,
  names: readonly Name[],
): void {
  for (const name of names) {
    check(
      options[name] !== undefined || !Object.hasOwn(options, name),
      name,
      "left out, or have a value other than undefined",
    );
  }
}

export function checkFunction(value: unknown, name: string): void {
  check(value === undefined || typeof value === "function", name, "a function");
}
