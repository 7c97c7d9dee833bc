import { isNativeError } from "node:util/types";

/**
 * Whether a callback of the app returned a user. Falsy values are no user. Throws a TypeError for a value
 * that is a mistake: a list of rows, an error, a function that was not called.
 */
export function isUser<User>(
  value: User | null | undefined | false,
  callback: string,
): value is User {
  if (!value) return false;
  if (Array.isArray(value) || typeof value === "function" || isNativeError(value)) {
    throw new TypeError(
      `${callback} must return a user or null, not an array, an Error or a function`,
    );
  }
  return true;
}
