import { setName } from "./set-name.ts";

/**
 * The issuer did not respond in time, could not be reached, or its response is not a valid key set.
 * @inline
 */
export type KeysUnavailableReason = "timeout" | "unreachable" | "answer_invalid";

/**
 * 503: the verification keys are unavailable, so no token can be verified. A failure, not a refusal: it
 * goes to `next`, even if authentication is optional.
 */
export class KeysUnavailableError extends Error {
  static {
    setName(this, "KeysUnavailableError");
  }

  /** A stable code. */
  readonly code = "keys_unavailable";
  /** The status of the response. */
  readonly status = 503;
  /** Why, for logs on the server. */
  readonly reason: KeysUnavailableReason;
  readonly #isOne = true;

  constructor(reason: KeysUnavailableReason) {
    super("The verification keys are unavailable");
    this.reason = reason;
  }

  /** The same as `status`: NestJS and Fastify read this name. */
  get statusCode(): 503 {
    return this.status;
  }

  /**
   * Whether a value is one. Does not read its prototype, which may be a proxy.
   * @internal
   */
  static isOne(value: unknown): value is KeysUnavailableError {
    return typeof value === "object" && value !== null && #isOne in value;
  }
}
