import type { Guard } from "../authentication/authorize-request.ts";
import { checkDefined } from "../util/option-checks.ts";
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

/** Checks the options and creates the guards. */
export function createGuards<User>(
  given: Readonly<Partial<Record<OptionName, unknown>>>,
  config: GuardConfig,
): readonly Guard<User>[] {
  checkDefined(given, GUARD_OPTION_NAMES);
  return GUARD_GROUPS.flatMap<Guard<User>>(({ create }) => create(given, config));
}
