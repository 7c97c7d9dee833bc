import { isUtf8 } from "node:buffer";
import type { KeyObject } from "node:crypto";
import jsonwebtoken from "jsonwebtoken";
import { checkClaims, type ClaimRules } from "./claim-rules.ts";
import type { VerifiedClaims } from "./claims.ts";
import { deepFreeze } from "./deep-freeze.ts";
import { InvalidTokenError } from "./errors.ts";
import { createHeaderCheck, usualHeader } from "./header-rules.ts";
import type { KeyRing } from "./keys/key-ring.ts";
import { splitToken } from "./token-format.ts";

/** What this package writes into a token. */
export interface IssuedClaims {
  readonly sub: string;
  readonly aud: string | readonly string[];
  readonly exp?: number;
}

/** Signs claims into a token, and verifies a token into claims. */
export interface TokenCodec {
  readonly sign: (claims: IssuedClaims) => string;
  readonly verify: (token: string) => VerifiedClaims | InvalidTokenError;
}

/** Wraps `jsonwebtoken` in what it lets slip: everything around the signature is checked here. */
export function createTokenCodec(keys: KeyRing, rules: ClaimRules): TokenCodec {
  const { algorithm, signingKey } = keys;
  const verificationKeys = keys.verificationKeys.map((key) => ({
    key,
    rsaBytes: rsaSignatureBytes(key),
  }));
  const header = usualHeader(algorithm);
  const checkHeader = createHeaderCheck(algorithm);
  // Times are judged by checkClaims, last and without rounding.
  const verifyOptions: jsonwebtoken.VerifyOptions = {
    algorithms: [algorithm],
    ignoreExpiration: true,
    ignoreNotBefore: true,
  };

  function verifySignature(token: string, signature: string): unknown {
    const signatureBytes = Buffer.byteLength(signature, "base64url");
    let reason: "malformed" | "signature_invalid" = "signature_invalid";
    for (const { key, rsaBytes = signatureBytes } of verificationKeys) {
      if (signatureBytes !== rsaBytes) continue;
      // Nobody reads what jsonwebtoken says, and a stack would be a third of a bad signature's cost.
      const { stackTraceLimit } = Error;
      Error.stackTraceLimit = 0;
      try {
        return jsonwebtoken.verify(token, key, verifyOptions);
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
      if (signingKey === undefined) throw new TypeError("secret is needed to sign tokens");
      // Given as text, so that jsonwebtoken adds no iat and the bytes are those of fastapi-users.
      return jsonwebtoken.sign(toAsciiJson(claims), signingKey, { algorithm, header });
    },

    verify(token) {
      const unverified = splitToken(token);
      if (unverified === undefined) return new InvalidTokenError("malformed");
      const headerRefusal = checkHeader(unverified.header);
      if (headerRefusal !== undefined) return new InvalidTokenError(headerRefusal);
      // jsonwebtoken would read invalid bytes as U+FFFD, and two users' ids as one.
      if (!isUtf8(Buffer.from(unverified.payload, "base64url"))) {
        return new InvalidTokenError("malformed");
      }
      const payload = verifySignature(token, unverified.signature);
      if (payload instanceof InvalidTokenError) return payload;
      const claims = checkClaims(payload, rules);
      return claims instanceof InvalidTokenError ? claims : deepFreeze(claims);
    },
  };
}

/**
 * How long an RSA signature must be (RFC 8017 sections 8.1.2 and 8.2.2, step 1). OpenSSL lets a PSS
 * signature leave out its leading zeros, and one token would have two spellings. `undefined` for other keys.
 */
function rsaSignatureBytes(key: KeyObject): number | undefined {
  const modulusLength = key.asymmetricKeyDetails?.modulusLength;
  return modulusLength === undefined ? undefined : Math.ceil(modulusLength / 8);
}

/** JSON as Python's `json.dumps` writes it: everything from U+007F up escaped. */
function toAsciiJson(value: object): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
