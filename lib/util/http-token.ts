/** `token` (RFC 9110 section 5.6.2). */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Whether a value can name a header, an authentication scheme or one of its parameters. */
export function isToken(value: unknown): value is string {
  return typeof value === "string" && TOKEN.test(value);
}
