import { getOwnProperty } from "../util/own-property.ts";
import { splitToken } from "./format.ts";

/**
 * Reads the `iss` of a token that no key has verified: it may only choose the keys that verify the token.
 * `undefined` if the token is longer than `maxLength` or malformed, or `iss` is not a string.
 */
export function readUnverifiedIssuer(token: string, maxLength: number): string | undefined {
  if (token.length > maxLength) return undefined;
  const segments = splitToken(token);
  if (segments === undefined) return undefined;
  let payload: unknown;
  try {
    payload = JSON.parse(Buffer.from(segments.payload, "base64url").toString());
  } catch {
    return undefined;
  }
  if (typeof payload !== "object" || payload === null) return undefined;
  const iss = getOwnProperty(payload, "iss");
  return typeof iss === "string" ? iss : undefined;
}
