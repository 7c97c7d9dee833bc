/** Why keys could not be had: the issuer was silent, was not there, or answered something else than keys. */
export type KeysUnavailableReason = "timeout" | "unreachable" | "answer_invalid";

/**
 * 503: the keys that verify tokens cannot be had, so nobody can say whether a token is good. A failure
 * and no refusal: it goes to `next`, also where authentication is optional.
 */
export class KeysUnavailableError extends Error {
  static {
    this.prototype.name = "KeysUnavailableError";
  }

  /** Stable, for code that looks at errors. */
  readonly code = "keys_unavailable";
  /** The status of the answer. */
  readonly status = 503;
  /** What was wrong, for logs on the server. */
  readonly reason: KeysUnavailableReason;
  readonly #isOne = true;

  constructor(reason: KeysUnavailableReason) {
    super("The keys that verify tokens cannot be had");
    this.reason = reason;
  }

  /**
   * Whether a value is one: asks no prototype, which may be a proxy.
   * @internal
   */
  static isOne(value: unknown): value is KeysUnavailableError {
    return typeof value === "object" && value !== null && #isOne in value;
  }
}
