// Starts and stops the processes of the fleet.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

export interface RunningProcess {
  readonly name: string;
  /** Sends a signal, and waits until the process exits. */
  stop(signal: NodeJS.Signals): Promise<void>;
}

const running = new Set<RunningProcess>();
const children = new Set<ChildProcess>();

// Stops the processes even if the fleet exits because of an error.
process.once("exit", () => children.forEach((child) => child.kill("SIGKILL")));

/** Starts a program, and writes its output to a file with its name. */
export function startProcess(
  name: string,
  command: readonly [string, ...string[]],
  folder: string,
  env: Readonly<Record<string, string>> = {},
): RunningProcess {
  const output = openSync(join(folder, `${name}.log`), "a");
  const [program, ...args] = command;
  const child: ChildProcess = spawn(program, args, {
    env: { ...process.env, ...env },
    stdio: ["ignore", output, output],
  });
  children.add(child);
  const ended = once(child, "exit").finally(() => children.delete(child));
  const started: RunningProcess = {
    name,
    async stop(signal) {
      running.delete(started);
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      await ended;
    },
  };
  running.add(started);
  return started;
}

/** Starts a TypeScript program of the examples. */
export function startNode(
  name: string,
  file: string,
  folder: string,
  env: Readonly<Record<string, string>>,
): RunningProcess {
  return startProcess(name, [process.execPath, "--import", "tsx", file], folder, env);
}

export async function stopProcesses(): Promise<void> {
  await Promise.all([...running].map((one) => one.stop("SIGKILL")));
}

/** Finds a free port. */
export async function findPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** Checks the condition repeatedly until it is true. */
export async function waitUntil(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await delay(50);
}
