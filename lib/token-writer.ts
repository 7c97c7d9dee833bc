import type { UserId } from "./options.ts";
import type { TokenCodec } from "./token.ts";

/** What every token of a strategy has in common. */
export interface TokenTerms {
  readonly tokenAudience: string | readonly string[];
  readonly lifetimeSeconds: number | null;
  readonly maxTokenLength: number;
}

/** Makes the function that signs a token for a user: `sub`, `aud`, `exp`, in this order and no more. */
export function createTokenWriter<LoginUser>(
  codec: TokenCodec,
  userId: (user: LoginUser) => UserId,
  { tokenAudience, lifetimeSeconds, maxTokenLength }: TokenTerms,
): (user: LoginUser) => string {
  return function writeToken(user) {
    const claims = { sub: toSubject(userId(user)), aud: tokenAudience };
    const token = codec.sign(
      lifetimeSeconds === null
        ? claims
        : { ...claims, exp: Math.floor(Date.now() / 1000 + lifetimeSeconds) },
    );
    if (token.length > maxTokenLength) {
      throw new Error("The token is longer than maxTokenLength, so reading would refuse it");
    }
    return token;
  };
}

/** Never a token for "undefined" or "[object Object]". */
function toSubject(id: unknown): string {
  const isId =
    typeof id === "string"
      ? id !== "" && id.isWellFormed()
      : typeof id === "bigint" || Number.isSafeInteger(id);
  if (!isId) {
    throw new TypeError(
      "The user's id must be a non-empty well-formed string, a safe integer or a bigint: " +
        "give createJwtStrategy the userId option if it is not in user.id",
    );
  }
  return String(id);
}
