import { describe } from "@jest/globals";
import { inProcess, overSockets } from "../support/hostile/client.ts";
import { harmlessTokens } from "../support/hostile/harmless.ts";
import { testAttack } from "../support/hostile/suite.ts";
import { createTarget } from "../support/hostile/target.ts";
import { hostileTokens, isRepresentative } from "../support/hostile-tokens.ts";
import { ALGORITHMS } from "../support/keys.ts";

describe.each(ALGORITHMS)("authenticate() with %s", (algorithm) => {
  // HTTP does not depend on the algorithm.
  const connect = isRepresentative(algorithm) ? overSockets : inProcess;

  testAttack(() => {
    const target = createTarget(algorithm);
    return {
      target,
      options: { algorithm, secret: target.key, lifetimeSeconds: 3600 },
      hostile: [...hostileTokens(target)],
      harmless: [...harmlessTokens(target)],
    };
  }, connect);
});
