/** A value, or a promise of it. */
export type Awaitable<T> = T | PromiseLike<T>;

export function isPromiseLike<T>(value: Awaitable<T>): value is PromiseLike<T> {
  return (
    ((typeof value === "object" && value !== null) || typeof value === "function") &&
    typeof (value as { then?: unknown }).then === "function"
  );
}

/**
 * Throws a TypeError for a promise that a synchronous callback of the app returned. Its rejection is
 * handled: as an unhandled rejection, it would end the process.
 *
 * @param callback the name of the callback.
 */
export function checkSynchronous(value: unknown, callback: string): void {
  checkAwaited(value, `${callback} must not return a promise`);
}

/** Throws a TypeError for a promise that the app has passed instead of its result, and handles its rejection. */
export function checkAwaited(value: unknown, message: string): void {
  if (!isPromiseLike(value)) return;
  handleRejections([value]);
  throw new TypeError(message);
}

/** Handles the rejections of promises whose results are not used. */
export function handleRejections(promises: readonly unknown[]): void {
  void Promise.allSettled(promises);
}

/** Passes a value on: synchronously unless it is a promise, which a known token never needs. */
export function andThen<T, R>(
  value: Awaitable<T>,
  onResult: (value: T) => Awaitable<R>,
): Awaitable<R> {
  return isPromiseLike(value) ? Promise.resolve(value).then(onResult) : onResult(value);
}
