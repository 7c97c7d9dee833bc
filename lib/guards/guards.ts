import type { Guard } from "../authentication/authorize-request.ts";
import { check } from "../util/option-checks.ts";
import { allowGuard, type AllowOptions } from "./allow.ts";
import { flagGuards, type FlagOptions } from "./flags.ts";
import type { GuardConfig } from "./guard.ts";
import { scopeGuard, type ScopeOptions } from "./scopes.ts";

/** The options of `authenticate()` that create guards. */
export interface GuardOptions<User> extends FlagOptions, ScopeOptions, AllowOptions<User> {}

/** In the order in which the guards are called. */
const GUARD_GROUPS = [flagGuards, scopeGuard, allowGuard] as const;

type OptionName = keyof GuardOptions<unknown>;

export const GUARD_OPTION_NAMES: readonly OptionName[] = GUARD_GROUPS.flatMap<OptionName>(
  ({ options }) => options,
);

/**
 * Checks the options and creates the guards. Throws a TypeError for an option that is set to `undefined`:
 * a misspelled variable must not remove a condition.
 */
export function createGuards<User>(
  given: Readonly<Partial<Record<OptionName, unknown>>>,
  config: GuardConfig,
): readonly Guard<User>[] {
  for (const [name, value] of Object.entries(given)) {
    check(value !== undefined, name, "left out, or have a value other than undefined");
  }
  return GUARD_GROUPS.flatMap<Guard<User>>(({ create }) => create(given, config));
}
