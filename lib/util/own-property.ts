/** Returns an own property of an object. Ignores inherited ones: prototype pollution cannot add any. */
export function getOwnProperty(object: object, name: string): unknown {
  return Object.hasOwn(object, name) ? (object as Record<string, unknown>)[name] : undefined;
}

/**
 * Returns a property of an object or of its class. Ignores those of `Object.prototype`: prototype
 * pollution cannot add any.
 */
export function getMember(object: object, name: string): unknown {
  const value = (object as Record<string, unknown>)[name];
  return value === undefined || Object.hasOwn(object, name) || isDeclared(object, name)
    ? value
    : undefined;
}

/** Whether a prototype other than `Object.prototype`, of any realm, has a property. */
function isDeclared(object: object, name: string): boolean {
  let owner: unknown = Object.getPrototypeOf(object);
  while (isObject(owner) && !Object.hasOwn(owner, name)) owner = Object.getPrototypeOf(owner);
  return !isObject(owner) || !isObjectPrototype(owner);
}

/** An object without a prototype may also be the base of others, which an app has made without one. */
function isObjectPrototype(object: object): boolean {
  return Object.getPrototypeOf(object) === null && Object.hasOwn(object, "hasOwnProperty");
}

function isObject(value: unknown): value is object {
  return value !== null;
}

/**
 * Whether a value is an object literal or a parsed JSON object, of any realm: test runners and `node:vm`
 * have an `Object.prototype` of their own. A Map, a Date or an array is not.
 */
export function isPlainObject(value: unknown): value is object {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
