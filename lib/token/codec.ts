import { isUtf8 } from "node:buffer";
import type { KeyObject } from "node:crypto";
import jsonwebtoken from "jsonwebtoken";
import type { Awaitable } from "../util/awaitable.ts";
import { checkClaims, type ClaimRules } from "./claim-rules.ts";
import type { VerifiedClaims } from "./claims.ts";
import { deepFreeze } from "../util/deep-freeze.ts";
import { InvalidTokenError, type TokenRefusalReason } from "../errors/auth-errors.ts";
import { createHeaderReader } from "./header.ts";
import { createKeySelection } from "../keys/key-selection.ts";
import type { KeySet } from "../keys/key-set.ts";
import { createSignatureCheck } from "./signature.ts";
import { createSigner } from "./signer.ts";
import { splitToken } from "./format.ts";

/**
 * The claims of a longer token are parsed only behind a good signature: jsonwebtoken parses first, and
 * 8 KB of nested arrays take it ten times as long as a signature takes. Shorter ones are not worth
 * computing the signature twice.
 */
const MAX_UNVERIFIED_LENGTH = 2048;

/** What this package writes into a token. */
export interface IssuedClaims {
  readonly sub: string;
  readonly aud: string | readonly string[];
  readonly exp?: number;
}

/** A token whose signature and claims are good. */
export interface VerifiedToken {
  readonly claims: VerifiedClaims;
  /** The key that verified it. */
  readonly key: KeyObject;
}

/** Verifies a token's text. */
export type VerifyToken = (token: string) => VerifiedToken | InvalidTokenError;

/** Signs claims into a token, and verifies a token into claims. */
export interface TokenCodec {
  /** A promise only where the key is one that signs slowly. */
  readonly sign: (claims: IssuedClaims) => Awaitable<string>;
  readonly verify: VerifyToken;
}

/** Wraps `jsonwebtoken` in what it lets slip: everything around the signature is checked here. */
export function createTokenCodec(keys: KeySet, rules: ClaimRules): TokenCodec {
  const { algorithm, signingKey, verificationKeys } = keys;
  const readHeader = createHeaderReader(
    algorithm,
    verificationKeys.map(({ kid }) => kid),
  );
  const chooseKeys = createKeySelection(verificationKeys);
  const sign = signingKey && createSigner(algorithm, signingKey);
  const hasValidSignature = createSignatureCheck(algorithm);
  // Times are judged by checkClaims, last and without rounding.
  const verifyOptions: jsonwebtoken.VerifyOptions = {
    algorithms: [algorithm],
    ignoreExpiration: true,
    ignoreNotBefore: true,
  };

  function verifySignature(
    token: string,
    signature: string,
    kid: string | undefined,
  ): { payload: unknown; key: KeyObject } | InvalidTokenError {
    const signatureBytes = Buffer.byteLength(signature, "base64url");
    const candidates = chooseKeys(kid);
    let reason: TokenRefusalReason = candidates.isKnown ? "signature_invalid" : "key_not_found";
    for (const { key, rsaBytes = signatureBytes } of candidates.keys) {
      if (signatureBytes !== rsaBytes) continue;
      if (token.length > MAX_UNVERIFIED_LENGTH && !hasValidSignature(token, signature, key))
        continue;
      // Nobody reads what jsonwebtoken says, and a stack would be a third of a bad signature's cost.
      const { stackTraceLimit } = Error;
      Error.stackTraceLimit = 0;
      try {
        return { payload: jsonwebtoken.verify(token, key, verifyOptions), key };
      } catch (error) {
        // Anyone can send what makes it throw other errors, too: they say no more than "not a token".
        if (!(error instanceof jsonwebtoken.JsonWebTokenError)) reason = "malformed";
      } finally {
        Error.stackTraceLimit = stackTraceLimit;
      }
    }
    return new InvalidTokenError(reason);
  }

  return {
    sign(claims) {
      if (sign === undefined) throw new TypeError("secret is needed to sign tokens");
      return sign(claims);
    },

    verify(token) {
      const unverified = splitToken(token);
      if (unverified === undefined) return new InvalidTokenError("malformed");
      const header = readHeader(unverified.header);
      if (typeof header === "string") return new InvalidTokenError(header);
      // jsonwebtoken would read invalid bytes as U+FFFD, and two users' ids as one.
      if (!isUtf8(Buffer.from(unverified.payload, "base64url"))) {
        return new InvalidTokenError("malformed");
      }
      const verified = verifySignature(token, unverified.signature, header.kid);
      if (verified instanceof InvalidTokenError) return verified;
      const claims = checkClaims(verified.payload, rules);
      return claims instanceof InvalidTokenError
        ? claims
        : { claims: deepFreeze(claims), key: verified.key };
    },
  };
}
