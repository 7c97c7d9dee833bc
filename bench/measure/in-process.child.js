import { contenderById, loadContender } from "../contenders/index.js";
import { caseGroups } from "../fixtures/cases.js";
import { answerWith } from "../harness/child.js";
import { createSampler } from "./sampler.js";
import { measureStartUp } from "./start-up.js";
import { checkVerdicts } from "./verdicts.js";

let sampler;

const questions = {
  async start({ id, setup, tokens, plan }) {
    const contender = contenderById(id);
    const { times, middleware } = await measureStartUp(contender, setup, tokens.good[0]);
    const make = await loadContender(contender);
    await checkVerdicts(contender, middleware, tokens);
    sampler = createSampler(contender, middleware, () => make(setup), tokens, plan);
    return times;
  },
  warmUp: ({ group }) => sampler.warmUp(caseGroups[group]),
  sample: () => sampler.sample(),
};

answerWith(({ type, ...question }) => questions[type](question));
