import type { Guard } from "../authentication/authorize-request.ts";

/** A group of options of `authenticate()` and the guards that they create. */
export interface GuardGroup<Names extends string> {
  readonly options: readonly Names[];
  /**
   * Checks the options and creates their guards: none if no option is set.
   *
   * @param loadsUsers `false` if the users of the strategy are claims, which have no flags.
   */
  readonly create: (
    given: Readonly<Partial<Record<Names, unknown>>>,
    loadsUsers: boolean,
  ) => readonly Guard<unknown>[];
}
