import { describe } from "./openapi/describe.ts";
import type { DescribeStrategyOptions } from "./openapi/describe-options.ts";
import type { Fragments } from "./openapi/document.ts";
import type { JwtStrategy } from "./strategy/jwt-strategy.ts";
import { INTERNALS, isStrategy } from "./strategy/request-strategy.ts";
import { check } from "./util/option-checks.ts";

export type * as OpenApi from "./openapi/document.ts";
export type { DescribeStrategyOptions } from "./openapi/describe-options.ts";

/**
 * Describes the handlers of a strategy, and the security schemes and refusals of guarded operations, as
 * parts of an OpenAPI 3.1 document: plain data, new at each call, for the document of the app.
 *
 * Throws a TypeError if an option is invalid or names a handler that the strategy does not have, if the
 * transport has no `describe`, and for a strategy made by `anyOf()` or `dynamicStrategy()`.
 */
export function describeStrategy(
  strategy: JwtStrategy<unknown, never, unknown>,
  options: DescribeStrategyOptions = {},
): Fragments {
  check(isStrategy(strategy), "The first argument of describeStrategy", "a strategy");
  const { described } = strategy[INTERNALS];
  if (described === undefined) {
    throw new TypeError(
      "describeStrategy requires a strategy made by createJwtStrategy(): with anyOf() or " +
        "dynamicStrategy(), describe the strategies that it uses and merge the results",
    );
  }
  return describe(described, options, (name) => strategy[name]);
}
