import { handleRejections, isPromiseLike } from "./awaitable.ts";
import { isPlainObject } from "./own-property.ts";

/**
 * Lists the promises in a value of the app: the value itself, and what lists, plain objects, Maps and Sets
 * contain at any depth. An object of a class is only entered if it is the value itself: others may lead to the
 * whole app. Calls no getter, and a list instead of recursion: the value can nest deeper than the call stack is.
 */
export function findPromises(value: unknown): readonly PromiseLike<unknown>[] {
  const promises: PromiseLike<unknown>[] = [];
  const found = new Set<unknown>([value]);
  for (const next of found) {
    if (isPromiseLike(next)) promises.push(next);
    else if (next === value || isContainer(next))
      listMembers(next).forEach((one) => found.add(one));
  }
  return promises;
}

/** Handles the rejections of the promises in a value that is not used. */
export function handleRejectionsIn(value: unknown): void {
  handleRejections(findPromises(value));
}

function isContainer(value: unknown): boolean {
  return (
    Array.isArray(value) || value instanceof Map || value instanceof Set || isPlainObject(value)
  );
}

function listMembers(value: unknown): readonly unknown[] {
  if (value instanceof Map) return [...value.keys(), ...value.values()];
  if (value instanceof Set) return [...value];
  // The members of a typed array are numbers.
  if (Object(value) !== value || ArrayBuffer.isView(value)) return [];
  return Object.values(Object.getOwnPropertyDescriptors(value)).map(
    (member) => member.value as unknown,
  );
}
