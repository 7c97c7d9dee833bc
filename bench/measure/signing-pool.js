// jsonwebtoken in worker threads: the event loop sends claims and gets tokens.
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";

const script = new URL("./signing-pool.worker.js", import.meta.url);

/** One core stays with the event loop. */
const SIZE = Math.max(1, availableParallelism() - 1);

/** Starts the workers, each with the key, and gives the function that lets them sign in turn. */
export async function startSigningPool(key, algorithm) {
  const waiting = new Map();
  let serial = 0;
  const workers = Array.from({ length: SIZE }, () => {
    const worker = new Worker(script, { workerData: { key, algorithm } });
    worker.on("message", ({ id, token }) => {
      waiting.get(id)(token);
      waiting.delete(id);
    });
    return worker;
  });
  await Promise.all(workers.map((worker) => once(worker, "online")));

  return function sign(claims) {
    return new Promise((resolve) => {
      const id = serial++;
      waiting.set(id, resolve);
      workers[id % SIZE].postMessage({ id, claims });
    });
  };
}
