/** Values that an app may throw, including those that make Express continue or that set its response. */
export const THROWN: readonly (readonly [string, unknown])[] = [
  ["undefined", undefined],
  ["null", null],
  ["false", false],
  ["0", 0],
  ["an empty text", ""],
  ['"route"', "route"],
  ['"router"', "router"],
  ["an error with the status 401", httpClientError({ status: 401 })],
  ["an error with the status 200", httpClientError({ status: 200 })],
  ["an error with the statusCode 404", httpClientError({ statusCode: 404 })],
  ["an error with headers", httpClientError({ headers: { "WWW-Authenticate": "Basic" } })],
];

/** The error of an HTTP client for an error response. */
function httpClientError(members: object): Error {
  return Object.assign(new Error("upstream"), members);
}

/** Rejects with any value, not only an Error. */
export function reject(reason: unknown): Promise<never> {
  const error = reason as Error;
  return Promise.reject(error);
}
