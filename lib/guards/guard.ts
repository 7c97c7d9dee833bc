import type { Guard } from "../authentication/authorize-request.ts";

/** A group of options of `authenticate()` and the guards that they create. */
export interface GuardGroup<Names extends string> {
  readonly options: readonly Names[];
  /** Checks the options and creates their guards: none if there is nothing to check. */
  readonly create: (
    given: Readonly<Partial<Record<Names, unknown>>>,
    config: GuardConfig,
  ) => readonly Guard<unknown>[];
}

export interface GuardConfig {
  /** `false` if the users of the strategy are claims, which have no flags. */
  readonly loadsUsers: boolean;
  /** The guards follow those of `authenticate()`: they check only what the options require. */
  readonly isFollowUp: boolean;
}
