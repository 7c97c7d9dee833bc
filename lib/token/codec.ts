import { isUtf8 } from "node:buffer";
import type { KeyObject } from "node:crypto";
import type { TokenRefusalReason } from "../errors/auth-errors.ts";
import { createKeySelection } from "./key-selection.ts";
import type { KeySet } from "../keys/key-set.ts";
import type { Awaitable } from "../util/awaitable.ts";
import { deepFreeze } from "../util/deep-freeze.ts";
import { checkClaims, type ClaimsConfig, type VerifiedClaims } from "./claims.ts";
import { splitToken } from "./format.ts";
import { createHeaderReader } from "./header.ts";
import { createSignatureCheck } from "./signature.ts";
import { createSigner } from "./signer.ts";

/** The claims that the strategy's own options write. */
export interface IssuedClaims {
  readonly sub: string;
  readonly aud?: string | readonly string[];
  readonly exp?: number;
  readonly iss?: string;
  readonly iat?: number;
}

export interface CodecConfig extends ClaimsConfig {
  /** The values of `typ` that are accepted. The first is written. */
  readonly tokenTypes: readonly [string, ...string[]];
}

/** A token whose signature and claims are valid. */
export interface VerifiedToken {
  readonly claims: VerifiedClaims;
  /** What the app sees as the claims: what `claimsSchema` returned or, without a schema, `claims`. */
  readonly appClaims: unknown;
  /** The key that verified the signature. */
  readonly key: KeyObject;
}

/** A token, or the reason for which it is refused. */
export type ReadResult = VerifiedToken | TokenRefusalReason;

/** Verifies a token. */
export type VerifyToken = (token: string) => ReadResult;

/** Signs claims into a token, and verifies a token into claims. */
export interface TokenCodec {
  /** Returns a promise only if Node's thread pool signs. */
  readonly sign: (claims: IssuedClaims) => Awaitable<string>;
  readonly verify: VerifyToken;
}

/** Creates the codec of a set of keys. */
export function createTokenCodec(keySet: KeySet, config: CodecConfig): TokenCodec {
  const { algorithm, signingKey, verificationKeys } = keySet;
  const readHeader = createHeaderReader(
    algorithm,
    config.tokenTypes,
    verificationKeys.map(({ kid }) => kid),
  );
  const selectKeys = createKeySelection(verificationKeys);
  const hasValidSignature = createSignatureCheck(algorithm);
  const sign = signingKey && createSigner(algorithm, config.tokenTypes[0], signingKey);

  return {
    sign(claims) {
      if (sign === undefined) throw new TypeError("secret is required to sign tokens");
      return sign(claims);
    },

    // In the order of cost and of trust: except for the header, nothing is parsed before its signature is verified.
    verify(token) {
      const segments = splitToken(token);
      if (segments === undefined) return "malformed";
      const header = readHeader(segments.header);
      if (typeof header === "string") return header;
      const { keys, isKnown } = selectKeys(header.kid);
      const key = keys.find((one) => hasValidSignature(token, segments.signature, one));
      if (key === undefined) return isKnown ? "signature_invalid" : "key_not_found";
      const payload = parsePayload(segments.payload);
      if (payload === undefined) return "malformed";
      const reason = checkClaims(payload, config);
      if (reason !== undefined) return reason;
      const claims = deepFreeze(payload as VerifiedClaims);
      return { claims, appClaims: claims, key };
    },
  };
}

/** RFC 7519 section 7.2: the claims are JSON in UTF-8. Decoding would replace invalid bytes by U+FFFD. */
function parsePayload(segment: string): unknown {
  const bytes = Buffer.from(segment, "base64url");
  if (!isUtf8(bytes)) return undefined;
  try {
    return JSON.parse(bytes.toString("utf8")) as unknown;
  } catch {
    return undefined;
  }
}
