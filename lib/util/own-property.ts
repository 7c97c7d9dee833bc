/**
 * An object's own member: what stands on a prototype, a polluted one even, was not sent. Headers and
 * bodies can carry a `__proto__` of their own.
 */
export function getOwnProperty(object: object, name: string): unknown {
  return Object.hasOwn(object, name) ? (object as Record<string, unknown>)[name] : undefined;
}
