import type { Guard } from "../authentication/authorize-request.ts";
import { InsufficientScopeError } from "../errors/auth-errors.ts";
import { check } from "../util/option-checks.ts";
import { getOwnProperty } from "../util/own-property.ts";
import type { GuardGroup } from "./guard.ts";

/** The condition on the scopes of a token. */
export interface ScopeOptions {
  /**
   * Requires all of these in the `scope` claim of the token, a list separated by spaces (RFC 8693
   * section 4.2); otherwise a 403 with the scopes in the challenge (RFC 6750 section 3). Default: none.
   */
  readonly scopes?: readonly string[] | undefined;
}

/** `scope-token` (RFC 6749 section 3.3). */
const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

export const scopeGuard: GuardGroup<"scopes"> = {
  options: ["scopes"],

  create({ scopes }) {
    if (scopes === undefined) return [];
    check(
      Array.isArray(scopes) && scopes.length > 0 && Array.from<unknown>(scopes).every(isScopeToken),
      "scopes",
      "a non-empty list of scopes without spaces, quotes and backslashes",
    );
    const required: readonly string[] = [...(scopes as string[])];

    const guardScopes: Guard<unknown> = ({ claims }) => {
      const scope = getOwnProperty(claims, "scope");
      const granted = typeof scope === "string" ? scope.split(" ") : [];
      return required.every((scope) => granted.includes(scope))
        ? undefined
        : new InsufficientScopeError("scope_missing", required);
    };
    return [guardScopes];
  },
};

function isScopeToken(scope: unknown): boolean {
  return typeof scope === "string" && SCOPE_TOKEN.test(scope);
}
