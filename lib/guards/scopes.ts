import type { Guard } from "../authentication/authorize-request.ts";
import { InsufficientScopeError } from "../errors/auth-errors.ts";
import type { VerifiedClaims } from "../token/claims.ts";
import { check, readOptions } from "../util/option-checks.ts";
import { getOwnProperty, isPlainObject } from "../util/own-property.ts";
import type { GuardGroup } from "./guard.ts";

/** The condition on the scopes of a token. */
export interface ScopeOptions {
  /**
   * Requires all of these scopes, or one of `{ anyOf: [...] }`; otherwise a 403 with the scopes in the
   * challenge (RFC 6750 section 3). They are read from the claim `scope` (RFC 8693 section 4.2) or, if
   * the token does not have it, from `scp`: a list separated by spaces, or an array. Default: none.
   */
  readonly scopes?:
    | readonly string[]
    | {
        /** The scopes of which a token must have at least one. */
        readonly anyOf: readonly string[];
      };
}

/** `scope-token` (RFC 6749 section 3.3). */
const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

export const scopeGuard: GuardGroup<"scopes"> = {
  options: ["scopes"],

  create({ scopes }) {
    if (scopes === undefined) return [];
    const isAnyOf = isPlainObject(scopes);
    const list = isAnyOf ? readOptions("scopes", scopes, ["anyOf"]).anyOf : scopes;
    check(
      isScopeList(list),
      isAnyOf ? "scopes.anyOf" : "scopes",
      "a non-empty list of scopes without spaces, quotes and backslashes",
    );
    const required = [...list];

    const guardScopes: Guard<unknown> = ({ claims }) => {
      const granted = readScopes(claims);
      const isGranted = (scope: string): boolean => granted.includes(scope);
      return (isAnyOf ? required.some(isGranted) : required.every(isGranted))
        ? undefined
        : new InsufficientScopeError("scope_missing", required);
    };
    return [guardScopes];
  },
};

/** Most issuers write `scope`; Microsoft Entra ID writes `scp` as a text, Okta as an array. */
function readScopes(claims: VerifiedClaims): readonly unknown[] {
  const scope = getOwnProperty(claims, "scope") ?? getOwnProperty(claims, "scp");
  if (typeof scope === "string") return scope.split(" ");
  return Array.isArray(scope) ? scope : [];
}

function isScopeList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && Array.from<unknown>(value).every(isScopeToken);
}

function isScopeToken(scope: unknown): boolean {
  return typeof scope === "string" && SCOPE_TOKEN.test(scope);
}
