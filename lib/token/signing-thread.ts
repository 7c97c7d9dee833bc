import type { KeyObject } from "node:crypto";
import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
import type jsonwebtoken from "jsonwebtoken";

/** What the thread is given: the arguments of `jsonwebtoken.sign`. A KeyObject is shared, not copied. */
export type SigningTask = readonly [
  payload: string,
  key: KeyObject,
  options: jsonwebtoken.SignOptions,
];

/** Signs in the thread. Rejects where the thread has ended. */
export type SignInThread = (task: SigningTask) => Promise<string>;

const SCRIPT = `
const { parentPort, workerData } = require("node:worker_threads");
const { sign } = require(workerData);
parentPort.on("message", ([id, task]) => parentPort.postMessage([id, sign(...task)]));
`;

/** Whoever waits for a token. */
interface Waiting {
  readonly resolve: (token: string) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Starts a thread that signs with `jsonwebtoken`, one token after the other, while the event loop goes
 * on. It keeps the process alive only while somebody waits for a token. Throws where threads are not
 * permitted, or where `jsonwebtoken` has no file of its own, as in a bundle.
 */
export function startSigningThread(library: typeof jsonwebtoken): SignInThread {
  const worker = new Worker(SCRIPT, {
    eval: true,
    name: "express-jwt-strategy",
    workerData: fileOf(library),
    execArgv: [], // what the app preloads is nothing to a thread that signs
    env: {},
  });
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let hasEnded = false;

  function end(): void {
    hasEnded = true;
    for (const { reject } of waiting.values()) reject(ended());
    waiting.clear();
  }

  worker.on("error", end);
  worker.on("exit", end);
  worker.on("message", ([id, token]: [number, string]) => {
    waiting.get(id)?.resolve(token);
    waiting.delete(id);
    if (waiting.size === 0) worker.unref();
  });
  worker.unref(); // last, since whoever listens for messages is waited for

  return (task) =>
    new Promise((resolve, reject) => {
      if (hasEnded) throw ended();
      lastId += 1;
      worker.postMessage([lastId, task]);
      worker.ref();
      waiting.set(lastId, { resolve, reject });
    });
}

function ended(): Error {
  return new Error("The signing thread has ended");
}

/** Where a loaded CommonJS module stands: found the same way from ESM and from CommonJS. */
function fileOf(library: unknown): string {
  const isLibrary = (module?: NodeJS.Module): boolean => module?.exports === library;
  const found = Object.values(createRequire(process.execPath).cache).find(
    // Not one that only passes it on, and may do other things besides.
    (module) => isLibrary(module) && !module?.children.some(isLibrary),
  );
  if (found === undefined) throw new Error("jsonwebtoken has no file of its own");
  return found.filename;
}
