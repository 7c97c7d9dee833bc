import { createHmac, timingSafeEqual, type KeyObject } from "node:crypto";
import { andThen, type Awaitable } from "../util/awaitable.ts";
import { getOwnProperty } from "../util/own-property.ts";
import type { VerifiedToken } from "../token/codec.ts";

/** The claim that holds it. */
export const STAMP = "stamp";

/** 128 bits: nobody finds another text with the same digest, not even who knows the first. */
const DIGEST_BYTES = 16;
/** No signing input has a NUL: what the secret makes here is never a part of a signature. */
const PURPOSE = "express-jwt-strategy security stamp\0";

/** The text whose change ends all tokens of a user. */
export type GetSecurityStamp<User> = (user: User) => Awaitable<string>;

/** Ties tokens to a text of their user. */
export interface SecurityStamp<User> {
  /** What a token that is signed now says. */
  readonly write: (user: User, sub: string) => Awaitable<string>;
  /**
   * Compares what a token says with what the user is now: gives what a renewal of it says, `undefined`
   * where they differ. One look at the text serves both, so that no token is renewed over a change.
   */
  readonly compare: (user: User, token: VerifiedToken) => Awaitable<string | undefined>;
}

/** Which text, and what its digests are keyed with. */
export interface SecurityStampConfig<User> {
  readonly getSecurityStamp: GetSecurityStamp<User>;
  /** Keys the digests of new tokens. */
  readonly signingKey: KeyObject;
  /**
   * The keys of digests that are not keyed with what signs. `undefined`: a digest is keyed with what has
   * verified its token, and so survives a rotation.
   */
  readonly ownKeys: readonly KeyObject[] | undefined;
}

/** Makes what writes and compares the digests. */
export function createSecurityStamp<User>({
  getSecurityStamp,
  signingKey,
  ownKeys,
}: SecurityStampConfig<User>): SecurityStamp<User> {
  function textOf(user: User): Awaitable<string> {
    return andThen(getSecurityStamp(user), (text: unknown) => {
      if (typeof text === "string" && text !== "") return text;
      throw new TypeError("securityStamp must return a non-empty string");
    });
  }

  return {
    write: (user, sub) => andThen(textOf(user), (text) => digest(signingKey, sub, text)),

    compare: (user, { claims, key }) =>
      andThen(textOf(user), (text) => {
        const given = getOwnProperty(claims, STAMP);
        if (typeof given !== "string") return undefined;
        const matching = (ownKeys ?? [key]).find((one) =>
          isSame(given, digest(one, claims.sub, text)),
        );
        if (matching === undefined) return undefined;
        return matching === signingKey ? given : digest(signingKey, claims.sub, text);
      }),
  };
}

function digest(key: KeyObject, sub: string, text: string): string {
  return createHmac("sha256", key)
    .update(PURPOSE + JSON.stringify([sub, text]))
    .digest()
    .subarray(0, DIGEST_BYTES)
    .toString("base64url");
}

/** Compared as texts: base64url has more than one spelling for the same bytes. */
function isSame(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}
