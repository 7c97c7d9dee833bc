// Run with --expose-gc: what is left after a full collection is what is kept.
import { setImmediate as nextTurn } from "node:timers/promises";
import { contenderById, loadContender } from "../contenders/index.js";
import { createClaims, createSigner } from "../fixtures/tokens.js";
import { createSetup } from "../fixtures/setup.js";
import { answerWith } from "../harness/child.js";
import { createAuthorization } from "../harness/exchange.js";
import { serve } from "../harness/serve.js";

/** Collects until nothing more goes: what is weakly held or still on the stack takes several turns. */
async function keptBytes() {
  for (let least = Infinity; ;) {
    await nextTurn();
    globalThis.gc();
    const { heapUsed, external } = process.memoryUsage();
    const kept = heapUsed + external;
    if (kept > least * 0.999) return kept;
    least = kept;
  }
}

const questions = {
  /** Bytes that remembering tokens takes. The tokens themselves are not counted: they come and go. */
  async remembered({ id, setup, tokens }) {
    const make = await loadContender(contenderById(id));
    await show(make(setup), tokens); // once for what is compiled and allocated only once
    const middleware = make(setup);
    const before = await keptBytes();
    await show(middleware, tokens);
    const bytes = (await keptBytes()) - before;
    await show(middleware, tokens.slice(0, 1)); // keeps it from being collected until here
    return bytes;
  },

  /** Bytes kept at ten points of a flood of distinct tokens, every other one forged. */
  async flood({ id, tokenCount }) {
    const setup = await createSetup("HS256");
    const middleware = (await loadContender(contenderById(id)))(setup);
    const sign = createSigner(setup);
    const forge = createSigner(await createSetup("HS256"));
    const kept = [];
    for (let index = 0; index < tokenCount;) {
      const tokens = [];
      for (const end = index + 1000; index < end; index++) {
        tokens.push(await (index % 2 === 0 ? sign : forge)(createClaims(setup, index)));
      }
      await show(middleware, tokens, tokens.length / 2);
      if (index % (tokenCount / 10) === 0) kept.push(await keptBytes());
    }
    return kept;
  },

  /** Bytes and milliseconds that one of many strategies takes, each with a secret of its own. */
  async many({ id, count }) {
    const make = await loadContender(contenderById(id));
    const setups = [];
    while (setups.length < count) setups.push(await createSetup("HS256"));
    const tokens = await Promise.all(
      setups.map((setup) => createSigner(setup)(createClaims(setup, 1))),
    );
    await show(make(setups[0]), [tokens[0]]);

    const before = await keptBytes();
    const begun = performance.now();
    const strategies = setups.map((setup) => make(setup));
    const milliseconds = performance.now() - begun;
    const bytes = (await keptBytes()) - before;

    // Each lets its own token in and its neighbour's not, also when both have been seen.
    for (let turn = 0; turn < 2; turn++) {
      for (const [index, strategy] of strategies.entries()) {
        await show(strategy, [tokens[index]]);
        await show(strategy, [tokens[(index + 1) % count]], 0);
      }
    }
    return { bytesEach: bytes / count, microsecondsEach: (milliseconds * 1000) / count };
  },
};

async function show(middleware, tokens, expected = tokens.length) {
  const passed = await serve(middleware, tokens.map(createAuthorization));
  if (passed !== expected) throw new Error(`${passed} instead of ${expected} were let in`);
}

answerWith(({ type, ...question }) => questions[type](question));
