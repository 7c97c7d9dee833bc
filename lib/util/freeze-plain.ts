/**
 * Freezes plain objects and lists all the way down. Objects of a class keep their own rules: a typed
 * array cannot be frozen.
 */
export function freezePlain<T>(value: T): T {
  const pending: unknown[] = [value];
  while (pending.length > 0) {
    const next = pending.pop();
    // What is frozen already also ends a cycle.
    if (!isPlain(next) || Object.isFrozen(next)) continue;
    Object.freeze(next);
    pending.push(...Object.values<unknown>(next as Record<string, unknown>));
  }
  return value;
}

function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || Array.isArray(value);
}
