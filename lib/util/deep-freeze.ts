/**
 * Freezes a JSON value all the way down. A list instead of recursion: a token of 8 KB can nest
 * deeper than the call stack is.
 */
export function deepFreeze<T extends object>(value: T): T {
  const pending: object[] = [value];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const member of Object.values(Object.freeze(next))) {
      if (typeof member === "object" && member !== null) pending.push(member as object);
    }
  }
  return value;
}
