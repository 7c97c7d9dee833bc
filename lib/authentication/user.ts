import { isError } from "../errors/server-error.ts";
import { handleRejectionsIn } from "../util/find-promises.ts";

/**
 * Whether a value of the app is a user. A falsy value is not. Throws a TypeError for a value that is a
 * mistake: a list of rows, an error, a function that was not called.
 *
 * @param name the name of the value.
 */
export function isUser<User>(value: User | null | undefined | false, name: string): value is User {
  if (!value) return false;
  if (Array.isArray(value) || typeof value === "function" || isError(value)) {
    handleRejectionsIn(value);
    throw new TypeError(`${name} must be a user or null, not an array, an Error or a function`);
  }
  return true;
}
