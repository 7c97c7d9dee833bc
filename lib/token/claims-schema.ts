import { andThen, handleRejections, type Awaitable } from "../util/awaitable.ts";
import { debug } from "../util/debug.ts";
import { findPromises } from "../util/find-promises.ts";
import { freezePlain } from "../util/freeze-plain.ts";
import { check } from "../util/option-checks.ts";
import type { ReadResult, VerifiedToken, VerifyToken } from "./codec.ts";

/** The option that validates the claims of an app. */
export interface ClaimsSchemaOptions<Claims> {
  /**
   * A schema of Zod, Valibot, ArkType or any other library with Standard Schema version 1. The claims of
   * a token are validated after its signature and the rules of the other options; a token that does not
   * fit is a 401. What the schema returns is what `currentClaims`, `findUser` and, without `findUser`,
   * `currentUser` return, frozen, and types them; all other options read the claims of the token itself.
   * The result is cached with the token. A promise delays only the first request with a token. What the
   * schema throws is a 500, and so is a promise inside its result. Its messages are only printed under
   * `NODE_DEBUG`. Default: no validation.
   */
  readonly claimsSchema?: ClaimsSchema<Claims>;
}

/** The part of Standard Schema version 1 that is used here. */
interface ClaimsSchema<Claims> {
  readonly "~standard": {
    readonly version: 1;
    readonly validate: (
      value: unknown,
    ) => ValidationResult<Claims> | Promise<ValidationResult<Claims>>;
  };
}

type ValidationResult<Claims> =
  { readonly value: Claims; readonly issues?: undefined } | { readonly issues: readonly Issue[] };

interface Issue {
  readonly message: string;
  /** The names of the members, from the outermost. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** Validates the claims of a verified token. */
export type ValidateClaims = (token: VerifiedToken, payload: unknown) => Awaitable<ReadResult>;

/** Throws a TypeError if the option is not a schema. */
export function resolveClaimsSchema(claimsSchema: unknown): ValidateClaims | undefined {
  if (claimsSchema === undefined) return undefined;
  check(isSchema(claimsSchema), "claimsSchema", "a schema with Standard Schema version 1");
  const standard = claimsSchema["~standard"];

  return function validateClaims(token, payload) {
    return andThen(standard.validate(payload), (result) => {
      if (result.issues) {
        for (const { message, path = [] } of result.issues) {
          debug("claimsSchema refuses the claim %j: %O", path.map(getName).join("."), message);
        }
        return "claims_invalid";
      }
      const promises = findPromises(result.value);
      if (promises.length > 0) {
        handleRejections(promises);
        throw new TypeError("The result of claimsSchema must not contain a promise");
      }
      return { ...token, appClaims: freezePlain(result.value) };
    });
  };
}

function getName(segment: PropertyKey | { readonly key: PropertyKey }): string {
  return String(typeof segment === "object" ? segment.key : segment);
}

/** A schema of ArkType is a function. */
function isSchema(value: unknown): value is ClaimsSchema<unknown> {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return false;
  const standard: unknown = (value as Record<string, unknown>)["~standard"];
  if (typeof standard !== "object" || standard === null) return false;
  const { version, validate } = standard as Record<string, unknown>;
  return version === 1 && typeof validate === "function";
}

/** Adds the validation to the verification of a token. */
export function validateAfter(
  verify: VerifyToken,
  validateClaims: ValidateClaims,
): (token: string) => Awaitable<ReadResult> {
  return function verifyAndValidate(token) {
    const verified = verify(token);
    return typeof verified === "string" ? verified : validateClaims(verified, parseAgain(token));
  };
}

/** Claims of a verified token that are not frozen: ArkType deletes and replaces members of its input. */
function parseAgain(token: string): unknown {
  return JSON.parse(
    Buffer.from(
      token.slice(token.indexOf(".") + 1, token.lastIndexOf(".")),
      "base64url",
    ).toString(),
  );
}
