import { createHmac, timingSafeEqual, type KeyObject } from "node:crypto";
import type { TokenRefusalReason } from "../errors/reasons.ts";
import { isHmacAlgorithm } from "../keys/algorithms.ts";
import { importKeys } from "../keys/key-entry.ts";
import type { KeySet } from "../keys/key-set.ts";
import { importSecretKey, type HmacSecret } from "../keys/secret-key.ts";
import type { VerifiedClaims } from "../token/claims.ts";
import type { VerifiedToken } from "../token/codec.ts";
import type { Awaitable } from "../util/awaitable.ts";
import { check, checkFunction } from "../util/option-checks.ts";
import { getOwnProperty } from "../util/own-property.ts";
import { joinClaims, type CreateUserClaims } from "./user-claims.ts";

/** The claim with the digest. */
const STAMP = "stamp";

/** 128 bits: finding another text with the same digest is infeasible. */
const DIGEST_BYTES = 16;
/** Separates these digests from signatures of the same secret: no signing input contains a NUL. */
const PURPOSE = "express-jwt-strategy security stamp\0";

/** Returns a string of the user. When it changes, all earlier tokens of the user become invalid. */
export type GetSecurityStamp<User> = (user: User) => Awaitable<string>;

/** The options that end all tokens of a user at once. */
export interface SecurityStampOptions<User> {
  /**
   * Returns a text of a user whose change ends all tokens that were issued before, such as the hash of
   * the password. Tokens contain a keyed digest of 128 bits of it in the claim `stamp`; a token with
   * another digest, or without one, is a 401. It must be a non-empty string; any other value is a 500,
   * and so is what it throws. Default: none.
   */
  readonly securityStamp?: GetSecurityStamp<User>;
  /**
   * Keys the digests of `securityStamp` with RS*, PS* and ES*: at least 32 bytes, the same in all
   * services that verify. In a list, the first keys new digests and all are accepted. With HS*, the
   * secret keys them, and setting this is a TypeError. Default: none; required by `securityStamp` with
   * RS*, PS* and ES*.
   */
  readonly securityStampKey?: HmacSecret | readonly HmacSecret[] | undefined;
}

/** The checked {@link SecurityStampOptions}. */
export interface SecurityStampConfig<User> {
  readonly getSecurityStamp: GetSecurityStamp<User>;
  /** Keys new digests. */
  readonly signingKey: KeyObject;
  /**
   * The keys of accepted digests. `undefined`: the key that verified the token, so that digests survive
   * a rotation of secrets.
   */
  readonly ownKeys: readonly KeyObject[] | undefined;
}

export function resolveSecurityStamp<User>(
  { securityStamp, securityStampKey }: { [Name in keyof SecurityStampOptions<User>]: unknown },
  { algorithm, signingKey }: KeySet,
  loadsUsers: boolean,
): SecurityStampConfig<User> | undefined {
  checkFunction(securityStamp, "securityStamp");
  if (securityStamp === undefined) {
    check(securityStampKey === undefined, "securityStamp", "set if securityStampKey is");
    return undefined;
  }
  check(loadsUsers, "findUser", "set if securityStamp is: it finds the user of the stamp");
  const getSecurityStamp = securityStamp as GetSecurityStamp<User>;
  if (isHmacAlgorithm(algorithm)) {
    check(
      securityStampKey === undefined,
      "securityStampKey",
      `left out with ${algorithm}: the secret keys the stamps`,
    );
    check(signingKey !== undefined, "secret", "set if securityStamp is");
    return { getSecurityStamp, signingKey: signingKey.key, ownKeys: undefined };
  }
  if (securityStampKey === undefined) {
    throw new TypeError(
      `securityStamp with ${algorithm} requires securityStampKey: a public key cannot key an HMAC`,
    );
  }
  const ownKeys = importKeys("securityStampKey", securityStampKey, (option, value) =>
    importSecretKey(option, value, "HS256", undefined),
  );
  return { getSecurityStamp, signingKey: ownKeys[0].key, ownKeys: ownKeys.map(({ key }) => key) };
}

/** A layer over `claims` and `findUser` that ties the tokens of a user to a text of that user. */
export interface SecurityStamp<User> {
  /** Adds the stamp to the claims of new tokens. */
  readonly addStamp: (next: CreateUserClaims<User>) => CreateUserClaims<User>;
  /** Compares the stamp of a token with its user. */
  readonly checkStamp: (
    user: User,
    token: VerifiedToken,
  ) => Promise<TokenRefusalReason | undefined>;
}

export function createSecurityStamp<User>({
  getSecurityStamp,
  signingKey,
  ownKeys,
}: SecurityStampConfig<User>): SecurityStamp<User> {
  /**
   * The stamps for renewals of tokens whose own stamp has an older key, of the text that checkStamp has
   * compared. A renewal must not read the text again: it would survive a change in between.
   */
  const renewedStamps = new WeakMap<VerifiedClaims, string>();

  async function getText(user: User): Promise<string> {
    const text: unknown = await getSecurityStamp(user);
    if (typeof text === "string" && text !== "") return text;
    throw new TypeError("securityStamp must return a non-empty string");
  }

  return {
    addStamp: (next) =>
      async function createStampedClaims(user, sub, session) {
        const { renewed } = session;
        const stamp =
          renewed === undefined
            ? digest(signingKey, sub, await getText(user))
            : (renewedStamps.get(renewed) ?? renewed[STAMP]);
        return joinClaims({ [STAMP]: stamp }, await next(user, sub, session));
      },

    async checkStamp(user, { claims, key }) {
      const text = await getText(user);
      const stamp = getOwnProperty(claims, STAMP);
      if (typeof stamp !== "string") return "security_stamp_mismatch";
      const stampKey = (ownKeys ?? [key]).find((one) =>
        isEqual(stamp, digest(one, claims.sub, text)),
      );
      if (stampKey === undefined) return "security_stamp_mismatch";
      if (stampKey !== signingKey) {
        renewedStamps.set(claims, digest(signingKey, claims.sub, text));
      }
      return undefined;
    },
  };
}

function digest(key: KeyObject, sub: string, text: string): string {
  return createHmac("sha256", key)
    .update(PURPOSE + JSON.stringify([sub, text]))
    .digest()
    .subarray(0, DIGEST_BYTES)
    .toString("base64url");
}

/** Compares texts, not bytes: base64url has several encodings of the same bytes. */
function isEqual(one: string, other: string): boolean {
  const [bytes, otherBytes] = [Buffer.from(one), Buffer.from(other)];
  return bytes.length === otherBytes.length && timingSafeEqual(bytes, otherBytes);
}
