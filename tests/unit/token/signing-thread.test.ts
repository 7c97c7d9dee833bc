import type { KeyObject } from "node:crypto";
import { once } from "node:events";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Worker } from "node:worker_threads";
import { describe, expect, jest, test } from "@jest/globals";
import { startSigningThread, type SigningTask } from "../../../lib/token/signing-thread.ts";
import { isSignedBy } from "../../support/forge.ts";
import { generateRsaPair } from "../../support/keys.ts";

type Library = Parameters<typeof startSigningThread>[0];
interface Threads {
  Worker: typeof Worker;
}

const library = jest.requireActual<Library>("jsonwebtoken");
const pairs = [generateRsaPair(4096), generateRsaPair(3072), generateRsaPair(2048)] as const;
const [{ privateKey }] = pairs;

/** The threads that have been started, each a real one, and what it was given. */
const started: { thread: Worker; options: ConstructorParameters<typeof Worker>[1] }[] = [];

const threads = jest.requireActual<Threads>("node:worker_threads");
const { Worker: Thread } = threads;
jest.spyOn(threads, "Worker").mockImplementation((script, options) => {
  const thread = new Thread(script, options);
  started.push({ thread, options });
  return thread;
});

function start(): { sign: ReturnType<typeof startSigningThread>; thread: Worker } {
  const sign = startSigningThread(library);
  const { thread } = started.at(-1) ?? {};
  if (thread === undefined) throw new Error("no thread has been started");
  return { sign, thread };
}

function taskFor(sub: string, key: KeyObject = privateKey): SigningTask {
  return [JSON.stringify({ sub }), key, { algorithm: "RS256", header: { alg: "RS256" } }];
}

function subjectOf(token: string): unknown {
  const [, payload = ""] = token.split(".");
  return (JSON.parse(Buffer.from(payload, "base64url").toString()) as { sub: unknown }).sub;
}

describe("a thread that signs", () => {
  test("gives each of many the token that they asked for, under their key", async () => {
    const { sign } = start();
    const wanted = Array.from({ length: 60 }, (_, index) => ({
      sub: `user-${index}`,
      pair: pairs[index % pairs.length] ?? pairs[0],
    }));
    const tokens = await Promise.all(
      wanted.map(({ sub, pair }) => sign(taskFor(sub, pair.privateKey))),
    );
    const signed = tokens.map((token) => ({
      sub: subjectOf(token),
      pair: pairs.find(({ publicKey }) => isSignedBy("RS256", publicKey, token)),
    }));
    expect(signed).toEqual(wanted);
  });

  test("lets the event loop go on meanwhile", async () => {
    const { sign } = start();
    const order: string[] = [];
    await Promise.all([
      sign(taskFor("1")).then(() => order.push("token")),
      nextTurn().then(() => order.push("turn")),
    ]);
    expect(order).toEqual(["turn", "token"]);
  });

  test("gets nothing of the app's environment, and preloads nothing", () => {
    start();
    expect(started.at(-1)?.options).toMatchObject({ env: {}, execArgv: [] });
  });

  test("that ends leaves nobody waiting, and says so to who comes later", async () => {
    const { sign, thread } = start();
    const waiting = Promise.allSettled(["1", "2"].map((sub) => sign(taskFor(sub))));
    await Promise.all([once(thread, "exit"), thread.terminate()]);
    const rejected = { status: "rejected", reason: new Error("The signing thread has ended") };
    expect(await waiting).toEqual([rejected, rejected]);
    expect(await Promise.allSettled([sign(taskFor("3"))])).toEqual([rejected]);
  });

  test("that fails over a task ends, and nobody hears what jsonwebtoken said", async () => {
    const { sign } = start();
    const impossible: SigningTask = ["{}", privateKey, { algorithm: "HS256" }];
    await expect(sign(impossible)).rejects.toEqual(new Error("The signing thread has ended"));
  });

  test("is not started for a library without a file of its own", () => {
    const before = started.length;
    expect(() => startSigningThread({ ...library })).toThrow(
      new Error("jsonwebtoken has no file of its own"),
    );
    expect(started.length).toBe(before);
  });
});
