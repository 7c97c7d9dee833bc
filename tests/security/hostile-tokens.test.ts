import { describe } from "@jest/globals";
import { overSockets } from "../support/hostile/client.ts";
import { harmlessTokens } from "../support/hostile/harmless.ts";
import { testAttack } from "../support/hostile/suite.ts";
import { createTarget } from "../support/hostile/target.ts";
import { hostileTokens } from "../support/hostile-tokens.ts";
import { ALGORITHMS } from "../support/keys.ts";

describe.each(ALGORITHMS)("authenticate() with %s", (algorithm) => {
  testAttack(() => {
    const target = createTarget(algorithm);
    return {
      target,
      options: { algorithm, secret: target.key, lifetimeSeconds: 3600 },
      hostile: [...hostileTokens(target)],
      harmless: [...harmlessTokens(target)],
    };
  }, overSockets);
});
