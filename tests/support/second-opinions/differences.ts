import { isUtf8 } from "node:buffer";
import type { TokenRefusalReason } from "../../../lib/errors/auth-errors.ts";
import { readTokenParts, type TokenParts } from "./token-parts.ts";

/** A kind of token that other libraries accept and this package refuses. */
export interface Difference {
  readonly name: string;
  readonly reason: TokenRefusalReason;
  readonly applies: (parts: TokenParts) => boolean;
}

const BYTE_ORDER_MARK = Buffer.from("\ufeff");

/** All differences. For any other token, the verdicts must be the same. */
export const DIFFERENCES: readonly Difference[] = [
  {
    name: "longer than maxTokenLength",
    reason: "token_too_long",
    applies: ({ token }) => token.length > 8192,
  },
  {
    name: "base64url that is not canonical",
    reason: "malformed",
    applies: ({ segments }) =>
      segments.some((text) => Buffer.from(text, "base64url").toString("base64url") !== text),
  },
  {
    name: "a header that is not UTF-8",
    reason: "malformed",
    applies: ({ headerBytes }) => !isUtf8(headerBytes),
  },
  {
    name: "a header after a byte order mark",
    reason: "malformed",
    applies: ({ headerBytes }) => startsWithByteOrderMark(headerBytes),
  },
  {
    name: "a payload that is not UTF-8",
    reason: "malformed",
    applies: ({ payloadBytes }) => !isUtf8(payloadBytes),
  },
  {
    name: "a payload after a byte order mark",
    reason: "malformed",
    applies: ({ payloadBytes }) => startsWithByteOrderMark(payloadBytes),
  },
  {
    name: "crit",
    reason: "header_unsupported",
    applies: ({ header }) => Object.hasOwn(header, "crit"),
  },
  {
    name: "b64",
    reason: "header_unsupported",
    applies: ({ header }) => Object.hasOwn(header, "b64"),
  },
  {
    name: "a typ that is not JWT",
    reason: "header_unsupported",
    applies: ({ header: { typ = "JWT" } }) =>
      typeof typ !== "string" || !/^(application\/)?jwt$/i.test(typ),
  },
  {
    name: "a kid that is not a string",
    reason: "header_unsupported",
    applies: ({ header: { kid = "" } }) => typeof kid !== "string",
  },
  {
    name: "a signature without its leading zero",
    reason: "signature_invalid",
    applies: ({ signatureBytes, header: { alg } }) =>
      /^[RP]S/.test(String(alg)) && signatureBytes.length < 256,
  },
  {
    name: "a string of JSON as payload",
    reason: "claims_invalid",
    applies: ({ payload }) => typeof payload === "string",
  },
  {
    name: "an own __proto__",
    reason: "claims_invalid",
    applies: ({ claims }) => Object.hasOwn(claims, "__proto__"),
  },
  {
    name: "sub that is not a string, is empty or is not well-formed",
    reason: "claims_invalid",
    applies: ({ claims: { sub } }) => typeof sub !== "string" || sub === "" || !sub.isWellFormed(),
  },
  {
    name: "aud with a member that is not a string",
    reason: "claims_invalid",
    applies: ({ claims: { aud } }) =>
      Array.isArray(aud) && aud.some((one) => typeof one !== "string"),
  },
  {
    name: "iss that is not a string",
    reason: "claims_invalid",
    applies: ({ claims: { iss = "" } }) => typeof iss !== "string",
  },
  {
    name: "jti that is not a string",
    reason: "claims_invalid",
    applies: ({ claims: { jti = "" } }) => typeof jti !== "string",
  },
  {
    name: "a time that is not a number of seconds until the year 9999",
    reason: "claims_invalid",
    applies: ({ claims: { exp = 0, nbf = 0, iat = 0 } }) => ![exp, nbf, iat].every(isNumericDate),
  },
  {
    name: "no exp, although tokens must expire",
    reason: "expiry_missing",
    applies: ({ claims }) => !Object.hasOwn(claims, "exp"),
  },
  {
    name: "iat in the future",
    reason: "token_not_yet_valid",
    applies: ({ claims: { iat } }) => typeof iat === "number" && iat > Date.now() / 1000,
  },
];

/** The difference that explains the refusal of a token for a reason, or `undefined`. */
export function findDifference(token: string, reason: TokenRefusalReason): Difference | undefined {
  const parts = readTokenParts(token);
  return DIFFERENCES.find((one) => one.reason === reason && one.applies(parts));
}

function startsWithByteOrderMark(bytes: Buffer): boolean {
  return bytes.subarray(0, 3).equals(BYTE_ORDER_MARK);
}

function isNumericDate(value: unknown): boolean {
  return typeof value === "number" && Number.isFinite(value) && value <= 253_402_300_799;
}
