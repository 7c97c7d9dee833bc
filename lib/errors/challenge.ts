/** What a challenge asks for (RFC 9110 section 11.6.1). */
export interface ChallengeFormat {
  /** The authentication scheme. Default `"Bearer"`. */
  readonly scheme?: string | undefined;
  /** Parameters before the realm. Default: none. */
  readonly parameters?: Readonly<Record<string, string>> | undefined;
}

/** Returns the part of a challenge that is the same for all refusals of a strategy. */
export function startChallenge(
  realm: string,
  { scheme = "Bearer", parameters = {} }: ChallengeFormat = {},
): string {
  const written = Object.entries({ ...parameters, realm }).map(
    ([name, value]) => `${name}="${value}"`,
  );
  return `${scheme} ${written.join(", ")}`;
}
