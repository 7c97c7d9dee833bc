import { createAuthorization } from "../harness/exchange.js";
import { serveOne } from "../harness/serve.js";

const REFUSED = ["badSignature", "expired", "wrongAudience", "malformed", "garbage", "oversized"];

/** Whoever does not tell good from bad has no place in a comparison. */
export async function checkVerdicts({ name }, middleware, tokens) {
  const show = (token) => serveOne(middleware, createAuthorization(token));
  if (!(await show(tokens.good[0])).letIn) throw new Error(`${name} refuses a good token`);
  for (const kind of REFUSED) {
    const { letIn, status, error } = await show(tokens[kind][0]);
    if (letIn) throw new Error(`${name} lets a token in: ${kind}`);
    // A failure of its own, such as a TypeError over something that our request lacks, is no refusal.
    if (status !== 400 && status !== 401) {
      throw new Error(`${name} does not refuse but fails: ${kind}`, { cause: error });
    }
  }
}
