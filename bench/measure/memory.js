import { setImmediate as nextTurn } from "node:timers/promises";
import { contenders } from "../contenders/middleware.js";
import { callInChild } from "../harness/child.js";
import { createAuthorization, serve } from "../harness/exchange.js";

/** Bytes that a cache takes for the given tokens, which are themselves not counted. */
export async function measureMemory(setup, tokens) {
  const results = {};
  for (const name of ["express-jwt-strategy", "fast-jwt, cache"]) {
    results[name] = await callInChild(import.meta.url, "measureOne", { name, setup, tokens });
  }
  return results;
}

/** Runs in a process of its own. */
export async function measureOne({ name, setup, tokens }) {
  const send = async (middleware, list) => {
    const accepted = await serve(middleware, list.map(createAuthorization));
    if (accepted !== list.length) throw new Error(`${accepted} of ${list.length} were accepted`);
  };
  await send(await contenders[name](setup), tokens); // for what is compiled only once
  const middleware = await contenders[name](setup);
  const before = await countKeptBytes();
  await send(middleware, tokens);
  const bytes = (await countKeptBytes()) - before;
  await send(middleware, tokens.slice(0, 1)); // keeps the middleware from being collected before
  return bytes;
}

/** Collects until nothing more is freed: weakly held objects take several turns. */
async function countKeptBytes() {
  for (let least = Infinity; ;) {
    await nextTurn();
    globalThis.gc();
    const { heapUsed, external } = process.memoryUsage();
    const kept = heapUsed + external;
    if (kept > least * 0.999) return kept;
    least = kept;
  }
}
