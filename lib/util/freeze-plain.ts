import { isPlainObject } from "./own-property.ts";

/**
 * Freezes plain objects and lists all the way down. Objects of a class keep their own rules: a typed
 * array cannot be frozen.
 */
export function freezePlain<T>(value: T): T {
  const pending: unknown[] = [value];
  while (pending.length > 0) {
    const next = pending.pop();
    // What is frozen already also ends a cycle.
    if (!(Array.isArray(next) || isPlainObject(next)) || Object.isFrozen(next)) continue;
    Object.freeze(next);
    pending.push(...Object.values<unknown>(next as Record<string, unknown>));
  }
  return value;
}
