/** A value, or a promise of it. */
export type Awaitable<T> = T | PromiseLike<T>;

export function isPromiseLike<T>(value: Awaitable<T>): value is PromiseLike<T> {
  return (
    ((typeof value === "object" && value !== null) || typeof value === "function") &&
    typeof (value as { then?: unknown }).then === "function"
  );
}

/** Passes a value on: synchronously unless it is a promise, which a known token never needs. */
export function andThen<T, R>(
  value: Awaitable<T>,
  onResult: (value: T) => Awaitable<R>,
): Awaitable<R> {
  return isPromiseLike(value) ? Promise.resolve(value).then(onResult) : onResult(value);
}
